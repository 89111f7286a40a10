"""The known word that somebody probably meant; without the rooms below, so that a slip costs nothing."""

from collections.abc import Iterable
from difflib import get_close_matches

import click


def nearest(written: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing where none is near."""
    near = get_close_matches(written, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


class Word(click.ParamType[str]):
    """One of a closed list of words; another one is refused with the nearest."""

    name = "word"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word, with `-` and `_` taken for the same; a usage error otherwise."""
        for word in self.words:
            if value.casefold().replace("-", "_") == word.replace("-", "_"):
                return word
        hint = nearest(value, self.words) or f"It is one of {', '.join(self.words)}."
        raise click.BadParameter(f"{value!r} is not known here. {hint}", ctx, param)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The words themselves, as far as they are few."""
        return "|".join(self.words) if len(self.words) < 7 else self.name.upper()
