"""The named statements of `sql/queries*.sql`."""

import re
from importlib.resources import files

_BLOCK = re.compile(r"^-- (\w+)\n((?:.*\n?)*?)(?=^-- \w+\n|\Z)", re.MULTILINE)


def parse(text: str) -> dict[str, str]:
    """The statement of each block, by the name in its first line."""
    statements: dict[str, str] = {}
    for name, block in _BLOCK.findall(text):
        lines = [line for line in block.splitlines() if not line.startswith("--")]
        statements[name] = " ".join(" ".join(lines).split()).rstrip(";")
    return statements


def load(file: str) -> str:
    """The text of one file of this room's SQL."""
    return (files("remit.store") / "sql" / file).read_text(encoding="utf-8")


def named() -> dict[str, str]:
    """The statements of all files, by name; a name stands in one file only."""
    statements: dict[str, str] = {}
    for file in sorted(file.name for file in (files("remit.store") / "sql").iterdir()):
        if file.startswith("queries"):
            found = parse(load(file))
            assert not found.keys() & statements.keys(), f"{file} names a statement again"
            statements.update(found)
    return statements


QUERIES = named()
POSTGRES_QUERIES = QUERIES | parse(load("postgres.sql"))
"""The same, where a statement must differ on Postgres."""
SCHEMA = load("schema.sql")
POSTGRES_SCHEMA = load("postgres_schema.sql")
