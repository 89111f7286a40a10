"""The console's own files, under addresses that change with their content."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Each file's bytes and the first digits of their hash."""
    folder = files("remit.console") / "static"
    found = {file.name: file.read_bytes() for file in folder.iterdir() if file.name[0] != "."}
    return {name: (data, sha256(data).hexdigest()[:12]) for name, data in found.items()}


def address_of(name: str) -> str:
    """Where a file is found; the address is another one when its content is."""
    return f"/static/{assets()[name][1]}/{name}"


async def static(request: Request) -> Response:
    """One file, for ever."""
    found = assets().get(request.path_params["name"])
    if found is None:
        return PlainTextResponse("There is no such file.", 404)
    kind = TYPES[request.path_params["name"].rpartition(".")[2]]
    return Response(found[0], media_type=kind, headers={"Cache-Control": FOREVER})


ROUTES = [Route("/static/{digest}/{name}", static)]
