"""Runs of one outcome and mode by an index; what is under way is counted by agent without its rows."""

from remit.store.upgrading import carry_out

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Expands the tables."""
    carry_out("revision_0004.sql")
