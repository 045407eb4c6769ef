"""The user's key for a model endpoint: from the environment, else from the system's keyring, nowhere else.

The keyring is asked where the extra `memls[keyring]` is installed, under the service `memls` and the
endpoint's host, as `keyring set memls api.openai.com` puts it there. It can take as long as its owner takes
to unlock it: not on an event loop.
"""

import importlib
import logging
from urllib.parse import urlsplit

from memls.config import ModelConfig

SERVICE = "memls"
_DEFAULT_HOST = "api.openai.com"

log = logging.getLogger(__name__)


def key_for(config: ModelConfig) -> str | None:
    """The key of a configured endpoint, or None. Never fails: an endpoint without a key says so itself."""
    if config.api_key:
        return config.api_key
    try:
        host = urlsplit(config.base_url).hostname if config.base_url else _DEFAULT_HOST
        keyring = importlib.import_module("keyring")
    except (ValueError, ImportError):
        return None
    try:
        key = keyring.get_password(SERVICE, host)
    except Exception as error:  # a backend's own: locked, refused by its owner; or there is no backend
        missing = type(error).__name__ == "NoKeyringError"
        level = logging.DEBUG if missing else logging.WARNING
        log.log(level, "the system keyring gave no key for %s: %s", host, type(error).__name__)
        return None
    return str(key) if key else None
