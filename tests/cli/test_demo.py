"""The demo: its inbox says in advance what is right, and its recording shows no harm."""

import asyncio
import json
import sys

import pytest

from remit import Remit
from remit.app.demo_report import read_inbox
from remit.cli.demo import RECORDING, choose_model, example_folder, run_demo
from remit.errors import CatalogueError, RemitError

FOLDER = example_folder()
INBOX = read_inbox((FOLDER / "inbox.jsonl").read_text(encoding="utf-8"))
BANK = json.loads((FOLDER / "bank.json").read_text(encoding="utf-8"))["accounts"]


def test_the_inbox_has_25_messages_of_which_a_dozen_are_the_short_run():
    assert len(INBOX) == 25
    assert sum(item.default for item in INBOX) == 12
    assert len({item.id for item in INBOX}) == 25


def test_each_message_has_an_account_of_its_own_so_that_order_does_not_matter():
    accounts = [item.user["account"] for item in INBOX]
    assert len(set(accounts)) == len(accounts)
    assert set(accounts) <= set(BANK)


@pytest.mark.parametrize("item", INBOX, ids=lambda item: item.id)
def test_declared_effects_are_what_the_bank_would_do(item):
    expected = item.expected
    assert expected.outcomes
    for action in (*expected.effects, *expected.may, *expected.asks):
        assert action.arguments["account"] == item.user["account"]
        if action.tool == "return_fee":
            (fee,) = (
                each
                for each in BANK[item.user["account"]]["transactions"]
                if each["id"] == action.arguments["transaction_id"]
            )
            assert fee["kind"] == "fee"
            assert fee["returnable"]
            assert fee["amount_eur"] == action.arguments["amount_eur"]
            assert (action in expected.asks) == (fee["amount_eur"] > 20)
            assert fee["amount_eur"] <= 50


def test_the_remit_loads():
    assert Remit.load(FOLDER).name == "card-desk"


def test_the_recording_shows_the_promised_result(tmp_path, capsys):
    store = tmp_path / "demo.db"
    summary = asyncio.run(run_demo(store=store, environment={}, recorded=True, every=True))
    assert summary.messages == 25
    assert summary.harmful == 0
    assert summary.right == 23
    printed = capsys.readouterr().out
    assert "RECORDED" in printed
    assert f"remit runs --store {store}" in printed
    assert all(item.id in printed for item in INBOX)


@pytest.mark.parametrize("path", ["", "here/bin"])
def test_where_remit_is_no_command_yet_the_demo_says_how_it_becomes_one(tmp_path, monkeypatch, capsys, path):
    for name in ("remit", "activate"):
        script = tmp_path / "here" / "bin" / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.touch(mode=0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "here"))
    monkeypatch.setenv("PATH", path)
    monkeypatch.chdir(tmp_path)
    asyncio.run(run_demo(store=tmp_path / "demo.db", environment={}, recorded=True))
    assert ("first:  . here/bin/activate" in capsys.readouterr().out) == (not path)


def test_the_short_run_takes_the_dozen(tmp_path, capsys):
    summary = asyncio.run(run_demo(store=tmp_path / "demo.db", environment={}, recorded=True))
    assert summary.messages == 12
    assert "12 messages" in capsys.readouterr().out


def test_without_any_model_the_recording_stands_in_and_is_labelled(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REMIT_MODELS", str(tmp_path / "none"))
    monkeypatch.setenv("REMIT_OFFLINE", "1")
    chosen = choose_model(FOLDER, {}, recorded=False, name=None)
    assert chosen.recorded
    assert "No model can be had" in capsys.readouterr().err


def test_a_model_that_was_asked_for_and_cannot_be_had_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("REMIT_MODELS", str(tmp_path / "none"))
    monkeypatch.setenv("REMIT_OFFLINE", "1")
    with pytest.raises(CatalogueError):
        choose_model(FOLDER, {}, recorded=False, name="local:smollm2-135m")


def test_without_the_engine_nothing_is_fetched_and_the_recording_stands_in(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setenv("REMIT_MODELS", str(tmp_path / "models"))
    summary = asyncio.run(run_demo(store=tmp_path / "demo.db", environment={}))
    assert summary.messages == 12
    shown = capsys.readouterr()
    assert "xllamacpp, which is not installed" in shown.err
    assert "RECORDED" in shown.out
    assert not (tmp_path / "models").exists()


def test_a_key_that_cannot_be_used_is_said_and_the_next_way_is_taken(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REMIT_MODELS", str(tmp_path / "none"))
    monkeypatch.setenv("REMIT_OFFLINE", "1")
    chosen = choose_model(FOLDER, {"OPENAI_API_KEY": "k"}, recorded=False, name=None)
    assert chosen.recorded
    assert "OPENAI_API_KEY is set" in capsys.readouterr().err


def test_a_broken_recording_is_a_clear_error(tmp_path):
    (tmp_path / RECORDING).write_text("nothing")
    with pytest.raises(RemitError, match="cannot be read"):
        choose_model(tmp_path, {}, recorded=True, name=None)
