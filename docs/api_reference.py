"""The HTTP API as a page, from its own description (OpenAPI)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

LEAD = """# The HTTP API

What `remit serve` answers. Printed from the code by `make docs`; a test compares.
The same as OpenAPI 3.1, with examples: `GET /openapi.json`.

A request is recognised by `Authorization: Bearer KEY`, or by the cookie of a session together with
`X-CSRF-Token`; on the machine itself, as long as no key was ever made, by nothing. Every refusal is a
`Problem` (`application/problem+json`, RFC 9457): 401 nobody is recognised, 403 the role may not, 404 it is
not there or not yours, 409 it does not fit what is there, 413 too large, 422 it does not fit, 429 too often
and 503 not now, both with `Retry-After`. 400 is a body that is not JSON.

Each operation says which roles it is for; where it names none, it is for whoever is recognised. What lies
beyond a key's agents, queues and tenants is not there for it. Lists come page by page: `next` goes back as
`cursor`, or `next_after` as `after`, until it is none. Times are UTC. Keys, roles and examples with `curl`:
[Serve an agent](../how-to/serve-an-agent.md).
"""


BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
}
"""The bounds of a number, in words."""


def api_page(description: Mapping[str, Any]) -> str:
    """Every operation with what goes in and out, then every body."""
    operations = [
        (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    lines = [LEAD, "| operation | what it does |", "| --- | --- |"]
    lines += [f"| `{method} {path}` | {_sentence(each)} |" for method, path, each in operations]
    for method, path, operation in operations:
        lines += ["", f"## {method} {path}", "", operation.get("description", "").strip(), ""]
        lines += _operation(operation)
    for name, schema in sorted(description["components"]["schemas"].items()):
        lines += ["", f"## {name}", "", *_schema(schema)]
    return "\n".join(lines).rstrip() + "\n"


def _sentence(operation: Mapping[str, Any]) -> str:
    return operation.get("description", "").split("\n\n")[0].replace("\n", " ")


def _operation(operation: Mapping[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    if parameters:
        yield from ("| parameter | in | type | meaning |", "| --- | --- | --- | --- |")
        for each in parameters:
            meaning = each.get("description") or each["schema"].get("description", "")
            words = f"{meaning}{_bounds(each['schema'])}"
            yield f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | {words} |"
        yield ""
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        yield f"Takes {_type(content['schema'])}."
    roles = operation.get("x-roles")
    if roles is not None:
        yield f"For {', '.join(roles)}."
    elif "security" not in operation:
        yield "For anybody."
    answers = ", ".join(
        f"{status} {_content(answer)}".strip() for status, answer in sorted(operation["responses"].items())
    )
    yield f"Answers {answers}."


def _bounds(schema: Mapping[str, Any]) -> str:
    """What is taken where nothing is said, and what is taken at all."""
    within = [f"{word} {schema[key]:g}" for key, word in BOUNDS.items() if key in schema]
    usual = schema.get("default")
    said = [f"`{usual}` unless you say otherwise"] if usual not in (None, "", False, [], -1) else []
    return f" ({', '.join([*said, *within])})" if said or within else ""


def _content(answer: Mapping[str, Any]) -> str:
    types = [_type(each.get("schema", {})) for each in answer.get("content", {}).values()]
    return " or ".join(dict.fromkeys(name for name in types if name != "[Problem](#problem)"))


def _schema(schema: Mapping[str, Any]) -> Iterator[str]:
    yield schema.get("description", "").split("\n\n")[0].replace("\n", " ")
    yield ""
    if "properties" in schema:
        yield from ("| field | type | meaning |", "| --- | --- | --- |")
        needed = set(schema.get("required", ()))
        for name, field in schema["properties"].items():
            must = "" if name in needed else ", optional"
            meaning = field.get("description", "").replace("\n", " ")
            yield f"| `{name}` | {_type(field)}{must} | {meaning}{_bounds(field)} |"
    if "enum" in schema:
        yield ", ".join(f"`{value}`" for value in schema["enum"])
    for example in schema.get("examples", ()):
        yield ""
        yield f"For example: `{json.dumps(example)}`"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema or "oneOf" in schema:
        parts = [_type(each) for each in schema.get("anyOf") or schema["oneOf"]]
        return " or ".join(part for part in parts if part != "null") or "any"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {})) or 'any'}"
    named = schema.get("format") or schema.get("type", "")
    return {"": "any", "object": "object", "date-time": "time"}.get(named, named)
