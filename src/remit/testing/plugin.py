"""A pytest plugin: no test reaches a model behind a network unless REMIT_OFFLINE=0 says so."""

import os


def pytest_configure() -> None:
    """Switch the network off for models before any test is collected."""
    os.environ.setdefault("REMIT_OFFLINE", "1")
