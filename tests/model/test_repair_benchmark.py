import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "repair.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("repair_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("raw", "repaired", "changed"),
    [
        ("{'a': 'x', \"b\": 0.10,}", '{"a": "x", "b": 0.1}', 0),
        ("{'a': True}", '{"a": true}', 0),
        ('{"a": "l\\n1"}', '{"a": "l\\n1"}', 0),
        ('{"a": "x"}', '{"a": "y"}', 1),
        ('{"a": "x", "b": 1}', '{"a": "x"}', 1),
        ('{"a": "x"}', '{"a": "x", "b": null}', 1),
        ('{"a": 12}', '{"a": 13}', 1),
    ],
)
def test_its_own_check_sees_a_change(benchmark: ModuleType, raw: str, repaired: str, changed: int) -> None:
    tally = benchmark.Tally()
    benchmark.compare(tally, raw, repaired)
    assert (tally.changed, tally.noticed) == (changed, tally.planted)


def test_without_the_data_it_says_so(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(BENCHMARK)],
        env={**os.environ, "REMIT_DATA": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    last = json.loads(result.stdout.splitlines()[-1])
    assert last["skipped"] is True
    assert "REMIT_DATA" in result.stderr
