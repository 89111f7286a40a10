"""No test reaches a network model, by accident or otherwise."""

from collections.abc import Generator

import pytest

from remit.model import network_blocked

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "OPENAI_BASE_URL")


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Takes the keys away and refuses every address that is not loopback.

    Tests of the switch itself, and of downloads from a local server, are marked `own_network`.
    """
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    if request.node.get_closest_marker("own_network") is not None:
        yield
        return
    with network_blocked():
        yield
