"""No test reaches a network model, by accident or otherwise; `--store postgres` keeps logs on Postgres."""

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

import store_places
from remit.model import network_blocked

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "OPENAI_BASE_URL")

# What an example takes says more of the machine than of the code. In CI examples are the same each time,
# so that a change is judged by what it changed; new ones are looked for by whoever runs the tests elsewhere.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=("sqlite", "postgres"), default="sqlite", help="where logs lie")


def pytest_configure(config: pytest.Config) -> None:
    os.environ[store_places.VARIABLE] = config.getoption("--store")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--store") == "sqlite":
        return
    for item in items:
        if item.get_closest_marker("sqlite_file") is not None:
            item.add_marker(pytest.mark.skip(reason="about a log in a file"))


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
