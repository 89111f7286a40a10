"""The file of examples: read in three forms, and refused with file and line for everything that is wrong."""

from pathlib import Path

import pytest

from remit.contract import Lines, check, parse_text, scope_examples

REMIT = """\
remit: 1
agent: my-desk
purpose: p
model: "local:m"
handover: people@example.com
does: [tell where an order is]
does_not: [legal advice]
scope: NAME
"""
ROWS = [(f"Where is order {number}?", "in scope") for number in range(5)]
CSV = "text,topic\n" + "".join(f"{text},{topic}\n" for text, topic in ROWS)


def read(folder: Path, name: str, content: str):
    (folder / name).write_text(content, encoding="utf-8")
    contract = parse_text(REMIT.replace("NAME", name), "remit.yaml").contract
    assert contract is not None
    return contract


def complaints(folder: Path, content: str, name: str = "scope.csv") -> str:
    contract = read(folder, name, content)
    found = check(contract, Lines(), "remit.yaml", {}, folder)
    assert all(problem.where == "scope.examples" for problem in found)
    return "\n".join(f"{problem.message} {problem.suggestion}" for problem in found)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scope.csv", CSV),
        ("scope.csv", "\ufeff" + CSV.replace("\n", "\r\n")),
        ("scope.csv", "by,text,topic\n" + "".join(f"ann,{text},{topic}\n" for text, topic in ROWS)),
        ("scope.jsonl", "\n\n".join(f'{{"text": "{text}", "topic": "{topic}"}}' for text, topic in ROWS)),
        ("scope.yaml", "".join(f'- text: "{text}"\n  topic: {topic}\n' for text, topic in ROWS)),
    ],
)
def test_three_forms_say_the_same(tmp_path: Path, name: str, content: str) -> None:
    assert complaints(tmp_path, content, name) == ""
    found = scope_examples(read(tmp_path, name, content), tmp_path)
    assert [(example.text, example.topic) for example in found] == ROWS


def test_topics_are_those_of_the_remit_in_any_case(tmp_path: Path) -> None:
    content = (
        CSV + "A?,Tell where  an ORDER is\nB?,LEGAL advice\nC?,Out of scope\nWhere is Order 1?,in scope\n"
    )
    assert complaints(tmp_path, content) == ""
    found = scope_examples(read(tmp_path, "scope.csv", content), tmp_path)
    assert [example.topic for example in found[5:]] == [
        "tell where an order is",
        "legal advice",
        "out of scope",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no column `text`, `topic`"),
        ("text,topic\n", "holds no example"),
        ("text;topic\na;b\n", "has no column"),
        (CSV + ",in scope\n", "line 7 has no text"),
        (CSV + "hello,\n", "line 7 has no topic"),
        (CSV + "hello\n", "line 7 has no topic"),
        (CSV + "hello,legal advise\n", "line 7: `legal advise` is no topic of this remit. Did you mean"),
        (CSV + "hello,weather\n", "`weather` is no topic of this remit. The topics are `in scope`"),
        (
            CSV + "where IS  order 3?,legal advice\n",
            "is `in scope` on line 5 and `legal advice`",
        ),
        (CSV + f"{'x' * 8001},in scope\n", "longer than 8000 characters"),
        ("text,topic\nhello,in scope\n", "1 examples are in scope; with fewer than 5"),
        ("text,topic\n" + "hello,in scope\n" * 9, "1 examples are in scope"),
        (CSV + 'broken"quote,"in scope"x\n', "is not CSV"),
        (CSV + "\n".join(f"t{number},weather" for number in range(30)), "has 20 more problems of this kind"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str, said: str) -> None:
    assert said in complaints(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scope.txt", CSV, "neither .csv nor .jsonl nor .yaml"),
        ("scope.jsonl", "{}\n[1]\n", "line 2 has no `text` and `topic`"),
        ("scope.jsonl", "{", "line 1 is not JSON"),
        ("scope.jsonl", "{}\n", "line 1 has no text"),
        ("scope.yaml", "a: b\n", "is no list"),
        ("scope.yaml", "- [", "is not YAML"),
        ("scope.yaml", "- text: 3\n  topic: in scope\n", "line 1 has no text"),
        ("scope.yaml", "", "holds no example"),
    ],
)
def test_other_forms_are_looked_at_as_closely(tmp_path: Path, name: str, content: str, said: str) -> None:
    assert said in complaints(tmp_path, content, name)


def test_a_file_that_is_missing_elsewhere_or_not_text_is_refused(tmp_path: Path) -> None:
    contract = read(tmp_path, "scope.csv", CSV)
    (tmp_path / "scope.csv").write_bytes(b"text,topic\n\xff\xfe,in scope\n")
    assert "is not UTF-8" in check(contract, Lines(), "remit.yaml", {}, tmp_path)[0].message
    (tmp_path / "scope.csv").unlink()
    assert "cannot be read" in check(contract, Lines(), "remit.yaml", {}, tmp_path)[0].message
    with pytest.raises(ValueError, match="cannot be read"):
        scope_examples(contract, tmp_path)
    outside = parse_text(REMIT.replace("NAME", "../scope.csv"), "remit.yaml").contract
    assert outside is not None
    assert "outside" in check(outside, Lines(), "remit.yaml", {}, tmp_path)[0].message


def test_without_a_scope_there_is_no_example(tmp_path: Path) -> None:
    contract = parse_text(REMIT.replace("scope: NAME\n", ""), "remit.yaml").contract
    assert contract is not None
    assert scope_examples(contract, tmp_path) == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("on_failure: {unfamiliar_input: fail}\n", "only a `scope` finds an input unfamiliar"),
        ("scope: {examples: scope.csv, unfamiliar: degrade}\n", "makes no sense for `unfamiliar_input`"),
        ("scope: {examples: scope.csv, unfamiliar: {queue: nobody}}\n", "queue `nobody` is not declared"),
        ("scope: {examples: scope.csv, keep: 1}\n", ""),
    ],
)
def test_paths_and_shares_are_checked(tmp_path: Path, more: str, said: str) -> None:
    (tmp_path / "scope.csv").write_text(CSV, encoding="utf-8")
    parsed = parse_text(REMIT.replace("scope: NAME\n", more), "remit.yaml")
    problems = parsed.problems
    if parsed.contract is not None:
        problems = check(parsed.contract, Lines(), "remit.yaml", {}, tmp_path)
    assert problems
    assert said in problems[0].message
