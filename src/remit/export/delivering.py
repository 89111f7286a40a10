"""One attempt to tell somebody: a request or a mail, within its time, following nobody elsewhere."""

import asyncio
import smtplib
import ssl
import threading
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit


class NotDelivered(Exception):
    """The attempt failed; the text says how, without any address or secret."""


async def post(address: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float) -> None:
    """Posts JSON; NotDelivered unless the answer is 2xx within that time. A redirect is not followed."""
    try:
        async with asyncio.timeout(timeout_s):
            status = await _status(address, body, headers)
    except TimeoutError as error:
        raise NotDelivered(f"there was no answer within {timeout_s:g} s") from error
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NotDelivered(f"it cannot be reached: {type(error).__name__}") from error
    if 300 <= status < 400:
        raise NotDelivered(f"it answered {status}: a redirect is not followed")
    if not 200 <= status < 300:
        raise NotDelivered(f"it answered {status}")


async def _status(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    url = urlsplit(address)
    secure = url.scheme == "https"
    if url.scheme not in ("http", "https") or not url.hostname or not address.isascii() or " " in address:
        raise ValueError("no address")
    context = ssl.create_default_context() if secure else None
    port = url.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=context)
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        head = {"Host": url.netloc.rpartition("@")[2], "Content-Type": "application/json", **headers}
        head |= {"Content-Length": str(len(body)), "Connection": "close", "User-Agent": "remit"}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        await writer.drain()
        # What follows the status is nobody's business: the body is never read.
        words = (await reader.readuntil(b"\r\n")).split()
        return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/1.") else 0
    finally:
        writer.transport.abort()


async def send_mail(server: str, message: EmailMessage, *, timeout_s: float) -> None:
    """Sends a mail by `smtp://user:password@host:587` or `smtps://...`; NotDelivered if it is not taken."""
    try:
        async with asyncio.timeout(timeout_s):
            await _in_thread(lambda: _send(server, message, timeout_s))
    except TimeoutError as error:
        raise NotDelivered(f"the mail server did not take it within {timeout_s:g} s") from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        kind = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
        raise NotDelivered(f"the mail server did not take it: {kind}") from error


def _send(server: str, message: EmailMessage, timeout_s: float) -> None:
    url = urlsplit(server)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise ValueError("no mail server")
    secure = ssl.create_default_context()
    if url.scheme == "smtps":
        port = url.port or 465
        client: smtplib.SMTP = smtplib.SMTP_SSL(url.hostname, port, timeout=timeout_s, context=secure)
    else:
        client = smtplib.SMTP(url.hostname, url.port or 25, timeout=timeout_s)
    with client:
        client.ehlo()
        if url.scheme == "smtp" and client.has_extn("starttls"):
            client.starttls(context=secure)
            client.ehlo()
        if url.username is not None:
            client.login(unquote(url.username), unquote(url.password or ""))
        client.send_message(message)


def sender_of(server: str) -> str:
    """Who mails are from: `?from=` of the server's address, else `remit` at the server."""
    url = urlsplit(server)
    return parse_qs(url.query).get("from", [f"remit@{url.hostname or 'localhost'}"])[0]


async def _in_thread(work: Callable[[], None]) -> None:
    """Runs it in a thread that the end of the process does not wait for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except Exception as caught:  # it is raised again where the mail is waited for
            error = caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, daemon=True, name="remit-mail").start()
    await done
