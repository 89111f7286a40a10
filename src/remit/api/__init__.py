"""How does another program speak to the agents? The HTTP API: it only speaks; `app` decides.

`api` is an ASGI application before a service; `serve` runs it, and whatever is mounted on it, to its end.
"""

from remit.api.application import api, description
from remit.api.server import listening, serve

__all__ = ["api", "description", "listening", "serve"]
