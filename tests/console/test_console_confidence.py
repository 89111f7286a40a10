"""A case about an answer that is not sure enough: the figure that was calibrated, or why there is none."""

import asyncio
import math
from pathlib import Path

import pytest
from page_reading import read

from console_world import REMIT, console_of, seed, write_desk
from remit import Remit, Runtime
from remit.app import calibrate_agent, near_points
from remit.model import Reply, Request

GATE = "confidence: {{from: logprobs, below: {{queue: front-desk}}, audit: 0}}\n"
MODEL = "scripted:model"


def unsure(request: Request) -> Reply:
    return Reply(text="Perhaps.", finish="stop", mean_logprob=math.log(0.29), reported_model=MODEL)


def case_text(folder: Path) -> str:
    seed(folder, {"one": "How are you?"}, model=unsure)
    with console_of(folder, advances=False) as served:
        (case,) = served.client.get("/review", headers={"accept": "application/json"}).json()["cases"]
        return read(served.client.get(f"/review/{case['case_id']}").text).one("article").text()


def test_without_a_calibration_the_case_says_what_is_missing(tmp_path: Path) -> None:
    write_desk(tmp_path, text=REMIT + GATE)
    text = case_text(tmp_path)
    assert "Perhaps." in text
    assert "Its confidence is 0.290 by logprobs" in text
    assert "How often answers like it are right is not known: 0 of about 200 labels" in text


def test_with_a_calibration_it_says_how_many_answers_like_it_were_right(tmp_path: Path) -> None:
    write_desk(tmp_path, text=REMIT + GATE)
    labels = tmp_path / "labels.csv"
    rows = ["score,correct", *["0.9,true"] * 300, *["0.3,false"] * 45, *["0.3,true"] * 15]
    labels.write_text("\n".join(rows), encoding="utf-8")
    remit = Remit.load(tmp_path / "agents" / "order-desk", environment={})

    async def calibrated() -> None:
        async with Runtime(tmp_path / "remit.db") as runtime:
            runtime.register(remit)
            calibrate_agent(runtime.log, remit, labels=labels, model=MODEL)

    asyncio.run(calibrated())
    text = case_text(tmp_path)
    assert "Of 60 labelled answers at this confidence, 25 % were right" in text
    assert "what goes out alone has 0." in text


@pytest.mark.parametrize(("score", "expected"), [(0.5, [True, False]), (0.9, []), (None, [])])
def test_only_answers_of_about_the_same_score_are_alike(score: float | None, expected: list[bool]) -> None:
    assert near_points([(0.5, True), (0.54, False), (0.7, True)], score) == expected
