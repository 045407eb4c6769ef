"""Every error a user can meet: one line that says what happened, with what, and what to do.

The exit code of a command is the code of the error that ended it.
"""


class MemlsError(Exception):
    """An error made for the reader. `str(error)` is the whole line; `exit_code` is the process's."""

    exit_code = 3


class UsageError(MemlsError):
    """Wrong use or configuration: a bad path, an unknown option value, a malformed file."""

    exit_code = 2


class NotFoundError(MemlsError):
    """The question was well formed and the answer is: there is none."""

    exit_code = 1


class MachineError(MemlsError):
    """The machine failed: disk full, permission denied, a database held by another process."""


class LostError(MachineError):
    """The process that owned the repository is gone: the call may be made again, of the next owner."""


class ModelError(MemlsError):
    """The model or its endpoint failed. `retryable` says whether the same request may succeed later."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class ContextOverflowError(ModelError):
    """The provider counted more tokens than its limit.

    `limit` and `counted` are the provider's own numbers in tokens, or None where its message had none.
    """

    def __init__(self, message: str, *, limit: int | None = None, counted: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit
        self.counted = counted
