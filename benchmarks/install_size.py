"""How big is a fresh core install, and how quickly does `remit --help` start?

`python install_size.py`: builds a virtual environment without extras, from the working copy.
"""

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from report import last_line

PROJECT = Path(__file__).resolve().parent.parent
NOT_OURS = ("pip", "setuptools", "wheel", "_distutils_hack", "distutils-precedence.pth", "pkg_resources")
TARGETS = {"help_cpu_s": "<= 0.3"}
STARTS = 5


def install(folder: Path) -> Path:
    """A virtual environment with the core and nothing else; its bin folder."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, PROJECT], check=True)
    return folder / "bin"


def parts(folder: Path) -> dict[str, int]:
    """Bytes of each thing in site-packages, without the installer itself."""
    (site,) = folder.glob("lib/python*/site-packages")
    return {entry.name: size(entry) for entry in site.iterdir() if not entry.name.startswith(NOT_OURS)}


def size(entry: Path) -> int:
    """Bytes of a file, or of all files under a folder."""
    files = entry.rglob("*") if entry.is_dir() else [entry]
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())


def cpu_of(command: list[str]) -> float:
    """CPU seconds, user and system, that one start of a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Install, measure, print the JSON line."""
    with TemporaryDirectory(prefix="remit-size-") as name:
        folder = Path(name)
        programs = install(folder)
        sizes = parts(folder)
        help_cpu = [cpu_of([str(programs / "remit"), "--help"]) for _ in range(STARTS + 1)][1:]
        bare_cpu = [cpu_of([str(programs / "python"), "-c", ""]) for _ in range(STARTS)]
    for entry, count in sorted(sizes.items(), key=lambda item: -item[1])[:12]:
        print(f"{count / 1e6:>8.1f} MB  {entry}")
    figures = {
        "install_mb": round(sum(sizes.values()) / 1e6, 1),
        "help_cpu_s": round(median(help_cpu), 3),
        "python_alone_cpu_s": round(median(bare_cpu), 3),
    }
    print(last_line("install_size", figures, TARGETS))


if __name__ == "__main__":
    main()
