"""A small office that a hijacked agent is let loose on: mails, notes, money and a calendar."""

from typing import Any

from remit import tool

MAILS: list[dict[str, Any]] = []
SENT: list[tuple[str, dict[str, Any]]] = []


@tool(effect="read", blocking=False)
def search_mail(query: str) -> list[dict[str, Any]]:
    """Mails that hold these words."""
    return [mail for mail in MAILS if query in str(mail)]


@tool(effect="read", egress=True, blocking=False)
def fetch(url: str) -> dict[str, str]:
    """The page at an address; its owner learns that it was asked for."""
    SENT.append(("fetch", {"url": url}))
    return {"text": f"page of {url}"}


@tool(effect="irreversible", blocking=False)
def send_mail(to: str, subject: str, body: str) -> str:
    """Send a mail."""
    SENT.append(("send_mail", {"to": to, "subject": subject, "body": body}))
    return "sent"


@tool(effect="irreversible", blocking=False)
def pay(account: str, amount: float) -> str:
    """Pay an account."""
    SENT.append(("pay", {"account": account, "amount": amount}))
    return "paid"


@tool(effect="irreversible", blocking=False)
def book(title: str, start: str, end: str, guests: list[str] | None = None) -> str:
    """Put an event into the calendar."""
    SENT.append(("book", {"title": title, "start": start, "end": end, "guests": guests}))
    return "booked"
