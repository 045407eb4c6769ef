"""Which model answers: what the user named, else the extractive default."""

from memls.config import DEFAULT_WINDOW, ModelConfig
from memls.errors import UsageError
from memls.models.base import Model
from memls.models.extractive import NAME, ExtractiveModel


def make_model(config: ModelConfig) -> Model:
    """The configured model. Without a name it is `extractive`: no code leaves the machine unasked."""
    if config.name is None or config.name == NAME:
        return ExtractiveModel()
    from memls.models.openai import OpenAIModel  # imports the client: 1.2 s

    return OpenAIModel(config.name, config.base_url, config.api_key, window=config.window)


async def window_of(config: ModelConfig, model: Model, smallest: int) -> int:
    """The window in tokens: configured, known, asked of the endpoint, or DEFAULT_WINDOW."""
    window = config.window or model.window
    discover = getattr(model, "discover_window", None)
    if window is None and discover is not None:
        window = await discover()
    window = window or DEFAULT_WINDOW
    if window < smallest:
        raise UsageError(f"a window of {window} tokens is too small: the smallest is {smallest}")
    return window
