"""Configuration: what the user's environment says, and what a repository may say about itself.

A repository's own file sets ignores, languages and limits. It is untrusted, so it can never name a model
endpoint, a key or a command; such keys are refused with a word.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memls.errors import UsageError
from memls.text import digest

DEFAULT_WINDOW = 16_384
"""Tokens, where neither the user nor the endpoint says: what nearly every model has."""

CONFIGURATION = frozenset({"memls.toml", "pyproject.toml"})
"""Where a repository says how it is to be read."""

_ALLOWED = {"ignore": list, "languages": list, "max_file_bytes": int}
_FORBIDDEN = ("model", "base_url", "api_key", "endpoint", "command", "key")


@dataclass(frozen=True, slots=True)
class RepositoryConfig:
    """`[tool.memls]` in pyproject.toml, or memls.toml: `source` says which. The names are not checked yet."""

    ignore: tuple[str, ...] = ()
    languages: frozenset[str] = frozenset()
    max_file_bytes: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model to ask. `name` None means: none configured, use the extractive default."""

    name: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Folders:
    """Where state lives. `index` can be deleted at any time, `memory` and `user` cannot."""

    index: Path
    memory: Path
    user: Path


def folders(root: Path, environment: Mapping[str, str] = os.environ) -> Folders:
    """The folders of one repository: in the user's cache and data directories, or below MEMLS_HOME."""
    cache, data = _homes(environment)
    name = f"{root.name or 'root'}-{digest(str(root))[:12]}"
    return Folders(cache / name, data / "repositories" / name, data / "user")


def token_file(environment: Mapping[str, str] = os.environ, server: str = "lsp") -> Path:
    """Where the token of a server that listens on a port is, unless the user names another file."""
    return _homes(environment)[1] / f"{server}-token"


def models_file(environment: Mapping[str, str] = os.environ) -> Path:
    """What the user says of models: prices, windows."""
    if home := environment.get("MEMLS_HOME"):
        return Path(home, "config", "models.toml")
    import platformdirs

    return Path(platformdirs.user_config_dir("memls", appauthor=False), "models.toml")


def _homes(environment: Mapping[str, str]) -> tuple[Path, Path]:
    """The user's cache and data folders."""
    if home := environment.get("MEMLS_HOME"):
        return Path(home, "cache"), Path(home, "data")
    import platformdirs

    cache = platformdirs.user_cache_dir("memls", appauthor=False)
    return Path(cache), Path(platformdirs.user_data_dir("memls", appauthor=False))


def model_config(
    name: str | None = None, window: int | None = None, environment: Mapping[str, str] = os.environ
) -> ModelConfig:
    """The command line first, then the environment. A base URL or key alone names no model."""
    chosen = name or environment.get("MEMLS_MODEL") or None
    if window is None and (text := environment.get("MEMLS_WINDOW")):
        window = _tokens(text)
    return ModelConfig(chosen, environment.get("OPENAI_BASE_URL"), environment.get("OPENAI_API_KEY"), window)


def embeddings_config(environment: Mapping[str, str] = os.environ) -> ModelConfig | None:
    """The model for embeddings, where the user names one. Its endpoint and key are the other model's."""
    name = environment.get("MEMLS_EMBEDDINGS_MODEL")
    if not name:
        return None
    url = environment.get("MEMLS_EMBEDDINGS_BASE_URL") or environment.get("OPENAI_BASE_URL")
    key = environment.get("MEMLS_EMBEDDINGS_API_KEY") or environment.get("OPENAI_API_KEY")
    return ModelConfig(name, url, key)


def repository_config(root: Path) -> RepositoryConfig:
    """What the repository says of itself. Raises UsageError with the file and key at fault."""
    table, source = _table(root)
    for key, value in table.items():
        if key in _FORBIDDEN:
            raise UsageError(f"{source}: {key!r} cannot be set by a repository; use the environment")
        if key not in _ALLOWED:
            raise UsageError(f"{source}: unknown key {key!r}; known: {', '.join(_ALLOWED)}")
        if not _fits(value, _ALLOWED[key]):
            wanted = "a number, 1 or more" if _ALLOWED[key] is int else "a list of strings"
            raise UsageError(f"{source}: {key} must be {wanted}")
    return RepositoryConfig(
        tuple(table.get("ignore", ())),
        frozenset(table.get("languages", ())),
        int(table.get("max_file_bytes", 0)),
        source,
    )


def _fits(value: Any, kind: type) -> bool:
    if kind is int:
        return type(value) is int and value > 0  # to Python, true is a number
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _table(root: Path) -> tuple[dict[str, Any], str]:
    own = root / "memls.toml"
    if own.is_file() and not own.is_symlink():
        return _load(own), "memls.toml"
    project = root / "pyproject.toml"
    if project.is_file() and not project.is_symlink() and b"memls" in _bytes(project):
        tool = _load(project).get("tool", {})
        table = tool.get("memls", {}) if isinstance(tool, dict) else {}
        if not isinstance(table, dict):
            raise UsageError("pyproject.toml: tool.memls must be a table")
        return table, "pyproject.toml [tool.memls]"
    return {}, ""


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _load(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if path.name == "pyproject.toml":
            return {}
        raise UsageError(f"{path.name}: {error}") from error
    except OSError:
        return {}


def _tokens(text: str) -> int:
    try:
        return int(text.replace("_", "").replace(",", ""))
    except ValueError:
        raise UsageError(f"MEMLS_WINDOW is not a number of tokens: {text!r}") from None
