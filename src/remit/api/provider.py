"""What is asked of an identity provider: its configuration, its keys and a token, within bounds."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

from remit.api.problems import Refused
from remit.app import Provider, is_safe

TIME_S = 5.0
MOST_BYTES = 1_000_000
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures by keys that the provider alone has; never `none`, never a shared secret."""


async def configuration(provider: Provider) -> dict[str, str]:
    """Where the provider's endpoints are (OpenID Connect Discovery 1.0); Refused if it does not say."""
    found = await _asked("GET", f"{provider.issuer}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != provider.issuer:
        raise _unusable("it says that it is another one")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not all(isinstance(found.get(name), str) and is_safe(found[name]) for name in names):
        raise _unusable("its endpoints are missing or not safe")
    return {name: found[name] for name in names}


async def claims_of(
    provider: Provider, endpoints: Mapping[str, str], code: str, verifier: str
) -> dict[str, Any]:
    """The claims of the token that the code stands for, its signature verified; Refused otherwise."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.callback,
        "code_verifier": verifier,
    }
    secret = (provider.client_id, provider.client_secret)
    answer = await _asked("POST", endpoints["token_endpoint"], form=form, secret=secret)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise _unusable("it gave no token")
    return _verified(token, await _asked("GET", endpoints["jwks_uri"]))


def _verified(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        held: Any = KeySet.import_key_set(cast("Any", keys))
        return dict(jwt.decode(token, held, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(
            401, "REMIT-OIDC", "The provider's token is not signed by it.", remedy="Sign in again."
        ) from error


async def _asked(
    method: str,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    secret: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The provider's answer as a JSON object; it is given some seconds and no redirect."""
    import httpx

    try:
        async with (
            asyncio.timeout(TIME_S),
            httpx.AsyncClient(trust_env=False, timeout=TIME_S) as client,
            client.stream(method, address, data=form, auth=secret) as reply,
        ):
            content = b""
            async for chunk in reply.aiter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise _unusable("its answer is too long")
            if reply.status_code != 200:
                raise _unusable(f"it answered {reply.status_code}")
        found: Any = json.loads(content)
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        raise _unusable("it cannot be reached or understood") from error
    if not isinstance(found, dict):
        raise _unusable("its answer is no object")
    return cast("dict[str, Any]", found)


def _unusable(reason: str) -> Refused:
    return Refused(
        503,
        "REMIT-OIDC",
        f"The identity provider cannot be used: {reason}.",
        remedy="Try again, or sign in with a key.",
        headers={"Retry-After": "5"},
    )
