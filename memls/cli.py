"""The commands, and what becomes of their errors.

Results go to standard output, errors as one line to the other. Exit codes: 0 success, 1 a negative result,
2 wrong use or configuration, 3 the model or the machine failed, 130 interrupted.
"""

import io
import os
import sys
from typing import Any

import click

from memls import __version__
from memls.commands.checking import check
from memls.commands.lookups import index, refs, search, status
from memls.commands.memories import memory
from memls.commands.questions import ask
from memls.commands.servers import lsp, mcp, serve
from memls.commands.traces import trace
from memls.errors import MachineError, MemlsError, UsageError
from memls.terminal import warn

_INTERRUPTED = 130
_STREAMS = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))
"""How a closed one is opened: writing results fails, as it would have; nobody is there to be warned."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="memls")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def cli(debug: bool) -> None:
    """Ask questions about a code base of any size, with citations that have been checked."""


for command in (ask, check, index, lsp, mcp, memory, refs, search, serve, status, trace):
    cli.add_command(command)


def main() -> None:
    """The console script."""
    os.umask(0o077)
    _open_streams()
    debug = "--debug" in sys.argv
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (KeyboardInterrupt, click.Abort):
        warn("interrupted; what was done is kept")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        sys.exit(0)
    except click.ClickException as error:
        warn(error.format_message().replace("\n", " "))
        sys.exit(UsageError.exit_code)
    except MemlsError as error:
        if debug:
            raise
        warn(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            raise
        warn(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        sys.exit(MachineError.exit_code)
    except Exception as error:
        if debug:
            raise
        warn(f"internal error, please report it: {type(error).__name__}: {error} (--debug shows where)")
        sys.exit(MachineError.exit_code)


class _Results(io.FileIO):
    """Standard output, which says that it is what failed."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            _drop_output()
            raise MachineError(f"cannot write to standard output: {error.strerror}") from error


def _open_streams() -> None:
    """Open what was closed, else the next file gets the number of standard output (glibc, csu/check_fds.c).

    The lowest number that is free is the one that was closed.
    """
    for name, flags, mode in _STREAMS:
        if getattr(sys, name) is None:
            file = os.open(os.devnull, flags)
            os.set_inheritable(file, True)
            setattr(sys, name, os.fdopen(file, mode, encoding="utf-8", closefd=False))
    given = sys.stdout
    results = io.BufferedWriter(_Results(given.fileno(), "w", closefd=False))
    sys.stdout = io.TextIOWrapper(results, given.encoding, given.errors, line_buffering=given.isatty())


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
