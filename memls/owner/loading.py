"""What takes long to import, and when: nobody should wait for what he does not need."""


def load_store() -> None:
    """What opens a repository, once `initialize` is answered."""
    import memls.owner.host
    import memls.store  # noqa: F401


def load_agent() -> None:
    """What only questions to the agent need, at the first one."""
    import memls.agent.conversation
    import memls.models.openai  # noqa: F401
