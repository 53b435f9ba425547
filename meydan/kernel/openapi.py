"""The description of all JSON doors, as OpenAPI 3.1, read off the doors themselves."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from pydantic import BaseModel

from meydan.kernel.http import PROBLEM_JSON, JsonDoor

_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_KINDS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": 0},
    "uuid": {"type": "string", "format": "uuid"},
    "str": {"type": "string"},
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def describe(title: str, version: str, server: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every address made with `kernel.http.doors`."""
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    paths: dict[str, Any] = {}
    for route, table in walk_doors():
        address = "/" + _PARAMETER.sub(r"{\g<name>}", route)
        paths[address] = {method.lower(): _operation(route, door, schemas) for method, door in table.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": server}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def walk_doors() -> Iterator[tuple[str, dict[str, JsonDoor]]]:
    """Every JSON address of the site: its route, and its doors by method."""
    for route, pattern in walk_urls():
        table = getattr(pattern.callback, "doors", None)
        if table:
            yield route, table


def walk_urls(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site, as (route, pattern)."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from walk_urls(one.url_patterns, route)
        else:
            yield route, one


def _operation(route: str, door: JsonDoor, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": door.summary,
        "operationId": f"{door.handle.__module__.split('.')[-2]}_{door.handle.__name__}",
        "parameters": [*_path_parameters(route), *_query_parameters(door, schemas)],
        "responses": {str(door.status): _content(door.gives, "application/json", "serialization", schemas)},
    }
    if door.takes is not None:
        operation["requestBody"] = {"required": True, **_content(door.takes, "application/json", "validation", schemas)}
        operation["requestBody"].pop("description")
    for status in sorted({*door.errors, *_implied(door)}):
        operation["responses"][str(status)] = {
            "description": "A refusal, with its reason.",
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return operation


def _implied(door: JsonDoor) -> set[int]:
    body = {413, 422} if door.takes is not None else set()
    return body | ({422} if door.query is not None else set()) | {429}


def _path_parameters(route: str) -> list[dict[str, Any]]:
    return [
        {"name": found["name"], "in": "path", "required": True, "schema": _KINDS[found["kind"] or "str"]}
        for found in _PARAMETER.finditer(route)
    ]


def _query_parameters(door: JsonDoor, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if door.query is None:
        return []
    schema = _schema(door.query, "validation", schemas)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": one}
        for name, one in schema.get("properties", {}).items()
    ]


def _content(model: type[BaseModel], media: str, mode: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schemas[model.__name__] = _schema(model, mode, schemas)
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"description": (model.__doc__ or "").strip().split("\n")[0], "content": {media: {"schema": reference}}}


def _schema(model: type[BaseModel], mode: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
    schemas.update(schema.pop("$defs", {}))
    return schema
