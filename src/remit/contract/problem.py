"""One thing that is wrong with a remit: where, what, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A complaint that a person can act on."""

    file: str
    line: int
    where: str
    """The key, such as `tools.refund.ask`."""
    message: str
    suggestion: str = ""
    severity: str = "error"

    def line_text(self) -> str:
        """`file:line: where: message suggestion`, on one line."""
        text = f"{self.file}:{self.line}: {self.where}: {self.message}"
        return f"{text} {self.suggestion}".rstrip()
