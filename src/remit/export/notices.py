"""What somebody is told of a case: the words, and the form that each kind of target takes. Pure.

Webhooks are signed as Standard Webhooks 1.0 says (standardwebhooks.com): `webhook-id` is the same in every
attempt, `webhook-timestamp` is the attempt's, and both are signed with the body, so that whoever receives it
can refuse what is old or was seen before.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from remit.handover import clock_text, one_line

TOLERANCE_S = 300.0
"""How old a signed webhook may be when it arrives."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 3600.0
SUBJECT_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told; `deadline` is in seconds since the epoch."""

    id: str
    """The same in every attempt."""
    case: str
    run_id: str
    agent: str
    queue: str
    question: str
    why: str
    deadline: float | None
    otherwise: str
    link: str = ""
    """Where the console shows the case; empty where nobody said where it is."""

    def lines(self) -> list[str]:
        """The notice for people; every line is one."""
        where = f"Agent {self.agent}, queue {self.queue}, case {self.case}"
        found = [self.question, f"Why: {self.why}", where]
        if self.deadline is not None:
            found.append(f"Until: {clock_text(self.deadline)}")
        found.append(self.link or f"Look at it: remit cases {self.case}")
        return [one_line(line) for line in found]


def webhook_body(notice: Notice) -> bytes:
    """The notice as JSON."""
    return _json({"type": "case.waits", "data": asdict(notice)})


def signature(key: str, notice_id: str, at: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{notice_id}.{at}.".encode() + body
    digest = hmac.new(key.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def webhook_headers(key: str, notice_id: str, at: float, body: bytes) -> dict[str, str]:
    """The headers that say who sent it and when."""
    return {
        "webhook-id": notice_id,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": signature(key, notice_id, int(at), body),
    }


def webhook_genuine(key: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
    """Whether a webhook came from who has the key, and lately; for whoever receives it.

    To be safe from a replay within those five minutes, keep `webhook-id` and refuse one seen before.
    """
    given = {name.casefold(): value for name, value in headers.items()}
    stamp = given.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > TOLERANCE_S:
        return False
    wanted = signature(key, given.get("webhook-id", ""), int(stamp), body)
    return any(
        hmac.compare_digest(wanted.encode(), each.encode())
        for each in given.get("webhook-signature", "").split()
    )


def slack_body(notice: Notice) -> bytes:
    """The notice as an incoming webhook of Slack takes it; nothing in it is markup or mentions anybody."""
    first, *rest = [_plain(line) for line in notice.lines()]
    return _json({"text": "\n".join([f"A case waits in {_plain(notice.queue)}: {first}", *rest])})


def mail(notice: Notice, *, sender: str, to: str) -> EmailMessage:
    """The notice as a mail; it has the same id in every attempt."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    subject = one_line(f"[{notice.queue}] {notice.question}")
    message["Subject"] = subject[:SUBJECT_CHARACTERS]
    message["Message-ID"] = f"<{notice.id}@remit.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(notice.lines()) + "\n")
    return message


def wait_s(attempts: int, share: float) -> float:
    """How long after that many failures it is tried again; `share`, 0 to 1, keeps senders apart."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20)) * (0.5 + share / 2)


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
