"""The tables as they were before there were revisions."""

from remit.store.upgrading import carry_out

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Expands the tables."""
    carry_out("revision_0001.sql")
