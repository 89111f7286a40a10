"""Agents over HTTP: what is served here, and what people need to know of each."""

from typing import Literal

from fastapi import APIRouter, Response
from starlette.responses import HTMLResponse, PlainTextResponse

from remit.api.house_bodies import AgentRow, AgentsBody
from remit.api.problems import answers
from remit.api.who import AgentReader, TheService
from remit.app import Remit
from remit.contract import runbook_html, runbook_markdown

router = APIRouter(prefix="/v1/agents", tags=["agents"])
_PAGES = {
    "text/markdown": {"schema": {"type": "string"}},
    "text/html": {"schema": {"type": "string"}},
}


@router.get("", responses=answers(403))
def list_agents(identity: AgentReader, service: TheService) -> AgentsBody:
    """Every agent that is served here."""
    seen = [remit for name, remit in sorted(service.agents.items()) if identity.sees(agent=name)]
    return AgentsBody(agents=[_row(remit) for remit in seen])


@router.get("/{name}", responses=answers(403, 404))
def get_agent(name: str, identity: AgentReader, service: TheService) -> AgentRow:
    """One agent."""
    return _row(service.agent(identity, name))


@router.get(
    "/{name}/runbook",
    response_class=Response,
    responses={200: {"description": "The runbook.", "content": _PAGES}, **answers(403, 404, 422)},
)
def get_runbook(
    name: str, identity: AgentReader, service: TheService, form: Literal["markdown", "html"] = "markdown"
) -> Response:
    """What people need to know of an agent, written from the remit that is enforced."""
    remit = service.agent(identity, name)
    if form == "html":
        return HTMLResponse(runbook_html(remit.contract, remit.facts))
    return PlainTextResponse(runbook_markdown(remit.contract, remit.facts), media_type="text/markdown")


def _row(remit: Remit) -> AgentRow:
    contract = remit.contract
    return AgentRow(
        agent=remit.name,
        purpose=contract.purpose,
        release=remit.release.hash,
        does=list(contract.does),
        does_not=[topic.topic for topic in contract.does_not],
        queues=sorted(contract.queues),
        tools=sorted(remit.tools),
    )
