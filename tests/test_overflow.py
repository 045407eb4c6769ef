"""How each provider says that a request is too long."""

import pytest

from memls.models.overflow import Overflow, find_overflow

OVERFLOWS: list[tuple[str, int | None, int | None]] = [
    # OpenAI, Azure
    (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens.",
        8192,
        8227,
    ),
    (
        "This model's maximum context length is 4097 tokens. However, you requested 4920 tokens (3120 in the "
        "messages, 800 in the functions, and 1000 in the completion). Please reduce the length.",
        4097,
        3920,
    ),
    (
        "This model's maximum context length is 8191 tokens, however you requested 10346 tokens (10341 in "
        "your prompt; 5 for the completion). Please reduce your prompt; or completion length.",
        8191,
        10341,
    ),
    (
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 509178 tokens.",
        272000,
        509178,
    ),
    (
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        None,
        None,
    ),
    # vLLM
    (
        "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 "
        "in the messages, 10000 in the completion). Please reduce the length of the messages or completion.",
        16384,
        112946,
    ),
    (
        "This model's maximum context length is 32768 tokens. However, you requested 0 output tokens and "
        "your prompt contains at least 32769 input tokens, for a total of at least 32769 tokens.",
        32768,
        None,
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is "
        "4096 tokens and your request has 50 input tokens (4096 > 4096 - 50).",
        4096,
        50,
    ),
    ("The decoder prompt (length 40000) is longer than the maximum model length of 32768.", 32768, 40000),
    ("max_tokens must be at least 1, got -186.", None, None),
    # llama.cpp, llama-cpp-python
    (
        "request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it",
        8192,
        14429,
    ),
    ("the request exceeds the available context size. try increasing the context size", None, None),
    ("Context size has been exceeded.", None, None),
    ("Requested tokens (2285) exceed context window of 2048", 2048, 2285),
    # Ollama
    ("the input length exceeds the context length", None, None),
    ("prompt too long; exceeded max context length by 4021 tokens", None, None),
    # LM Studio
    (
        "Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with "
        "context length of only 4096 tokens, which is not enough.",
        4096,
        15857,
    ),
    (
        "The number of tokens to keep from the initial prompt is greater than the context length "
        "(n_keep: 10247 >= n_ctx: 4096). Try to load the model with a larger context length",
        4096,
        10247,
    ),
    # SGLang, TGI, OpenRouter, Mistral, Groq, xAI, Gemini, Anthropic, Kimi, Copilot, DashScope
    ("The input (35000 tokens) is longer than the model's context length (32768 tokens).", 32768, 35000),
    (
        "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a "
        "total of 33000 tokens: 30000 tokens from the input messages and 3000 tokens for the completion.",
        32768,
        30000,
    ),
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` "
        "tokens and 100 `max_new_tokens`",
        4096,
        5000,
    ),
    (
        "This endpoint's maximum context length is 128,000 tokens. However, you requested about 140,000 "
        "tokens (135,000 of text input, 3,000 of tool input, 2,000 in the output).",
        128000,
        138000,
    ),
    ("Prompt contains 40000 tokens, too large for model with 32768 maximum context length", 32768, 40000),
    ("Please reduce the length of the messages or completion.", None, None),
    ("This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 131072, 537812),
    (
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
        1048575,
        1196265,
    ),
    ("prompt is too long: 213462 tokens > 200000 maximum", 200000, 213462),
    ("Your request exceeded model token limit: 262144 (requested: 300000)", 262144, 300000),
    ("prompt token count of 200000 exceeds the limit of 128000", 128000, 200000),
    ("Range of input length should be [1, 129024]", 129024, None),
    ("context_length_exceeded", None, None),
]


@pytest.mark.parametrize(("text", "limit", "counted"), OVERFLOWS, ids=[text[:30] for text, *_ in OVERFLOWS])
def test_overflow_is_read_from_each_providers_words(
    text: str, limit: int | None, counted: int | None
) -> None:
    assert find_overflow(text) == Overflow(limit, counted)


@pytest.mark.parametrize(
    "text",
    [
        "Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 4000.",
        "Unsupported parameter: 'max_tokens' is not supported with this model.",
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens",
        "The model `fake` does not exist",
        "",
    ],
)
def test_other_errors_are_no_overflow(text: str) -> None:
    assert find_overflow(text) is None
