"""Which model answers: what the user named, else the extractive default."""

from memls.config import DEFAULT_WINDOW, ModelConfig, models_file
from memls.errors import UsageError
from memls.models.base import Model
from memls.models.extractive import NAME, ExtractiveModel
from memls.models.keys import key_for
from memls.models.profiles import EXTRACTIVE, UNKNOWN, Profile, profile_of


def make_model(config: ModelConfig) -> Model:
    """The configured model. Without a name it is `extractive`: no code leaves the machine unasked.

    Not on an event loop: the keyring may wait for its owner.
    """
    if config.name is None or config.name == NAME:
        return ExtractiveModel()
    from memls.models.openai import OpenAIModel  # imports the client: 1.2 s

    profile = profile_of(config.name, models_file())
    return OpenAIModel(config.name, config.base_url, key_for(config), window=config.window, profile=profile)


def profile_for(model: Model) -> Profile:
    """What is known of a model that was made."""
    profile = getattr(model, "profile", None)
    return profile if isinstance(profile, Profile) else UNKNOWN


def summarises(name: str) -> bool:
    """Whether a model that is lent is asked for summaries: a profile may say that it is not."""
    return profile_of(name, models_file()).summary != EXTRACTIVE


def has_price(model: Model) -> bool:
    """Whether what a call costs will be known."""
    return isinstance(model, ExtractiveModel) or profile_for(model).prices is not None


async def window_of(config: ModelConfig, model: Model, smallest: int) -> int:
    """The window in tokens: configured, asked of the endpoint, known by the name, or DEFAULT_WINDOW."""
    window = config.window or model.window
    discover = getattr(model, "discover_window", None)
    if window is None and discover is not None:
        window = await discover()
    window = window or profile_for(model).window or DEFAULT_WINDOW
    if window < smallest:
        raise UsageError(f"a window of {window} tokens is too small: the smallest is {smallest}")
    return window
