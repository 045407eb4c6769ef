"""Features switched on and off: what is in the capabilities at `initialize`, and what changes later.

What is off when the client comes is not offered. What is switched on later is registered with the client
where it takes that (client/registerCapability), else it is offered at the next start; what is switched off
later answers nothing.
"""

import uuid
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from memls.lsp.context import SCHEME
from memls.lsp.features.table import FEATURES, Feature
from memls.lsp.settings import Settings

if TYPE_CHECKING:
    from memls.lsp.server import Server


class Registration:
    """What one client was offered."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._static: set[str] = set()
        self._dynamic: dict[str, list[types.Registration]] = {}
        self._hidden: dict[str, Any] = {}
        self._told: set[str] = set()

    def begin(self, settings: Settings) -> None:
        """Take what is off out of what pygls makes the capabilities of."""
        handlers = self._server.protocol.fm.features
        for feature in FEATURES:
            if settings.on(feature.name, feature.on):
                self._static.add(feature.name)
            else:
                self._hidden.update((method, handlers.pop(method)) for method in feature.methods)

    def initialized(self) -> None:
        """Put the handlers of what is off back, and register what cannot be told in the capabilities."""
        self._server.protocol.fm.features.update(self._hidden)
        workspace = self._server.client_capabilities.workspace
        content = workspace.text_document_content if workspace else None
        if content and content.dynamic_registration:
            options = types.TextDocumentContentRegistrationOptions(schemes=[SCHEME])
            self._register([_registration(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, options)])

    def changed(self, settings: Settings) -> None:
        """The settings changed: offer what is on by now, take back what was offered later and is off."""
        for feature in FEATURES:
            on = settings.on(feature.name, feature.on)
            if on and feature.name not in self._static and feature.name not in self._dynamic:
                self._offer(feature)
            elif not on and feature.name in self._dynamic:
                gone = [types.Unregistration(r.id, r.method) for r in self._dynamic.pop(feature.name)]
                self._server.spawn(
                    self._server.client_unregister_capability_async(types.UnregistrationParams(gone))
                )

    def _offer(self, feature: Feature) -> None:
        if not self._takes(feature):
            if feature.name not in self._told:
                self._told.add(feature.name)
                self._server.tell(f"{feature.name} is on, and offered at the server's next start")
            return
        made = [_registration(feature.method, feature.options, document_selector=True)]
        self._dynamic[feature.name] = made
        self._register(made)

    def _takes(self, feature: Feature) -> bool:
        """Whether the client registers this feature dynamically."""
        capabilities = self._server.client_capabilities
        part = capabilities.workspace if feature.name == "workspaceSymbol" else capabilities.text_document
        name = "symbol" if feature.name == "workspaceSymbol" else _snake(feature.name)
        return bool(getattr(getattr(part, name, None), "dynamic_registration", False))

    def _register(self, made: list[types.Registration]) -> None:
        self._server.spawn(self._server.client_register_capability_async(types.RegistrationParams(made)))


def _registration(method: str, options: Any, *, document_selector: bool = False) -> types.Registration:
    given = {"documentSelector": None} if document_selector else {}
    if options is not None:
        from pygls.protocol import default_converter

        given.update(default_converter().unstructure(options))  # type: ignore[no-untyped-call]
    return types.Registration(str(uuid.uuid4()), method, given)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
