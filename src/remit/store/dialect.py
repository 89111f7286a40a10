"""One text of SQL for both databases: what is written differently for Postgres."""

import re
from functools import lru_cache

_PARAMETER = re.compile(r"(?<!:):(\w+)")
_TYPES = (
    (re.compile(r"\btext\b"), 'text collate "C"'),  # the order of SQLite: by bytes
    (re.compile(r"\binteger\b"), "bigint"),
    (re.compile(r"\breal\b"), "double precision"),
    (re.compile(r"\bblob\b"), "bytea"),
    (re.compile(r"\) without rowid"), ")"),
)


@lru_cache(maxsize=1000)
def for_postgres(statement: str) -> str:
    """A statement with `:name` parameters, in the driver's spelling."""
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))


def tables_for_postgres(schema: str) -> list[str]:
    """The statements of a schema text, with the types that Postgres has for the same values."""
    return [_typed(statement) for statement in statements_of(schema)]


def statements_of(schema: str) -> list[str]:
    """The statements of a schema text, without its comments."""
    text = "\n".join(line.split("--")[0].rstrip() for line in schema.splitlines())
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def _typed(statement: str) -> str:
    for pattern, replacement in _TYPES:
        statement = pattern.sub(replacement, statement)
    return statement
