"""`memls ask`: a question, its options and its answer."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memls.commands.options import catch_up, opened
from memls.errors import MachineError, NotFoundError, UsageError
from memls.terminal import warn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from memls.agent.conversation import AskOptions
    from memls.events import Answer, Event
    from memls.owner.client import Client

_GRACE = 5.0
"""Seconds over its time that a question is given to end by itself, with what it has."""


@click.command()
@click.argument("question")
@click.option("--model", metavar="NAME", help="Default: MEMLS_MODEL, else the extractive default.")
@click.option("--window", type=int, metavar="TOKENS", help="The model's context size, 4096 or more.")
@click.option("--session", metavar="NAME", help="Go on with a conversation, or start one by this name.")
@click.option("--max-steps", type=click.IntRange(1, 1000), default=24, show_default=True)
@click.option("--max-tokens", type=click.IntRange(1000), default=2_000_000, show_default=True)
@click.option("--timeout", type=click.FloatRange(0.1), metavar="SECONDS", help="Answer within this time.")
@click.option("--max-cost", type=click.FloatRange(0, min_open=True), metavar="DOLLARS")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "jsonl"]),
    default="text",
    show_default=True,
)
@click.option("--trace", type=click.Path(dir_okay=False, path_type=Path), help="Record the run in this file.")
@click.option(
    "--repo",
    multiple=True,
    metavar="PATH",
    help="The repository's folder; given again, all of them are asked. Default: the one around this folder.",
)
def ask(
    question: str, model: str | None, window: int | None, session: str | None, max_steps: int,
    max_tokens: int, timeout: float | None, max_cost: float | None, form: str, trace: Path | None,
    repo: tuple[str, ...],
) -> None:  # fmt: skip
    """Answer QUESTION from the code, citing it; succeed when the answer is whole and something was found."""
    from memls.agent.conversation import AskOptions
    from memls.agent.limits import Limits
    from memls.agent.trace import open_trace
    from memls.config import model_config

    config = model_config(model, window)
    if config.name is None and config.base_url:
        warn("OPENAI_BASE_URL is set but no model is named (--model or MEMLS_MODEL): answering without one")
    if trace is not None and len(repo) > 1:
        raise UsageError("--trace records one repository: name one --repo")
    with ExitStack() as held:
        clients = [held.enter_context(opened(one)) for one in repo or (None,)]
        for client in clients:
            catch_up(client)
            if not client.status().files:
                raise NotFoundError(
                    f"there is nothing to read in {client.root}: memls status says what is not indexed"
                )
        options = AskOptions(config, session, Limits(max_steps, max_tokens, timeout or 0, max_cost or 0))
        if trace is not None:
            options = replace(options, trace=held.enter_context(open_trace(trace)))
        answer = _answer(clients, question, options, form, timeout)
    sys.exit(0 if answer and _is_found(answer) else NotFoundError.exit_code)


def _is_found(answer: "Answer") -> bool:
    """Whether the answer is whole. Without a model one that cites nothing says that nothing was found."""
    from memls.models.extractive import NAME

    return answer.status == "answered" and (bool(answer.citations) or answer.model != NAME)


def _answer(
    clients: "Sequence[Client]", question: str, options: "AskOptions", form: str, timeout: float | None
) -> "Answer | None":
    import asyncio
    from contextlib import aclosing

    from memls.answers import AnswerView
    from memls.events import Done

    view = AnswerView(form)

    async def run() -> "Answer | None":
        patience = timeout + _GRACE if timeout else None
        async with asyncio.timeout(patience), aclosing(_events(clients, question, options)) as events:
            async for event in events:
                view.show(event)
                if isinstance(event, Done):
                    return event.result
        return None

    try:
        return asyncio.run(run())
    except TimeoutError:
        raise MachineError(f"no answer within {timeout:g} seconds; what was done so far is kept") from None
    finally:
        view.stop()


def _events(
    clients: "Sequence[Client]", question: str, options: "AskOptions"
) -> "AsyncGenerator[Event, None]":
    if len(clients) == 1:
        return clients[0].ask(question, options)
    from memls.agent.several import ask_several
    from memls.owner.pool import named

    roots = named([client.root for client in clients])
    by_root = {client.root: client for client in clients}
    return ask_several({name: by_root[root].ask for name, root in roots.items()}, question, options)
