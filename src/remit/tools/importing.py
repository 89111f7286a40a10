"""Import the modules of one agent's folder, so that no other agent ever meets them."""

import hashlib
import importlib
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

_LOCK = threading.RLock()


class CannotImport(Exception):
    """A module could not be imported; the text says where and why, in one line."""


@contextmanager
def imports_from(folder: Path) -> Generator[None]:
    """Within this, `folder` is first on the path and its modules are not yet imported.

    Afterwards the path is as before, and the modules of the folder stand under names that no other
    folder has: two agents may each have a `desk.py`. A file of the folder is therefore imported at
    the top of another one, not inside a function.
    """
    folder = folder.resolve()
    with _LOCK:
        hidden = {name: sys.modules.pop(name) for name in _shadowed(folder)}
        before = set(sys.modules)
        path = str(folder)
        sys.path.insert(0, path)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(path)
            _put_aside(folder, set(sys.modules) - before)
            sys.modules.update(hidden)


def import_named(name: str, folder: Path) -> ModuleType:
    """The module of that name, within `imports_from(folder)`; raises CannotImport, whatever happens."""
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may even exit: nothing in it may stop the check
        raise CannotImport(_reason(error, folder.resolve())) from error


def names_in(folder: Path) -> list[str]:
    """The modules and packages that lie in the folder."""
    if not folder.is_dir():
        return []
    files = [path.stem for path in folder.glob("*.py")]
    packages = [path.parent.name for path in folder.glob("*/__init__.py")]
    return sorted({*files, *packages})


def _shadowed(folder: Path) -> list[str]:
    """Modules imported earlier from elsewhere whose names the folder uses, but for Python's own."""
    own = set(names_in(folder)) - set(sys.stdlib_module_names) - {"remit", "__main__"}
    return [name for name in sys.modules if name.partition(".")[0] in own]


def _put_aside(folder: Path, names: set[str]) -> None:
    prefix = f"remit_agent_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    for name in names:
        module = sys.modules[name]
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).resolve().is_relative_to(folder):
            sys.modules[f"{prefix}.{name}"] = sys.modules.pop(name)


def _reason(error: BaseException, folder: Path) -> str:
    if isinstance(error, SyntaxError):
        file = Path(error.filename or "?")
        return f"{_short(file, folder)}:{error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    where = f"{_short(Path(own[-1].filename), folder)}:{own[-1].lineno}: " if own else ""
    return f"{where}{type(error).__name__}: {error}" if str(error) else f"{where}{type(error).__name__}"


def _short(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else file.name
