"""The revisions of the tables, for Alembic; `remit db upgrade` runs them."""
