"""Sign-in by an identity provider, also one that lies, hangs or breaks."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from api_world import Served, serving
from remit.app import Role, provider_of
from remit.errors import AccessRefused
from remit.log import administered

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
ROLES = "remit-reviewers=reviewer, remit-admins=admin"


class FakeProvider:
    """A provider on this machine that misbehaves as a test says."""

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.configured: dict[str, Any] = {}
        self.key, self.header = KEY, {"alg": "RS256", "kid": "k1"}
        self.raw_token: str | None = None
        self.breaks: dict[str, tuple[int, bytes]] = {}
        self.hangs: set[str] = set()
        self.released = threading.Event()
        self.asked: dict[str, list[str]] = {}
        self.nonce = ""
        self.address = ""

    def token(self) -> str:
        """The token of whoever signs in."""
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": "remit",
            "sub": "42",
            "email": "ann@example.com",
            "email_verified": True,
            "groups": ["remit-reviewers"],
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            **self.changes,
        }
        if self.raw_token is not None:
            return self.raw_token
        return jwt.encode(self.header, {k: v for k, v in claims.items() if v is not None}, self.key)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body of one of its endpoints."""
        if path in self.hangs:
            self.released.wait(30)
        if path in self.breaks:
            return self.breaks[path]
        if path == "/.well-known/openid-configuration":
            endpoints = {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
            return 200, json.dumps({**endpoints, **self.configured}).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()
        return 200, json.dumps({"id_token": self.token(), "access_token": "x"}).encode()


@contextmanager
def provider() -> Iterator[FakeProvider]:
    """The fake provider while it answers."""
    fake = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if body:
                fake.asked = parse_qs(body.decode())
            status, content = fake.answer(urlsplit(self.path).path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                return

        do_GET = do_POST = respond

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def signing_in(folder: Path) -> Iterator[tuple[Served, FakeProvider]]:
    """A server that trusts the fake provider."""
    with provider() as fake, serving(folder) as served:
        environment = {
            "REMIT_OIDC_ISSUER": fake.address,
            "REMIT_OIDC_CLIENT_ID": "remit",
            "REMIT_OIDC_CLIENT_SECRET": "secret",
            "REMIT_PUBLIC_URL": served.address,
            "REMIT_OIDC_ROLES": ROLES,
        }
        served.service.provider = provider_of(environment)
        served.issue(Role.ADMIN)
        yield served, fake


def come_back(served: Served, fake: FakeProvider, **changes: str) -> httpx.Response:
    """What a browser gets that went to the provider and came back."""
    went = served.client.get("/v1/oidc/sign-in")
    assert went.status_code == 302, went.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(went.headers["location"]).query).items()}
    fake.nonce = query["nonce"]
    params = {"code": "c1", "state": query["state"], **changes}
    reply = served.client.get("/v1/oidc/callback", params={k: v for k, v in params.items() if v})
    if fake.asked:
        hashed = sha256(fake.asked["code_verifier"][0].encode()).digest()
        assert urlsafe_b64encode(hashed).decode().rstrip("=") == query["code_challenge"]
    return reply


def test_whoever_the_provider_vouches_for_is_signed_in_with_their_groups_role(tmp_path: Path) -> None:
    with signing_in(tmp_path) as (served, fake):
        reply = come_back(served, fake)
        assert reply.status_code == 302, reply.text
        assert reply.headers["location"] == "/"
        who = served.client.get("/v1/session").json()
        assert (who["name"], who["role"]) == ("ann@example.com", "reviewer")
        assert served.client.get("/v1/cases").status_code == 200
        assert served.client.get("/v1/keys").status_code == 403
        acts = [entry.event for entry in administered(served.service.log)]
        assert (acts[-1].act, acts[-1].by) == ("signed_in", "ann@example.com")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"iss": "https://evil.example"}, 401),
        ({"aud": "another"}, 401),
        ({"aud": ["remit", "another"]}, 401),
        ({"aud": ["remit", "another"], "azp": "remit"}, 302),
        ({"exp": 1}, 401),
        ({"exp": None}, 401),
        ({"exp": "soon"}, 401),
        ({"iat": 99_999_999_999}, 401),
        ({"nonce": "another"}, 401),
        ({"nonce": None}, 401),
        ({"sub": None}, 401),
        ({"groups": ["cooks"]}, 401),
        ({"groups": None}, 401),
        ({"groups": 7}, 401),
        ({"groups": "remit-admins"}, 302),
        ({"email": "a\nb"}, 401),
    ],
)
def test_a_token_that_does_not_hold_signs_nobody_in(
    tmp_path: Path, changes: dict[str, Any], status: int
) -> None:
    with signing_in(tmp_path) as (served, fake):
        fake.changes = changes
        reply = come_back(served, fake)
        assert reply.status_code == status, reply.text
        assert served.client.get("/v1/session").status_code == (200 if status == 302 else 401)


