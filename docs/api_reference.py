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
and 503 not now, both with `Retry-After`.
"""


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
            yield f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | {meaning} |"
        yield ""
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        yield f"Takes {_type(content['schema'])}."
    answers = ", ".join(
        f"{status} {_content(answer)}".strip() for status, answer in sorted(operation["responses"].items())
    )
    yield f"Answers {answers}."


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
            yield f"| `{name}` | {_type(field)}{must} | {meaning} |"
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
