"""Where does the log lie? The only room that speaks SQL."""

from remit.store.filters import COLUMNS, runs_statement
from remit.store.pages import CASE_COLUMNS, Restriction, cases_page, heads_of, runs_page
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
    "CASE_COLUMNS",
    "COLUMNS",
    "Append",
    "Collision",
    "Course",
    "EventRow",
    "OnceTaken",
    "Restriction",
    "Row",
    "SqliteStore",
    "Statement",
    "StoredEvent",
    "Value",
    "cases_page",
    "heads_of",
    "runs_page",
    "runs_statement",
]
