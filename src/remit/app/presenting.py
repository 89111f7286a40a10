"""Who is at the door? From what a request brings with it to an identity; every door asks here."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import urlsplit

from remit.app.access import Identity, Role
from remit.app.keys import any_key, key_of
from remit.app.sessions import LASTS_S, csrf_fits, identity_of_session
from remit.errors import AccessRefused
from remit.log import Log

LOCAL = Identity(name="local", role=Role.ADMIN, local=True)
"""Whoever speaks from this machine, as long as no key was ever issued."""
COOKIE = "remit_session"
"""The cookie that holds a session; no script can read it."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCookie:
    """The cookie of a session as every door sets it: out of reach of scripts and of other sites' forms."""

    value: str
    key: str = COOKIE
    max_age: int = int(LASTS_S)
    """In seconds."""
    secure: bool
    """Whether a browser sends it over TLS alone: wherever people come by TLS."""
    httponly: bool = True
    samesite: Literal["lax"] = "lax"
    path: str = "/"


def session_cookie(token: str, *, scheme: str, public_url: str) -> SessionCookie:
    """The cookie for a session that was just opened by a request of that scheme.

    `public_url` is the address under which people reach the server behind a proxy; empty without one.
    """
    return SessionCookie(value=token, secure="https" in (scheme, public_url.partition(":")[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What a request says of its sender: header values as they came, None where they are missing."""

    host: str | None
    changes: bool
    """Whether it may change something: every method but GET, HEAD and OPTIONS."""
    authorization: str | None = None
    session: str | None = None
    """The session's cookie."""
    csrf: str | None = None
    origin: str | None = None
    forwarded: bool = False
    """Whether a proxy passed it on."""

    @classmethod
    def of(
        cls, method: str, headers: Mapping[str, str], cookies: Mapping[str, str], *, csrf: str | None
    ) -> Self:
        """What a request says; `headers` are found by their names in small letters."""
        return cls(
            host=headers.get("host"),
            changes=method not in READING,
            authorization=headers.get("authorization"),
            session=cookies.get(COOKIE),
            csrf=csrf,
            origin=headers.get("origin"),
            forwarded=any(name in headers for name in _FORWARDED),
        )


def identify(log: Log, presented: Presented, *, loopback: bool) -> Identity:
    """Who sends this; AccessRefused says why nobody is recognised.

    `loopback` is whether this process listens on this machine alone. A key comes before a cookie.
    """
    if presented.authorization is not None:
        return key_of(log, _bearer(presented.authorization)).identity
    if presented.session is not None:
        return _by_cookie(log, presented, presented.session)
    if loopback and not any_key(log):
        return _local(presented)
    raise AccessRefused("A key is needed.", remedy="Send it as `Authorization: Bearer remit_...`.")


def _bearer(authorization: str) -> str:
    scheme, _, presented = authorization.partition(" ")
    if scheme.casefold() != "bearer":
        raise AccessRefused(
            "A key is sent as a bearer token.", remedy="Send `Authorization: Bearer remit_...`."
        )
    return presented.strip()


def _by_cookie(log: Log, presented: Presented, token: str) -> Identity:
    identity = identity_of_session(log, token)
    if presented.changes:
        if presented.origin is not None and not same_origin(presented.origin, presented.host):
            raise AccessRefused("This came from a page of another site.", remedy="Use the console's own.")
        if not csrf_fits(token, presented.csrf):
            raise AccessRefused("The token against forged requests is missing.", remedy="Load the page anew.")
    return identity


def _local(presented: Presented) -> Identity:
    if presented.forwarded:
        raise AccessRefused("What a proxy passes on needs a key.", remedy="`remit key new` makes one.")
    if host_name(presented.host) not in _OWN_NAMES:
        # Another site's name may have been pointed at this machine (DNS rebinding).
        raise AccessRefused(
            "Without keys this answers to localhost alone.", remedy="Use http://localhost, or make a key."
        )
    if presented.origin is not None and not same_origin(presented.origin, presented.host):
        raise AccessRefused("This came from a page of another site.", remedy="`remit key new` makes a key.")
    return LOCAL


def same_origin(origin: str, host: str | None) -> bool:
    """Whether an Origin header names the host that was asked."""
    return host is not None and urlsplit(origin).netloc.casefold() == host.casefold()


def host_name(host: str | None) -> str:
    """The name in a Host header, without its port and brackets; empty where there is none."""
    try:
        return urlsplit(f"//{host or ''}").hostname or ""
    except ValueError:
        return ""


def is_loopback(address: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def may_listen(log: Log, address: str) -> None:
    """AccessRefused where a public address would be served without any key."""
    if not is_loopback(address) and not any_key(log):
        raise AccessRefused(
            f"{address} can be reached from other machines, and there is no key yet.",
            remedy="`remit key new NAME --role admin` makes one; or leave --host at 127.0.0.1.",
        )
