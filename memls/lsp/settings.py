"""What the user's editor is configured with: from `initializationOptions`, and again whenever it changes.

It is written by hand in many editors' ways, so each value is checked by itself: what is wrong is told in a
line and left as it was. The model's endpoint and key come from the environment alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from memls.config import ModelConfig, model_config


@dataclass(frozen=True, slots=True)
class Lent:
    """The model that the editor lends, by name, and its context size in tokens where it is known."""

    name: str
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`features` are those that are switched on or off against their default, by name."""

    features: Mapping[str, bool] = field(default_factory=dict)
    model: str | None = None
    window: int | None = None
    lent: Lent | None = None
    changed: bool = False
    """Whether the client wants to be told of changed files by `memls/changed`."""
    token: str = field(default="", repr=False)

    def on(self, feature: str, default: bool) -> bool:
        """Whether a feature is to be answered."""
        return self.features.get(feature, default)

    def chosen_model(self, name: str | None, window: int | None) -> ModelConfig | Lent:
        """What answers a question: what was asked for, else configured, else lent, else no model."""
        if name == "editor" and self.lent:
            return self.lent
        config = model_config(name or self.model, window or self.window)
        return self.lent if config.name is None and self.lent else config


def settings_of(values: object, features: Iterable[str], before: Settings) -> tuple[Settings, list[str]]:
    """`before` with what `values` says, and lines about what it says wrong.

    Editors send the whole of their configuration or our part of it.
    """
    if isinstance(values, Mapping) and isinstance(values.get("memls"), Mapping):
        values = values["memls"]
    if values is None or values == {}:
        return before, []
    if not isinstance(values, Mapping):
        return before, ["the settings are not an object"]
    known = frozenset(features)
    settings, wrong = before, [f"`{name}` goes below `features`" for name in sorted(known & set(values))]
    switches = dict(before.features)
    given = values.get("features") or {}
    if not isinstance(given, Mapping):
        wrong.append('`features` must be an object such as {"hover": false}')
        given = {}
    for name, value in given.items():
        if name not in known:
            wrong.append(f"no feature is named {name!r}; there are: {', '.join(sorted(known))}")
        elif not isinstance(value, bool):
            wrong.append(f"`features.{name}` must be true or false")
        else:
            switches[name] = value
    settings = replace(settings, features=switches)
    for name, kind, words in (
        ("model", str, "a name"), ("window", int, "a number of tokens"), ("token", str, "a text"),
    ):  # fmt: skip
        value = values.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            wrong.append(f"`{name}` must be {words}")
        else:
            settings = replace(settings, **{name: value})  # type: ignore[arg-type]
    settings = _with_notifications(settings, values.get("notifications"), wrong)
    return _with_lent(settings, values.get("complete"), wrong), wrong


def _with_notifications(settings: Settings, value: object, wrong: list[str]) -> Settings:
    if value is None:
        return settings
    changed = value.get("changed") if isinstance(value, Mapping) else None
    if not isinstance(changed, bool):
        wrong.append('`notifications` must be an object such as {"changed": true}')
        return settings
    return replace(settings, changed=changed)


def _with_lent(settings: Settings, value: object, wrong: list[str]) -> Settings:
    if value is None:
        return settings
    if value is False:
        return replace(settings, lent=None)
    name = value.get("name") if isinstance(value, Mapping) else None
    window = value.get("window") if isinstance(value, Mapping) else None
    if not isinstance(name, str) or not name or isinstance(window, bool | float | str | list | dict):
        wrong.append('`complete` must be false or an object such as {"name": "…", "window": 64000}')
        return settings
    return replace(settings, lent=Lent(name, window))
