"""Where does the log lie? The only room that speaks SQL."""

from remit.store.backup import back_up
from remit.store.changes import Changes, open_changes
from remit.store.engine import SharedDatabase
from remit.store.filters import CASE_COLUMNS, COLUMNS, cases_statement, narrowest, runs_statement
from remit.store.inspection import Finding, TableSize, findings, table_sizes
from remit.store.opening import (
    file_of,
    on_postgres,
    open_store,
    shown_address,
    upgrade_log,
    wait_for_database,
)
from remit.store.pages import (
    AMONG,
    MEASURES,
    MOST_MEASURED,
    Bound,
    Free,
    Restriction,
    cases_not_free,
    cases_page,
    heads_of,
    last_measured,
    notifications_page,
    queues_of,
    runs_page,
    subjects_of,
)
from remit.store.port import Store
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

__all__ = [
    "AMONG",
    "CASE_COLUMNS",
    "COLUMNS",
    "MEASURES",
    "MOST_MEASURED",
    "Append",
    "Bound",
    "Changes",
    "Collision",
    "Course",
    "EventRow",
    "Finding",
    "Free",
    "OnceTaken",
    "Restriction",
    "Row",
    "SharedDatabase",
    "Statement",
    "Store",
    "StoredEvent",
    "TableSize",
    "Value",
    "back_up",
    "cases_not_free",
    "cases_page",
    "cases_statement",
    "file_of",
    "findings",
    "heads_of",
    "last_measured",
    "narrowest",
    "notifications_page",
    "on_postgres",
    "open_changes",
    "open_store",
    "queues_of",
    "runs_page",
    "runs_statement",
    "shown_address",
    "subjects_of",
    "table_sizes",
    "upgrade_log",
    "wait_for_database",
]
