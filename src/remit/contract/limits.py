"""A tool's limits in words, written from the arguments that enforce them."""

from collections.abc import Iterator

from remit.contract.schema import Argument, Ask, ToolRule


def limit_texts(rule: ToolRule, *, filled: bool = True) -> Iterator[str]:
    """One phrase for each argument that is bounded, and one for what is done only once.

    Without `filled`, those that the runtime fills in are left out: no model is asked for them.
    """
    for name, argument in rule.args.items():
        if argument.is_ is not None and not filled:
            continue
        bounds = " and ".join(_bounds(argument))
        if bounds:
            yield f"{name} must be {bounds}"
    if rule.once_per:
        yield f"only once for the same {' and '.join(rule.once_per)}"


def _bounds(argument: Argument) -> Iterator[str]:
    if argument.is_ is not None:
        yield f"the user's own {argument.is_.removeprefix('user.')}"
    if argument.only_from is not None:
        tool, _, field = argument.only_from.partition(".")
        yield f"the {field} of something that {tool} returned"
    low, high = argument.min, argument.max
    if low is None and high is not None and high >= 0:
        low = 0.0
    if low is not None and high is not None:
        yield f"from {low:.12g} to {high:.12g}"
    elif high is not None:
        yield f"at most {high:.12g}"
    elif low is not None:
        yield f"at least {low:.12g}"


def ask_text(ask: Ask) -> str:
    """When a person is asked, as a phrase."""
    when = ask.when.strip()
    if when == "never":
        return "no person is asked"
    return "a person is always asked first" if when == "always" else f"a person is asked first if {when}"
