"""Chains beside runs, keys and sessions, an index for every filter of runs."""

from remit.store.upgrading import carry_out

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Expands the tables."""
    carry_out("revision_0002.sql")
