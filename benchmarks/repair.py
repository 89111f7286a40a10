"""How many recorded answers of real models can be used, before and after repair, and is any changed?

Replays recorded completions through `check_output` and `written_calls`. Two sources:
- zeroeval: answers to "present your reasoning and solution in this JSON format";
- bfcl: answers to "write the calls as a list", of models asked without their native tool calling.
  Usable means: it parses as a list of calls. Items whose right answer is to call nothing are left
  out, since prose is a usable answer there.
Right means right by the truth that the files hold. Silently changed is judged by a check of its own.
"""

import ast
import json
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remit.model.output import check_output
from remit.model.written import Written, written_calls

NAME = "repair"
TARGETS = {"usable_after_percent": ">= 99.5", "silently_changed": "== 0"}
BFCL_RUNS = (
    ("result", "score", "gpt-4o-2024-05-13"),
    ("result", "score", "gpt-4o-2024-08-06"),
    ("2024-07-25_result", "2024-07-25_score", "gpt-4o-2024-05-13"),
)


@dataclass(kw_only=True)
class Tally:
    total: int = 0
    usable_before: int = 0
    usable_after: int = 0
    with_truth: int = 0
    right_before: int = 0
    right_after: int = 0
    changed: int = 0
    planted: int = 0
    noticed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        for name in (*self.__dataclass_fields__,):
            if name == "reasons":
                self.reasons += other.reasons
            else:
                setattr(self, name, getattr(self, name) + getattr(other, name))


