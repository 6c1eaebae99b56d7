"""The reference of the endpoints for people, made from the OpenAPI alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse


def mount(app: FastAPI) -> None:
    """Gives it out at /docs."""

    def docs() -> HTMLResponse:
        return HTMLResponse("".join(_page(app.openapi())))

    app.get("/docs", include_in_schema=False)(docs)


def _page(api: Mapping[str, Any]) -> Iterator[str]:
    title = escape(f"{api['info']['title']} {api['info']['version']}")
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    yield '<link rel="stylesheet" href="page/base.css"><main>'
    yield f"<h1>{title}</h1><p>{escape(api['info']['description'])}</p>"
    yield '<p>For programs: <a href="openapi.json">openapi.json</a></p>'
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            yield from _operation(f"{method.upper()} {path}", operation)
    yield "<h2>Contents</h2>"
    for name, schema in api["components"]["schemas"].items():
        yield f"<h3>{escape(name)}</h3><p>{escape(schema.get('description', ''))}</p>"
        yield from _list(
            f"{field}: {_type(told)}" for field, told in schema.get("properties", {}).items()
        )
    yield "</main></html>"


def _operation(heading: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h3><code>{escape(heading)}</code></h3>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    yield from _list(
        f"{one['name']} ({one['in']}{', needed' if one['required'] else ''}): "
        f"{_type(one['schema'])} {one.get('description', '')}"
        for one in operation.get("parameters", ())
    )
    body = operation.get("requestBody", {}).get("content", {})
    yield from _list(f"body {media}: {_type(told['schema'])}" for media, told in body.items())
    yield from _list(
        f"{status}: {told['description']} "
        + ", ".join(_type(one.get("schema", {})) for one in told.get("content", {}).values())
        for status, told in sorted(operation["responses"].items())
    )


def _list(items: Iterator[str]) -> Iterator[str]:
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    if listed:
        yield f"<ul>{listed}</ul>"


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " ".join(str(schema[key]) for key in ("type", "format") if key in schema)
