"""Which cases another agent or model decides."""

from remit.store.upgrading import carry_out

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Expands the tables."""
    carry_out("revision_0005.sql")
