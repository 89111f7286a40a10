"""Notices of cases: signed so that a replay is seen, harmless in every form, and one attempt at a time."""

import asyncio
import json
import socket
import threading
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_world import Mailbox, mail_server
from remit.export import (
    NotDelivered,
    Notice,
    mail,
    post,
    send_mail,
    slack_body,
    wait_s,
    webhook_body,
    webhook_genuine,
    webhook_headers,
)

KEY = "a signing key of some length"
NOTICE = Notice(
    id="c1.7.0",
    case="c1",
    run_id="r1",
    agent="desk",
    queue="refunds",
    question='Call refund with memo = "<!channel>"?',
    why="A person decides & signs.",
    deadline=1_800_000_000.0,
    otherwise="deny",
)


@contextmanager
def answering(raw, *, close=True):
    """A server that answers every connection with these bytes, or with nothing at all."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []
    held = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            with suppress(OSError):
                seen.append(connection.recv(65536))
                connection.sendall(raw)
            if close:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook?a=1", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        thread.join(5)


def posted(address, timeout_s=5.0):
    asyncio.run(post(address, b"{}", {"x-mine": "1"}, timeout_s=timeout_s))


def test_a_webhook_is_genuine_for_who_has_the_key_and_for_a_while():
    body = webhook_body(NOTICE)
    headers = webhook_headers(KEY, NOTICE.id, 1000.7, body)
    assert json.loads(body)["data"]["case"] == "c1"
    assert webhook_genuine(KEY, headers, body, now=1100)
    assert not webhook_genuine(KEY, headers, body, now=1400)
    assert not webhook_genuine(KEY, headers, body, now=600)
    assert not webhook_genuine("another key", headers, body, now=1100)
    assert not webhook_genuine(KEY, headers, body + b" ", now=1100)
    for name, value in (("webhook-id", "c2"), ("webhook-timestamp", "1001"), ("webhook-signature", "v1,x")):
        assert not webhook_genuine(KEY, {**headers, name: value}, body, now=1100)
    assert not webhook_genuine(KEY, {}, body, now=1100)


def test_the_signature_is_that_of_the_standard():
    # The example of Standard Webhooks 1.0, with its key as bytes of text.
    headers = webhook_headers("key", "msg_1", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"].startswith("v1,")
    assert set(headers) == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def test_nothing_in_a_slack_message_is_markup():
    text = json.loads(slack_body(NOTICE))["text"]
    assert "<" not in text
    assert ">" not in text
    assert "&lt;!channel&gt;" in text


@given(st.text(max_size=300), st.text(max_size=50))
def test_no_text_adds_a_header_or_a_line_to_a_mail(question, queue):
    notice = Notice(
        id="c1.7.0",
        case="c1",
        run_id="r1",
        agent="desk",
        queue=queue,
        question=question,
        why="why",
        deadline=None,
        otherwise="none",
    )
    message = mail(notice, sender="remit@example.com", to="ann@example.com")
    assert message["To"] == "ann@example.com"
    assert "Bcc" not in message
    assert all(line.isprintable() for line in notice.lines())
    assert message.as_bytes()


@given(st.integers(1, 1000), st.floats(0, 1))
def test_the_wait_grows_to_an_hour_and_no_further(attempts, share):
    assert 2.5 <= wait_s(attempts, share) <= 3600
    assert wait_s(attempts + 1, 1.0) >= wait_s(attempts, 1.0)


def test_a_post_is_taken():
    with answering(b"HTTP/1.1 204 No Content\r\n\r\n") as (address, seen):
        posted(address)
    (request,) = seen
    assert request.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert b"x-mine: 1\r\n" in request


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"HTTP/1.1 500 No\r\n\r\n", "answered 500"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n\r\n", "a redirect is not followed"),
        (b"", "cannot be reached"),
        (b"nonsense\r\n", "answered 0"),
        (b"HTTP/1.1 abc\r\n", "cannot be reached"),
        (b"x" * 200_000, "cannot be reached"),
    ],
)
def test_a_post_that_goes_wrong(raw, why):
    with answering(raw) as (address, seen), pytest.raises(NotDelivered, match=why):
        posted(address)
    assert len(seen) == 1


def test_a_target_that_hangs_is_left_in_time():
    with answering(b"", close=False) as (address, _), pytest.raises(NotDelivered, match="no answer within"):
        posted(address, 0.2)
    with answering(b"HTTP/1.1", close=False) as (address, _), pytest.raises(NotDelivered, match="no answer"):
        posted(address, 0.2)


@pytest.mark.parametrize("address", ["", "ftp://127.0.0.1", "http://", "http://127.0.0.1:1/\\u00e4", "x"])
def test_what_is_no_address(address):
    with pytest.raises(NotDelivered, match="cannot be reached"):
        posted(address)


def sent(server, timeout_s=5.0):
    message = mail(NOTICE, sender="remit@example.com", to="ann@example.com")
    asyncio.run(send_mail(server, message, timeout_s=timeout_s))


def test_a_mail_is_taken_or_refused():
    box = Mailbox()
    with mail_server(box) as server:
        sent(server)
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["ann@example.com"]
    assert b"Message-ID: <c1.7.0@remit.invalid>" in envelope.content
    with mail_server(Mailbox("550 no")) as server, pytest.raises(NotDelivered, match="550"):
        sent(server)


def test_a_mail_server_that_hangs_or_is_gone():
    with answering(b"", close=False) as (address, _), pytest.raises(NotDelivered, match="did not take it"):
        sent(address.replace("http:", "smtp:"), 0.2)
    for server in ("smtp://127.0.0.1:1", "http://127.0.0.1", "smtp://"):
        with pytest.raises(NotDelivered, match="did not take it"):
            sent(server, 2.0)
