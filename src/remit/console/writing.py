"""How a template becomes text: everything that it shows is escaped and harmless, whoever wrote it."""

import re
from collections.abc import Callable
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from remit.telling import plain

MOST_CHARACTERS = 20_000
"""Of one value on a page; what is longer is cut, and that is said."""
_SPECIAL = re.compile("[&<>\"']")
_METHODS = frozenset(dir(dict))


def harmless(value: object) -> object:
    """A text as a page may show it: nothing hidden, and no longer than a page bears."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if len(value) <= MOST_CHARACTERS:
        return plain(value)
    return f"{plain(value[:MOST_CHARACTERS])}… ({len(value) - MOST_CHARACTERS:,} more characters)"


def written(value: object) -> str:
    """What stands in the page for a value of a template: harmless, and escaped unless it is markup."""
    if type(value) is str and len(value) <= MOST_CHARACTERS and value.isprintable():
        return value if _SPECIAL.search(value) is None else escape(value)
    if type(value) is int or type(value) is float:
        return str(value)
    return escape(harmless(value))


class _Written(CodeGenerator):
    """Hands each value to `written`, which is most of the time of a page, without a detour for texts."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.written(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")


class Templates(Environment):
    """Templates that escape everything, whatever a file is called, and refuse what is not given."""

    code_generator_class = _Written
    written: Callable[[object], str] = staticmethod(written)

    def __init__(self, package: str) -> None:
        super().__init__(
            loader=PackageLoader(package),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=harmless,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value of that name; of a row it is the column."""
        if type(obj) is dict and attribute not in _METHODS and attribute in obj:
            return cast(dict[str, Any], obj)[attribute]
        return super().getattr(obj, attribute)
