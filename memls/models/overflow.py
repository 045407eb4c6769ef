"""Reading the refusals of too-long requests, which every provider words in its own way.

Only OpenAI's `code` is a contract; the numbers are in the text alone. The table in `tests/test_models.py`
holds the texts that were seen, one line a provider.
"""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Overflow:
    """A request was too long. Tokens as the provider counted them, or None where it did not say.

    `counted` is the prompt without the room asked for the reply, as far as the text tells them apart. A
    count "of at least" (vLLM stops counting at its limit) is no count.
    """

    limit: int | None = None
    counted: int | None = None


_CODES = (
    "context_length_exceeded",
    "exceed_context_size",
    "context_window_exceeded",
    "contextwindowexceeded",
)

_SIGNS = re.compile(
    r"(?:max|maximum|model's|available) context (?:length|size|window)"
    r"|maximum (?:prompt|model|allowed input) length"
    r"|loaded with context length|reached context length"
    r"|(?:exceeds?|exceeding|exceeded|greater than|longer than)(?: the| its| our)?(?: max| maximum| model's)?"
    r" (?:context|model token limit|number of tokens|maximum number of tokens)"
    r"|context (?:length|size|window|limit)(?: has been)? (?:is )?exceeded|context window exceeds"
    r"|input tokens exceed|(?:prompt|input) (?:is )?too long|prompt exceeds max length"
    r"|token count (?:of |\()?[\d,]+\)? exceeds|reduce the length of the (?:messages|input|prompt)"
    r"|max_tokens must be at least 1, got -"
    r"|inputs` (?:tokens \+|must have less than)|range of input length should be",
    re.IGNORECASE,
)

_N = r"(\d[\d,]*)"

_LIMITS = tuple(
    re.compile(pattern.replace("#", _N), re.IGNORECASE)
    for pattern in (
        r"(?:context|prompt|model|input) (?:length|size|window)(?: is| of)?(?: only)? \(?#",
        r"limit of #|token limit: #|must be <= #|less than # tokens|tokens > #",
        r"tokens allowed \(#",
        r"n_ctx\"?: ?#",
        r"model with # maximum",
        r"should be \[\d+, ?#\]",
    )
)

_COUNTS = tuple(
    re.compile(pattern.replace("#", _N), re.IGNORECASE)
    for pattern in (
        r"\(# (?:in the messages|in your prompt|of text input)"
        r"(?:,? (?:and )?# (?:in the functions|of tool input))?",
        r"# tokens from the input",
        r"resulted in # tokens",
        r"(?:request has|contains) # (?:input )?tokens",
        r"(?:request|input) \(# tokens\)|requested tokens \(#\)|prompt \(length #\)",
        r"keep the first # tokens|n_keep: #",
        r"given: #",
        r"token count (?:of |\()#",
        r"too long: # tokens|\(requested: #\)",
        r"requested(?: about)? # tokens",
    )
)


def find_overflow(text: str, body: object = None) -> Overflow | None:
    """The overflow that a provider's error tells of, or None where it is about something else.

    `text` is the error as one text with its code and type; `body` its JSON, where llama.cpp has the
    numbers in fields. Rate limits talk of tokens too: do not ask about status 429.
    """
    if not (_SIGNS.search(text) or any(code in text.lower() for code in _CODES)):
        return None
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    return Overflow(
        limit=_integer(fields.get("n_ctx")) or _first(_LIMITS, text),
        counted=_integer(fields.get("n_prompt_tokens")) or _first(_COUNTS, text),
    )


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    """The sum of the numbers in the first pattern that matches."""
    for pattern in patterns:
        if match := pattern.search(text):
            return sum(int(number.replace(",", "")) for number in match.groups() if number)
    return None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
