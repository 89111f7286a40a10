"""`remit new`: the beginning of an agent, small and working."""

import keyword
import os
import re
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import click

from remit.cli.place import AGENTS
from remit.cli.screen import note, say
from remit.cli.starting import DESK, REMIT
from remit.errors import CatalogueError, RemitError
from remit.model import find, is_whole
from remit.telling import faint

PROVIDERS = (
    ("OPENAI_API_KEY", "openai", "openai:gpt-5.1-2025-11-13"),
    ("ANTHROPIC_API_KEY", "anthropic", "anthropic:claude-sonnet-4-5-20250929"),
    ("GOOGLE_API_KEY", "google.genai", "google:gemini-2.5-flash"),
    ("GEMINI_API_KEY", "google.genai", "google:gemini-2.5-flash"),
)
"""A key in the environment, the package that it needs, and the model that it stands for."""
LOCAL = "local:qwen2.5-coder-1.5b"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,119}")
MODEL = re.compile(r"[a-z][a-z0-9_-]*:[\w./:@+-]*\w")


@click.command()
@click.argument("name")
@click.option("--model", help="The model to write, instead of a key's or the local one.")
def new(name: str, model: str | None) -> None:
    """Begin an agent: agents/NAME/remit.yaml, its limits, and a file of Python tools.

    Both work as they are. Nothing is ever overwritten.

    \b
    Examples:
      remit new my-desk
      remit new my-desk --model anthropic:claude-sonnet-4-5-20250929

    Exit codes: 0 done, 1 there is something of that name already, 2 wrong use.
    """
    if not NAME.fullmatch(name):
        raise click.UsageError(
            f"{name!r} is no agent's name: letters, digits and _ . @ + -, beginning with a letter or digit."
        )
    if model is not None and not MODEL.fullmatch(model):
        raise click.UsageError(f"{model!r} is no model's name, which is PROVIDER:NAME such as {LOCAL}.")
    module = module_of(name)
    chosen = model or model_for(os.environ)
    folder = AGENTS / name
    files = {
        folder / "remit.yaml": REMIT.format(name=name, module=module, model=chosen),
        folder / f"{module}.py": DESK.format(name=name),
    }
    _write(folder, files)
    say(f"{folder}/remit.yaml", faint("  what it may do; read this first"))
    say(f"{folder}/{module}.py", faint("  its two tools, on invented orders"))
    note("")
    note("Next:")
    steps = [
        f"remit check {name}",
        f'remit ask {name} "Where is my order 1001?" --user id=u1',
        "remit show last",
    ]
    if chosen.startswith("local:") and not _is_here(chosen):
        steps.insert(0, f"remit models pull {chosen.removeprefix('local:')}")
    if chosen.startswith("local:") and not _installed("xllamacpp"):
        steps.insert(0, "pip install xllamacpp")
    for step in steps:
        note(f"  {step}")


def module_of(name: str) -> str:
    """The Python module for an agent's tools: the last word of its name that can be one."""
    for word in reversed(re.split(r"[^A-Za-z0-9]+", name.lower())):
        taken = word in sys.stdlib_module_names or keyword.iskeyword(word) or word == "remit"
        if word.isidentifier() and not taken:
            return word
    return "desk"


def model_for(environment: Mapping[str, str]) -> str:
    """A model that can be asked from here: that of the first usable key, otherwise a local one."""
    for variable, package, model in PROVIDERS:
        if environment.get(variable) and _installed(package):
            return model
    return LOCAL


def _is_here(model: str) -> bool:
    try:
        return is_whole(find(model))
    except CatalogueError:
        return False


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _write(folder: Path, files: dict[Path, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = [path for path in files if path.exists()]
        if present:
            raise RemitError(
                f"{present[0]} exists already.", remedy="Choose another name, or edit what is there."
            )
        for path, text in files.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise RemitError(f"{folder} cannot be written: {error.strerror}.") from error
