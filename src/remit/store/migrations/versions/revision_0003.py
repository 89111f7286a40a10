"""Cases by priority and deadline; who works on one, what is put off, who is told."""

from remit.store.upgrading import carry_out

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Expands the tables."""
    carry_out("revision_0003.sql")
