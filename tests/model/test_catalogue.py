"""What the catalogue promises of its entries."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.errors import CatalogueError
from remit.model import ENTRIES, best_for, find
from remit.model.catalogue import Address, Packages

LARGE, SMALL = find("qwen2.5-coder-1.5b"), find("qwen2.5-coder-0.5b")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_has_an_identity_a_licence_and_sources_of_the_whole_file(entry):
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert entry.licence == "Apache-2.0"
    assert entry.sources
    for source in entry.sources:
        match source:
            case Packages():
                assert sum(part.size_bytes for part in source.parts) == entry.size_bytes
                assert all(part.size_bytes > 0 for part in source.parts)
            case Address():
                assert source.url.startswith("https://")
                assert source.url.endswith(entry.file_name)


def test_names_and_files_are_not_shared():
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert len({entry.file_name for entry in ENTRIES}) == len(ENTRIES)
    assert len({entry.sha256 for entry in ENTRIES}) == len(ENTRIES)


def test_an_entry_is_found_with_and_without_its_prefix():
    assert find("local:smollm2-135m") is find("smollm2-135m")


def test_an_unknown_name_is_refused_and_the_known_ones_are_named():
    with pytest.raises(CatalogueError, match=r"local:qwen2\.5-coder-1\.5b"):
        find("local:gpt-9")


@given(st.none() | st.integers(0, 64_000_000_000))
def test_the_larger_model_is_taken_only_where_it_fits(available_bytes):
    chosen = best_for(available_bytes)
    fits = available_bytes is None or available_bytes >= LARGE.memory_bytes
    assert chosen is (LARGE if fits else SMALL)
