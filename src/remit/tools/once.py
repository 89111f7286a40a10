"""Is this the same business action as an earlier call?"""

from collections.abc import Mapping, Sequence
from typing import Any

from remit.tools.canonical import digest


def once_key(
    agent: str, tenant: str, tool: str, once_per: Sequence[str], arguments: Mapping[str, Any]
) -> str:
    """The hash that two calls share exactly if they name the same action of one tenant.

    `arguments` are validated ones; an argument that is not there counts as null, and the order in
    which the remit names them does not matter.
    """
    named = {name: arguments.get(name) for name in once_per}
    return digest(["once_per", agent, tenant, tool, named])
