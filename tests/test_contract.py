"""The messages beyond LSP: the clients' types are what the generator makes of the contract."""

import importlib.util
from pathlib import Path

from memls.lsp.contract import NOTIFICATIONS, REQUESTS

SCRIPT = Path(__file__).parents[1] / "vscode-extension" / "scripts" / "protocol.py"


def test_the_clients_types_are_generated() -> None:
    spec = importlib.util.spec_from_file_location("protocol", SCRIPT)
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = script.protocol()
    assert script.FILE.read_text("utf-8") == text, f"run {SCRIPT.name}"
    for method in (*REQUESTS, *NOTIFICATIONS):
        assert text.count(f'"{method}":') == 1
