"""A page of headings, lists and tables, as Markdown or as one self-contained HTML file."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Inline = str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of plain text."""

    text: Inline


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `none` is said where it is empty."""

    items: tuple[Inline, ...]
    none: str = "None is declared."


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `none` is said where there is no row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    none: str = "None is declared."


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be shown as it is, or a command to be typed."""

    text: str


Block = Paragraph | Bullets | Table | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A title, a lead and sections. Every text is plain: rendering escapes all of it."""

    title: str
    lead: str
    sections: tuple[Section, ...]


def markdown(page: Page) -> str:
    """The page as Markdown."""
    parts = [f"# {_escaped(page.title)}", _escaped(page.lead)]
    for section in page.sections:
        parts.append(f"## {_escaped(section.title)}")
        parts.extend(_block_markdown(block) for block in section.blocks)
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", " ".join(text.split()))


def _block_markdown(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _escaped(text)
        case Code(text):
            return "\n".join(f"    {line}" for line in text.splitlines())
        case Bullets(items, none):
            return "\n".join(f"- {_escaped(item)}" for item in items) or none
        case Table(headings, rows, none):
            if not rows:
                return none
            lines = [headings, ["---"] * len(headings), *([_escaped(cell) for cell in row] for row in rows)]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --paper: #fdfdfc; --line: #d5d8dc; --faint: #5a626c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --paper: #16191d; --line: #3a4048; --faint: #a4acb6; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin-bottom: 0; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
.lead { color: var(--faint); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
  border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; }
pre { white-space: pre-wrap; border-left: 3px solid var(--line); padding-left: .8rem; }
"""


def html_page(page: Page) -> str:
    """The page as one HTML file: no script, nothing from outside, light and dark."""
    body = "\n".join(
        f"<section>\n<h2>{html.escape(section.title)}</h2>\n{_blocks_html(section.blocks)}\n</section>"
        for section in page.sections
    )
    title = html.escape(page.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<p class="lead">{html.escape(page.lead)}</p>\n{body}\n</main>\n</body>\n</html>\n'
    )


def _blocks_html(blocks: Iterable[Block]) -> str:
    return "\n".join(_block_html(block) for block in blocks)


def _block_html(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{html.escape(text)}</p>"
        case Code(text):
            return f"<pre>{html.escape(text)}</pre>"
        case Bullets(items, none):
            inner = "".join(f"<li>{html.escape(item)}</li>" for item in items)
            return f"<ul>{inner}</ul>" if items else f"<p>{none}</p>"
        case Table(headings, rows, none):
            if not rows:
                return f"<p>{none}</p>"
            lines = "\n".join(_row_html("td", row) for row in rows)
            head = _row_html('th scope="col"', headings)
            return f'<div class="wide"><table>\n<thead>{head}</thead>\n<tbody>{lines}</tbody>\n</table></div>'


def _row_html(cell: str, row: Sequence[str]) -> str:
    end = cell.split()[0]
    return f"<tr>{''.join(f'<{cell}>{html.escape(text)}</{end}>' for text in row)}</tr>"
