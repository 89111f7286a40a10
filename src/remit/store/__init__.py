"""Where does the log lie? The only room that speaks SQL."""

from remit.store.filters import COLUMNS, runs_statement
from remit.store.rows import (
    Append,
    Collision,
    Course,
    EventRow,
    OnceTaken,
    Row,
    Statement,
    StoredEvent,
    Value,
)
from remit.store.sqlite import SqliteStore

__all__ = [
    "COLUMNS",
    "Append",
    "Collision",
    "Course",
    "EventRow",
    "OnceTaken",
    "Row",
    "SqliteStore",
    "Statement",
    "StoredEvent",
    "Value",
    "runs_statement",
]
