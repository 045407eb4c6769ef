"""Which model would answer a question, as clients are told it."""

from urllib.parse import urlsplit

from memls.config import DEFAULT_WINDOW, ModelConfig
from memls.lsp.contract import ModelInfo
from memls.lsp.settings import Lent, Settings

_EXTRACTIVE = "extractive"
_DEFAULT_HOST = "api.openai.com"


def model_info(settings: Settings) -> ModelInfo:
    """The model that is configured, lent, or the one that needs none."""
    chosen = settings.chosen_model(None, None)
    if isinstance(chosen, Lent):
        return {"kind": "editor", "name": chosen.name, "window": chosen.window or DEFAULT_WINDOW, "host": ""}
    window = chosen.window or 0
    if chosen.name is None or chosen.name == _EXTRACTIVE:
        return {"kind": "extractive", "name": _EXTRACTIVE, "window": window or DEFAULT_WINDOW, "host": ""}
    return {"kind": "endpoint", "name": chosen.name, "window": window, "host": _host(chosen)}


def _host(config: ModelConfig) -> str:
    """Host and port of the endpoint alone: the rest of an address may hold credentials."""
    if not config.base_url:
        return _DEFAULT_HOST
    try:
        parts = urlsplit(config.base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    return f"[{host}]{port}" if ":" in host else f"{host}{port}"
