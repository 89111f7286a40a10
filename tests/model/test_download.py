"""Fetching a model: resumed, checked before use, safe for two processes, clear when it fails."""

import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from model_server import Behaviour, serving

from remit.errors import CatalogueError
from remit.model.catalogue import Address, Entry, Package, Packages
from remit.model.download import fetched, is_whole, path_of, variable_of, verified
from remit.model.fetch import from_packages
from remit.model.filelock import held
from remit.model.network import network_blocked

pytestmark = pytest.mark.own_network

CONTENT = b"GGUF" + bytes(range(256)) * 12_000


def entry_of(*sources, content=CONTENT):
    return Entry(
        name="tiny-1.0",
        file_name="model.gguf",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
        notice="Tiny. Copyright 2024 Nobody.",
        context_tokens=512,
        memory_bytes=1,
        sources=sources,
    )


def quiet(_done, _all, _what):
    pass


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("REMIT_OFFLINE", raising=False)
    return {"REMIT_MODELS": str(tmp_path / "models")}


def fetch_with(behaviour, environment, progress=quiet):
    with serving(behaviour) as url:
        return fetched(entry_of(Address(url=url)), progress=progress, environment=environment)


def test_a_file_is_fetched_checked_and_gets_its_licence(here):
    seen = []
    path = fetch_with(Behaviour(CONTENT), here, lambda *what: seen.append(what))
    assert path.read_bytes() == CONTENT
    licence = Path(f"{path}.LICENSE.txt").read_text()
    assert licence.startswith("Tiny. Copyright 2024 Nobody.")
    assert "Apache License" in licence
    assert (len(CONTENT), len(CONTENT), "model.gguf") in seen
    assert all(done <= whole for done, whole, _ in seen)
    assert not list(path.parent.glob("*.part"))


def test_a_broken_connection_is_taken_up_where_it_broke(here):
    behaviour = Behaviour(CONTENT, cuts=[1_000_000, 500_000])
    assert fetch_with(behaviour, here).read_bytes() == CONTENT
    assert behaviour.ranges_asked == [None, "bytes=1000000-", "bytes=1500000-"]
    assert behaviour.bytes_sent == len(CONTENT)


def test_a_server_without_ranges_starts_again(here):
    behaviour = Behaviour(CONTENT, cuts=[1_000_000], ignores_ranges=True)
    assert fetch_with(behaviour, here).read_bytes() == CONTENT


def test_another_range_than_asked_for_is_not_believed(here):
    behaviour = Behaviour(CONTENT, cuts=[1_000_000], shifts_ranges_by=7)
    with pytest.raises(CatalogueError, match="another range"):
        fetch_with(behaviour, here)


def test_more_bytes_than_announced_in_the_catalogue_are_not_written(here):
    assert fetch_with(Behaviour(CONTENT, extra=b"x" * 1000), here).read_bytes() == CONTENT


def test_other_bytes_are_removed_and_never_used(here):
    with pytest.raises(CatalogueError, match="not, byte for byte"):
        fetch_with(Behaviour(CONTENT[:-1] + b"!"), here)
    assert not list(Path(here["REMIT_MODELS"]).glob("model.gguf"))
    assert not list(Path(here["REMIT_MODELS"]).glob("*.part"))


def test_a_server_that_refuses_is_given_up_and_named(here):
    behaviour = Behaviour(CONTENT, status=503)
    with pytest.raises(CatalogueError, match=r"answered 503.*what has been fetched is kept"):
        fetch_with(behaviour, here)
    assert len(behaviour.ranges_asked) == 3


def test_the_next_source_goes_on_where_the_first_stopped(here):
    first, second = Behaviour(CONTENT, cuts=[900_000, 0, 0, 0]), Behaviour(CONTENT)
    with serving(first) as one, serving(second) as other:
        entry = entry_of(Address(url=one), Address(url=other))
        assert fetched(entry, progress=quiet, environment=here).read_bytes() == CONTENT
    assert second.ranges_asked == ["bytes=900000-"]


def test_a_whole_file_is_not_fetched_again(here):
    fetch_with(Behaviour(CONTENT), here)
    behaviour = Behaviour(CONTENT)
    fetch_with(behaviour, here)
    assert behaviour.ranges_asked == []


def test_the_network_switch_holds_for_fetching(here):
    behaviour = Behaviour(CONTENT)
    with network_blocked(), pytest.raises(CatalogueError, match="switched off"):
        fetch_with(behaviour, here)
    assert behaviour.ranges_asked == []


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CatalogueError, match="REMIT_MODELS"):
        fetch_with(Behaviour(CONTENT), {"REMIT_MODELS": str(tmp_path / "file")})


def test_no_space_is_said_before_anything_is_fetched(here):
    behaviour = Behaviour(CONTENT)
    with serving(behaviour) as url:
        entry = entry_of(Address(url=url))
        large = Entry(**{name: getattr(entry, name) for name in Entry.__slots__} | {"size_bytes": 10**18})
        with pytest.raises(CatalogueError, match="Make room"):
            fetched(large, progress=quiet, environment=here)
    assert behaviour.ranges_asked == []


