"""Whom does an identity provider vouch for, and which role do they get? OpenID Connect Core 1.0; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from remit.app.access import Role
from remit.app.presenting import is_loopback
from remit.errors import AccessRefused

_VARIABLES = ("REMIT_OIDC_ISSUER", "REMIT_OIDC_CLIENT_ID", "REMIT_OIDC_CLIENT_SECRET", "REMIT_PUBLIC_URL")
_STRONGEST_FIRST = (Role.ADMIN, Role.OPERATOR, Role.REVIEWER, Role.CALLER)
SKEW_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An identity provider and what its claims mean here."""

    issuer: str
    client_id: str
    client_secret: str
    public_url: str
    """The address under which people reach this server."""
    claim: str
    """The claim that says which groups somebody is in."""
    roles: Mapping[str, Role]
    """The role of each group."""

    @property
    def callback(self) -> str:
        """Where the provider sends people back to."""
        return f"{self.public_url}/v1/oidc/callback"


def provider_of(environment: Mapping[str, str]) -> Provider | None:
    """The provider that the environment names; None if it names none, AccessRefused if it is half named."""
    given = {name: environment.get(name, "").strip().rstrip("/") for name in _VARIABLES}
    if not given["REMIT_OIDC_ISSUER"]:
        return None
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise AccessRefused(f"Sign-in by a provider lacks {', '.join(missing)}.", remedy="Set it as well.")
    for name in ("REMIT_OIDC_ISSUER", "REMIT_PUBLIC_URL"):
        if not is_safe(given[name]):
            raise AccessRefused(f"{name} is not an https address.", remedy="Only loopback may do without.")
    return Provider(
        issuer=given["REMIT_OIDC_ISSUER"],
        client_id=given["REMIT_OIDC_CLIENT_ID"],
        client_secret=given["REMIT_OIDC_CLIENT_SECRET"],
        public_url=given["REMIT_PUBLIC_URL"],
        claim=environment.get("REMIT_OIDC_CLAIM", "groups"),
        roles=_roles(environment.get("REMIT_OIDC_ROLES", "")),
    )


def _roles(text: str) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        group, equals, role = pair.rpartition("=")
        if not equals or role.strip() not in set(Role):
            raise AccessRefused(
                f"REMIT_OIDC_ROLES holds {pair!r}.", remedy="Write GROUP=ROLE, such as remit-admins=admin."
            )
        roles[group.strip()] = Role(role.strip())
    if not roles:
        raise AccessRefused(
            "REMIT_OIDC_ROLES gives nobody a role.", remedy="Write GROUP=ROLE, such as remit-admins=admin."
        )
    return roles


def is_safe(address: str) -> bool:
    """Whether what goes there can be read by nobody on the way."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        return False


def vouched(provider: Provider, claims: Mapping[str, Any], *, nonce: str, now: float) -> tuple[str, Role]:
    """Name and role of whom a verified token is about; AccessRefused if it is not for this sign-in."""
    against = _against(provider, claims, nonce, now)
    if against is not None:
        raise AccessRefused(f"The provider's token does not hold: {against}.", remedy="Sign in again.")
    groups = claims.get(provider.claim)
    several = cast("list[Any]", groups) if isinstance(groups, list) else [groups]
    held = {each for each in several if isinstance(each, str)}
    roles = {role for group, role in provider.roles.items() if group in held}
    role = next((role for role in _STRONGEST_FIRST if role in roles), None)
    if role is None:
        raise AccessRefused("You are known, but in no group that has a role here.", remedy="Ask an admin.")
    return _name(claims), role


def _against(provider: Provider, claims: Mapping[str, Any], nonce: str, now: float) -> str | None:
    audience = claims.get("aud")
    audiences = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
    expires_at, issued_at = claims.get("exp"), claims.get("iat")
    if str(claims.get("iss", "")).rstrip("/") != provider.issuer:
        return "another issuer"
    if provider.client_id not in audiences:
        return "it is for another client"
    if len(audiences) > 1 and claims.get("azp") != provider.client_id:
        return "it was made for another client"
    if not isinstance(expires_at, int | float) or expires_at + SKEW_S <= now:
        return "it has expired"
    if not isinstance(issued_at, int | float) or issued_at - SKEW_S > now:
        return "it is from the future"
    if claims.get("nonce") != nonce:
        return "it belongs to another sign-in"
    return None if claims.get("sub") else "it is about nobody"


def _name(claims: Mapping[str, Any]) -> str:
    """A verified e-mail address, else the provider's own id: nobody names themselves."""
    mail = claims.get("email")
    name = str(mail) if mail and claims.get("email_verified") is True else str(claims["sub"])
    if not name.isprintable() or len(name) > 200:
        raise AccessRefused("The provider names you in a way that cannot be kept.")
    return name
