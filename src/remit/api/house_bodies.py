"""What goes in and out for agents, keys, sessions and health."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from remit.api.body import Body, Name, moment, moment_or_none
from remit.app import Key, Role


class AgentRow(BaseModel):
    """An agent that is served here."""

    agent: str = Field(examples=["my-desk"])
    purpose: str
    release: str
    does: list[str]
    does_not: list[str]
    queues: list[str]
    tools: list[str]


class AgentsBody(BaseModel):
    """Every agent that is served here."""

    agents: list[AgentRow]


class KeyRequest(Body):
    """What a new key shall be good for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "shop", "role": "caller", "agents": ["my-desk"]}]},
    )

    name: Name
    role: Role
    agents: list[Name] = Field(default_factory=list[str], max_length=100)
    queues: list[Name] = Field(default_factory=list[str], max_length=100)
    tenants: list[Name] = Field(default_factory=list[str], max_length=100)
    valid_s: float | None = Field(
        default=None, gt=0, le=3650 * 86400, description="Ends after so many seconds."
    )


class KeyBody(BaseModel):
    """What is known of a key; never the key itself."""

    key: str
    name: str
    role: Role
    agents: list[str]
    queues: list[str]
    tenants: list[str]
    state: Literal["valid", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @staticmethod
    def of(key: Key, now: float) -> "KeyBody":
        """The key as a body."""
        return KeyBody.model_validate(
            {
                "key": key.id,
                "name": key.name,
                "role": key.role,
                "agents": list(key.agents),
                "queues": list(key.queues),
                "tenants": list(key.tenants),
                "state": key.ended(now) or "valid",
                "created_at": moment(key.created_at),
                "expires_at": moment_or_none(key.expires_at),
                "revoked_at": moment_or_none(key.revoked_at),
            }
        )


class IssuedKeyBody(BaseModel):
    """A new key; `secret` is shown this once."""

    secret: str
    key: KeyBody


class KeysBody(BaseModel):
    """Every key that was ever issued."""

    keys: list[KeyBody]


class SignInRequest(Body):
    """The key to sign in with."""

    key: Annotated[str, StringConstraints(max_length=200)]


class SessionBody(BaseModel):
    """Who is signed in; `csrf` goes back as `X-CSRF-Token` with everything that changes something."""

    name: str
    role: Role
    csrf: str = ""


class HealthBody(BaseModel):
    """How the server is."""

    status: Literal["ok", "stopping", "no store"]
