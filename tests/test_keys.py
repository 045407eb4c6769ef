"""Where a key comes from: the environment, else a keyring of the real library with a backend in memory."""

from collections.abc import Iterator

import keyring
import pytest
from conversation import clean_environment
from endpoint import FakeEndpoint, script
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from memls.config import ModelConfig
from memls.errors import UsageError
from memls.models.choice import make_model
from memls.models.keys import SERVICE, key_for

__all__ = ["clean_environment"]

LOCAL = "http://127.0.0.1:9/v1"


class Ring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keys: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked, and here is sk-secret-123456789")
        return self.keys.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.keys[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.keys[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("config", "key"),
    [
        (ModelConfig("m"), "for-openai"),
        (ModelConfig("m", LOCAL), "for-local"),
        (ModelConfig("m", LOCAL, "given"), "given"),
        (ModelConfig("m", "http://elsewhere.example/v1"), None),
        (ModelConfig("m", "http://[broken"), None),
    ],
)
def test_where_a_key_comes_from(ring: Ring, config: ModelConfig, key: str | None) -> None:
    keyring.set_password(SERVICE, "api.openai.com", "for-openai")
    keyring.set_password(SERVICE, "127.0.0.1", "for-local")
    assert key_for(config) == key


def test_a_keyring_that_is_locked(ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    ring.locked = True
    assert key_for(ModelConfig("m", LOCAL)) is None
    assert "KeyringLocked" in caplog.text and "sk-secret" not in caplog.text
    with pytest.raises(UsageError, match="no API key for"):
        make_model(ModelConfig("m"))


async def test_the_key_is_sent(ring: Ring) -> None:
    from conversation import request

    keyring.set_password(SERVICE, "127.0.0.1", "from-the-ring")
    with FakeEndpoint(script("yes"), key="from-the-ring") as endpoint:
        model = make_model(ModelConfig("fake", endpoint.url))
        parts = [part async for part in model.stream(request())]
        await model.close()
    assert parts[-1].text == "yes"