def main() -> None:
    warnings.simplefilter("ignore", SyntaxWarning)
    data = Path(os.environ.get("REMIT_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    sources = (("zeroeval", data / "zeroeval_numersense"), ("bfcl", data / "bfcl_logs"))
    if not all(folder.is_dir() for _, folder in sources):
        report(f"No recorded completions under {data}; set REMIT_DATA to their folder. Skipped.")
        last_line({"name": NAME, "skipped": True, "figures": {}, "targets": TARGETS, "met": None})
        return
    tallies = {"zeroeval": zeroeval(sources[0][1]), "bfcl": bfcl(sources[1][1])}
    both = Tally()
    for tally in tallies.values():
        both.add(tally)
    tallies["all"] = both
    table(tallies)
    figures = {
        f"{name}_{key}": value for name, tally in tallies.items() for key, value in shown(tally).items()
    }
    figures["usable_after_percent"] = shown(both)["usable_after_percent"]
    figures["silently_changed"] = both.changed
    met = figures["usable_after_percent"] >= 99.5 and both.changed == 0
    last_line({"name": NAME, "figures": figures, "targets": TARGETS, "met": met})


def report(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def last_line(result: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(result) + "\n")


def percent(count: int, total: int) -> float:
    return round(100 * count / total, 3) if total else 0.0


def shown(tally: Tally) -> dict[str, float]:
    return {
        "completions": tally.total,
        "usable_before_percent": percent(tally.usable_before, tally.total),
        "usable_after_percent": percent(tally.usable_after, tally.total),
        "with_truth": tally.with_truth,
        "right_before_percent": percent(tally.right_before, tally.with_truth),
        "right_after_percent": percent(tally.right_after, tally.with_truth),
        "silently_changed": tally.changed,
        "planted_changes": tally.planted,
        "planted_changes_noticed": tally.noticed,
    }


def table(tallies: dict[str, Tally]) -> None:
    report(
        f"{'':10}{'completions':>12}{'usable before':>15}{'after':>9}"
        f"{'right before':>14}{'after':>9}{'changed':>9}"
    )
    for name, tally in tallies.items():
        row = shown(tally)
        report(
            f"{name:10}{tally.total:12}{row['usable_before_percent']:14.2f}%{row['usable_after_percent']:8.2f}%"
            f"{row['right_before_percent']:13.2f}%{row['right_after_percent']:8.2f}%{tally.changed:9}"
        )
    for reason, count in tallies["all"].reasons.most_common(12):
        report(f"  not usable, {count}: {reason}")
    planted, noticed = tallies["all"].planted, tallies["all"].noticed
    report(f"  the check of changes noticed {noticed} of {planted} planted changes")


# zeroeval


def zeroeval(folder: Path) -> Tally:
    whole = Tally()
    for path in sorted(folder.rglob("*.json")):
        tally = Tally()
        for item in json.loads(path.read_text(encoding="utf-8")):
            for output in item["output"]:
                one_answer(tally, output, item["chat_history"][-1], item["answer"])
        name = path.relative_to(folder)
        report(f"zeroeval {name}: {tally.usable_before} -> {tally.usable_after} of {tally.total}")
        whole.add(tally)
    return whole


def one_answer(tally: Tally, output: str, prompt: str, truth: str) -> None:
    keys = [key for key in ("reasoning", "answer") if f'"{key}"' in prompt]
    schema = {
        "type": "object",
        "properties": {"reasoning": {"type": "string"}, "answer": {"type": ["string", "number"]}},
        "required": keys,
    }
    tally.total += 1
    tally.with_truth += 1
    try:
        before = json.loads(output)
    except ValueError:
        before = None
    if isinstance(before, dict) and all(key in before for key in keys):
        tally.usable_before += 1
        tally.right_before += is_right(before, truth)
    checked = check_output(output, schema)
    if checked.verdict == "invalid":
        tally.reasons[f"zeroeval: {checked.problems[0][:90]}"] += 1
        return
    tally.usable_after += 1
    tally.right_after += is_right(checked.output, truth)
    raw = output[output.index("{") : output.rindex("}") + 1]
    compare(tally, raw, json.dumps(checked.output, ensure_ascii=False))


def is_right(output: dict[str, Any], truth: str) -> bool:
    given = str(output.get("answer", "")).strip()
    try:
        return given == truth or float(given) == float(truth)
    except ValueError:
        return False


# bfcl


def bfcl(folder: Path) -> Tally:
    truths, tools = bfcl_truths(folder)
    whole = Tally()
    for results, scores, model in BFCL_RUNS:
        tally = Tally()
        failed = {key for key, _ in bfcl_scores(folder / scores / model)}
        for key, category, text in bfcl_results(folder / results / model):
            one_list(
                tally, text, truths.get((category, key[1])), tools.get((category, key[1])), key in failed
            )
        report(f"bfcl {results}/{model}: {tally.usable_before} -> {tally.usable_after} of {tally.total}")
        whole.add(tally)
    return whole


Key = tuple[str, int]


def bfcl_results(folder: Path) -> Iterator[tuple[Key, str, str]]:
    for path in sorted(folder.glob("*_result.json")):
        category = path.name.removeprefix("gorilla_openfunctions_v1_test_").removesuffix("_result.json")
        if category == "relevance":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield (category, number), category, json.loads(line)["result"]


def bfcl_scores(folder: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    for path in sorted(folder.glob("*_score.json")):
        category = path.name.removesuffix("_score.json")
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            item = json.loads(line)
            yield (category, item["id"]), item


def bfcl_truths(folder: Path) -> tuple[dict[Key, Any], dict[Key, list[str]]]:
    """What the score files say of an item: any run that failed on it names the truth and the tools."""
    truths: dict[Key, Any] = {}
    tools: dict[Key, list[str]] = {}
    for scores in ("score", "2024-07-25_score"):
        for run in sorted((folder / scores).iterdir()):
            for key, item in bfcl_scores(run):
                if "possible_answer" in item:
                    truths[key] = item["possible_answer"]
                functions = item.get("prompt", {}).get("function", [])
                functions = functions if isinstance(functions, list) else [functions]
                tools[key] = [function["name"] for function in functions]
    return truths, tools


def one_list(tally: Tally, text: str, truth: Any, tools: list[str] | None, failed: bool) -> None:
    tally.total += 1
    usable_before = strict_list(text)
    tally.usable_before += usable_before
    calls = written_calls(text, tools)
    if calls is None:
        calls = written_calls(text, None)
    if truth is not None:
        tally.with_truth += 1
        tally.right_before += not failed
        # Where the recorded verdict is "right", it stands; repair only has to leave the list usable.
        tally.right_after += calls is not None and (not failed or matches(calls, truth))
    if calls is None:
        tally.reasons[
            "bfcl: " + ("prose" if "(" not in text and "{" not in text else "not a list of calls")
        ] += 1
        return
    tally.usable_after += 1
    raw = re.sub(r"^\s*```\w*|```\s*$", "", text)
    compare(tally, raw, *(" ".join(shape(call) for call in calls) for shape in SHAPES))


def strict_list(text: str) -> bool:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return False
    elements = tree.elts if isinstance(tree, ast.List) else [tree]
    return bool(elements) and all(isinstance(element, ast.Call) for element in elements)


def matches(calls: tuple[Written, ...], truth: Any) -> bool:
    """Each expected call is made once, in any order, with allowed values."""
    expected = truth if isinstance(truth, list) else [{name: arguments} for name, arguments in truth.items()]
    left = list(calls)
    for one in expected:
        ((name, arguments),) = one.items()
        name = re.sub(r"\s\d+$", "", name)
        found = next((call for call in left if call.tool == name and fits(call.arguments, arguments)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def fits(given: dict[str, Any], allowed: dict[str, list[Any]]) -> bool:
    if any(key not in allowed for key in given):
        return False
    return all(
        any(same(given[key], value) for value in values) if key in given else "" in values
        for key, values in allowed.items()
    )


def same(given: Any, allowed: Any) -> bool:
    if isinstance(given, str) and isinstance(allowed, str):
        return plain(given) == plain(allowed)
    if isinstance(given, list) and isinstance(allowed, list):
        return len(given) == len(allowed) and all(
            same(one, other) for one, other in zip(given, allowed, strict=True)
        )
    if isinstance(given, dict) and isinstance(allowed, dict):
        return fits(
            given, {key: value if isinstance(value, list) else [value] for key, value in allowed.items()}
        )
    return given == allowed and (type(given) is type(allowed) or (number(given) and number(allowed)))


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(text: str) -> str:
    return re.sub(r"[ ,./\-_*^]", "", text).lower().replace("'", '"')


# Is anything changed? Both sides are brought to their bare characters, knowing nothing of the product.


def compare(tally: Tally, raw: str, *repaired: str) -> None:
    """Unchanged if the raw text is, but for its marks, what is read in one of the usual notations."""
    bare_raw = bare(raw)
    shapes = [bare(shape) for shape in repaired]
    if bare_raw not in shapes:
        tally.changed += 1
        tally.reasons[f"CHANGED {raw[:200]!r} -> {repaired[0][:200]!r}"] += 1
    if shapes[0]:
        tally.planted += 1
        tally.noticed += bare_raw not in [one[: len(one) // 2] + one[len(one) // 2 + 1 :] for one in shapes]


def bare(text: str) -> str:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    text = re.sub(r"\\[nrtbf]", " ", text)
    text = re.sub(
        r"(?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", lambda match: f"{float(match[0])!r}", text
    )
    text = re.sub(
        r"\b(True|False|None)\b", lambda match: {"None": "null"}.get(match[0], match[0].lower()), text
    )
    return re.sub(r"[\s\\{}\[\]()\"'`,:=\u201c\u201d\u2018\u2019]", "", text)


def pairs(call: Written) -> str:
    return " ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in call.arguments.items())


SHAPES = (
    lambda call: f"{call.tool} {pairs(call)}",
    lambda call: f"name {call.tool} {pairs(call)}",
    lambda call: f"name {call.tool} parameters {pairs(call)}",
    lambda call: f"name {call.tool} arguments {pairs(call)}",
)


if __name__ == "__main__":
    main()