def test_an_address_that_is_not_verified_names_nobody(tmp_path: Path) -> None:
    with signing_in(tmp_path) as (served, fake):
        fake.changes = {"email_verified": False}
        assert come_back(served, fake).status_code == 302
        assert served.client.get("/v1/session").json()["name"] == "42"


def test_a_signature_by_somebody_else_is_none(tmp_path: Path) -> None:
    with signing_in(tmp_path) as (served, fake):
        fake.key = OTHER
        assert come_back(served, fake).status_code == 401
        fake.key, fake.header = OctKey.import_key(b"secret" * 8), {"alg": "HS256", "kid": "k1"}
        assert come_back(served, fake).status_code == 401
        head = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        for token in (f"{head}.e30.", "x", "", "a.b.c"):
            fake.raw_token = token
            assert come_back(served, fake).status_code == 401


@pytest.mark.parametrize(
    "broken",
    [
        (500, b"oh"),
        (200, b"{"),
        (200, b"[]"),
        (200, b"{}"),
        (302, b""),
        (200, b"x" * 2_000_000),
    ],
)
def test_a_provider_that_breaks_is_said_and_nothing_else_breaks(
    tmp_path: Path, broken: tuple[int, bytes]
) -> None:
    with signing_in(tmp_path) as (served, fake):
        fake.breaks["/token"] = broken
        reply = come_back(served, fake)
        assert reply.status_code == 503, reply.text
        assert reply.headers["retry-after"]
        fake.breaks["/.well-known/openid-configuration"] = broken
        assert served.client.get("/v1/oidc/sign-in").status_code == 503
        assert served.client.get("/health/ready").status_code == 200


def test_a_provider_that_hangs_holds_nobody_else_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remit.api.provider.TIME_S", 0.3)
    with signing_in(tmp_path) as (served, fake):
        fake.hangs.add("/.well-known/openid-configuration")
        assert served.client.get("/v1/oidc/sign-in").status_code == 503


@pytest.mark.parametrize(
    "configured",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_configuration_that_leads_elsewhere_is_refused(tmp_path: Path, configured: dict[str, Any]) -> None:
    with signing_in(tmp_path) as (served, fake):
        fake.configured = configured
        assert served.client.get("/v1/oidc/sign-in").status_code == 503


def test_a_way_back_that_was_not_begun_here_is_refused(tmp_path: Path) -> None:
    with signing_in(tmp_path) as (served, fake):
        assert served.client.get("/v1/oidc/callback", params={"code": "c", "state": "s"}).status_code == 400
        assert come_back(served, fake, state="another").status_code == 400
        assert come_back(served, fake, code="", error="access_denied").status_code == 403
        served.client.cookies.set("remit_sign_in", "nonsense", path="/v1/oidc")
        stranger = served.client_with({"Cookie": "remit_sign_in=W10"})
        assert stranger.get("/v1/oidc/callback", params={"code": "c", "state": "s"}).status_code == 400


def test_without_a_provider_there_is_no_such_way_in(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.client.get("/v1/oidc/sign-in").status_code == 404
        assert served.client.get("/v1/oidc/callback").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"REMIT_OIDC_CLIENT_SECRET": ""},
        {"REMIT_OIDC_ISSUER": "http://login.example.com"},
        {"REMIT_PUBLIC_URL": "ftp://x"},
        {"REMIT_OIDC_ROLES": ""},
        {"REMIT_OIDC_ROLES": "admins=chef"},
        {"REMIT_OIDC_ROLES": "admins"},
    ],
)
def test_half_a_provider_is_refused_when_the_server_starts(change: dict[str, str]) -> None:
    whole = {
        "REMIT_OIDC_ISSUER": "https://login.example.com",
        "REMIT_OIDC_CLIENT_ID": "remit",
        "REMIT_OIDC_CLIENT_SECRET": "secret",
        "REMIT_PUBLIC_URL": "https://remit.example.com",
        "REMIT_OIDC_ROLES": ROLES,
    }
    assert provider_of(whole) is not None
    assert provider_of({}) is None
    with pytest.raises(AccessRefused) as raised:
        provider_of(whole | change)
    assert raised.value.remedy
