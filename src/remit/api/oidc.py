"""Sign-in by an identity provider: the authorization code flow with PKCE, state and nonce."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from remit.api.problems import Refused, answers, retry_after
from remit.api.provider import claims_of, configuration
from remit.api.session import keep
from remit.api.who import TheService
from remit.app import Provider, Service, sign_in_as, vouched

router = APIRouter(prefix="/v1/oidc", tags=["session"])
COOKIE = "remit_sign_in"
LASTS_S = 600
_TO = {302: {"description": "To the provider, or back to the console."}}
Text = Annotated[str | None, Query(max_length=4000, description="What the provider sends back.")]


def _provider(service: Service) -> Provider:
    if service.provider is None:
        raise Refused(404, "REMIT-OIDC", "No identity provider is set up.", remedy="Sign in with a key.")
    return service.provider


@router.get("/sign-in", response_class=Response, responses={**_TO, **answers(404)})
async def begin(request: Request, service: TheService) -> Response:
    """Send a browser to the identity provider."""
    provider = _provider(service)
    client = request.client.host if request.client is not None else "nobody"
    wait_s = service.delay_of(f"sign-in {client}")
    if wait_s > 0:
        raise Refused(429, "REMIT-RATE", "Too many sign-ins.", headers=retry_after(wait_s))
    endpoints = await configuration(provider)
    state, nonce, verifier = (_random(service) for _ in range(3))
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.callback,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": _text(sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    where = endpoints["authorization_endpoint"]
    joint = "&" if "?" in where else "?"
    reply = RedirectResponse(f"{where}{joint}{urlencode(query)}", 302)
    kept = _text(json.dumps([state, nonce, verifier]).encode())
    secure = provider.public_url.startswith("https://")
    reply.set_cookie(
        COOKIE, kept, max_age=LASTS_S, httponly=True, samesite="lax", secure=secure, path="/v1/oidc"
    )
    return reply


@router.get("/callback", response_class=Response, responses={**_TO, **answers(400, 403, 404, 422)})
async def end(
    request: Request, service: TheService, code: Text = None, state: Text = None, error: Text = None
) -> Response:
    """Take a browser back from the identity provider, and sign its user in."""
    provider = _provider(service)
    begun, nonce, verifier = _begun(request)
    if state is None or not hmac.compare_digest(begun.encode(), state.encode()):
        raise Refused(400, "REMIT-OIDC", "This sign-in was not begun here.", remedy="Begin it again.")
    if error is not None or code is None:
        raise Refused(403, "REMIT-OIDC", "The provider did not let you in.", remedy="Sign in with a key.")
    endpoints = await configuration(provider)
    claims = await claims_of(provider, endpoints, code, verifier)
    name, role = vouched(provider, claims, nonce=nonce, now=service.log.clock())
    session = await run_in_threadpool(sign_in_as, service.log, name, role)
    reply = RedirectResponse("/", 302)
    keep(reply, service, request, session)
    reply.delete_cookie(COOKIE, path="/v1/oidc")
    return reply


def _begun(request: Request) -> tuple[str, str, str]:
    kept = request.cookies.get(COOKIE, "")
    try:
        found: Any = json.loads(urlsafe_b64decode(kept.encode() + b"=" * (-len(kept) % 4)))
        state, nonce, verifier = found
        return str(state), str(nonce), str(verifier)
    except (ValueError, TypeError) as error:
        raise Refused(
            400, "REMIT-OIDC", "This sign-in was not begun in this browser.", remedy="Begin it again."
        ) from error


def _random(service: Service) -> str:
    return _text(service.log.random_bytes(32))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