def test_the_hash_is_checked_once_for_each_state_of_the_file(here):
    path = fetch_with(Behaviour(CONTENT), here)
    seen = []
    verified(entry_of(), progress=lambda *what: seen.append(what), environment=here)
    assert seen == []
    os.utime(path, (1, 1))
    verified(entry_of(), progress=lambda *what: seen.append(what), environment=here)
    assert seen


def test_a_changed_file_is_refused(here):
    path = fetch_with(Behaviour(CONTENT), here)
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(b"tampered")
    os.utime(path, (1, 1))
    assert is_whole(entry_of(), here)
    with pytest.raises(CatalogueError, match="differs from the catalogue"):
        verified(entry_of(), progress=quiet, environment=here)


def test_a_missing_file_names_the_command_and_the_variable(here):
    with pytest.raises(CatalogueError, match=r"remit models pull tiny-1\.0.*REMIT_MODEL_PATH_TINY_1_0"):
        verified(entry_of(), progress=quiet, environment=here)


def test_a_file_of_ones_own_is_used_where_it_lies(here, tmp_path):
    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    environment = here | {variable_of(entry_of()): str(own)}
    assert path_of(entry_of(), environment) == own
    assert fetched(entry_of(), progress=quiet, environment=environment) == own
    own.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(CatalogueError, match="differs"):
        fetched(entry_of(), progress=quiet, environment=environment)


def build_wheel(folder, part, content):
    plain = part.name.replace("-", "_")
    info = f"{plain}-{part.version}.dist-info"
    with zipfile.ZipFile(folder / f"{plain}-{part.version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(part.member, content)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {part.name}\nVersion: {part.version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def parts_of(content, cut):
    pieces = (content[:cut], content[cut:])
    return [
        (
            Package(
                name=f"tiny-part{number}",
                version="1.0",
                member=f"tiny_part{number}/p.bin",
                size_bytes=len(piece),
            ),
            piece,
        )
        for number, piece in enumerate(pieces, start=1)
    ]


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip takes for its index."""
    pytest.importorskip("pip")
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def test_parts_are_fetched_from_the_users_own_index_and_a_finished_one_only_once(index, here):
    (first, head), (second, tail) = parts_of(CONTENT, 1_000_000)
    build_wheel(index, first, head)
    entry = entry_of(Packages(parts=(first, second)))
    with pytest.raises(CatalogueError, match=r"tiny-part2 1\.0 could not be fetched"):
        fetched(entry, progress=quiet, environment=here)
    assert (Path(here["REMIT_MODELS"]) / "model.gguf.part").read_bytes() == head
    for wheel in index.glob("*.whl"):
        wheel.unlink()
    build_wheel(index, second, tail)
    seen = []
    path = fetched(entry, progress=lambda *what: seen.append(what), environment=here)
    assert path.read_bytes() == CONTENT
    assert [done for done, _, what in seen if what == "tiny-part1"] == [len(head)]


def test_a_part_that_was_cut_short_is_fetched_again(index, here):
    (first, head), (second, tail) = parts_of(CONTENT, 1_000_000)
    build_wheel(index, first, head)
    build_wheel(index, second, tail)
    folder = Path(here["REMIT_MODELS"])
    folder.mkdir()
    (folder / "model.gguf.part").write_bytes(head + b"garbage")
    entry = entry_of(Packages(parts=(first, second)))
    assert fetched(entry, progress=quiet, environment=here).read_bytes() == CONTENT


def test_a_wheel_with_another_content_is_refused(index, tmp_path):
    (first, head), _ = parts_of(CONTENT, 1_000_000)
    build_wheel(index, first, head + b"more")
    with pytest.raises(CatalogueError, match="another size"):
        from_packages(Packages(parts=(first,)), tmp_path / "part", size_bytes=len(head), progress=quiet)


def fetch_in_process(url, environment, started, results):
    started.put(True)
    path = fetched(entry_of(Address(url=url)), progress=quiet, environment=environment)
    results.put(path.read_bytes() == CONTENT)


def test_two_processes_at_once_fetch_a_file_once(here):
    context = multiprocessing.get_context("spawn")
    started, results = context.Queue(), context.Queue()
    behaviour = Behaviour(CONTENT, gates=[lambda: [started.get(timeout=60) for _ in range(2)]])
    with serving(behaviour) as url:
        arguments = (url, here, started, results)
        processes = [context.Process(target=fetch_in_process, args=arguments) for _ in range(2)]
        for process in processes:
            process.start()
        assert [results.get(timeout=60) for _ in processes] == [True, True]
        for process in processes:
            process.join(60)
    assert behaviour.bytes_sent == len(CONTENT)


HOLDER = """
import sys, pathlib, time
from remit.model.filelock import held
with held(pathlib.Path(sys.argv[1]), waiting=lambda: None):
    print("held", flush=True)
    time.sleep(3600)
"""


def test_the_lock_of_a_killed_process_is_free_again(tmp_path):
    lock = tmp_path / "lock"
    waits = []
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        def waiting():
            waits.append(1)
            holder.send_signal(signal.SIGKILL)
            holder.wait()

        try:
            with held(lock, waiting=waiting):
                pass
        finally:
            holder.kill()
    assert waits == [1]
