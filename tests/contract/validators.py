"""The published contracts as validators, made stricter than they are for clients: nothing undeclared passes here.

Clients must take fields and words that they do not know; this server must not send any that its contracts do not name.
"""

import json
import re
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from liveblog.web.contract import asyncapi, openapi

Schema = dict[str, Any]


@cache
def http() -> Schema:
    """The OpenAPI document."""
    found: Schema = json.loads(openapi.document())
    return found


@cache
def stream() -> Schema:
    """The AsyncAPI document."""
    found: Schema = json.loads(asyncapi.document())
    return found


@cache
def _strict(name: str) -> Any:
    return {"http": _closed(http()["components"]), "stream": _closed(stream()["components"])}[name]


def _closed(value: Any) -> Any:
    """Refuse unknown fields and unknown words."""
    if isinstance(value, list):
        return [_closed(each) for each in value]
    if not isinstance(value, dict):
        return value
    closed = {name: _closed(each) for name, each in value.items()}
    if value.get("type") == "object" and "properties" in value:
        closed.setdefault("additionalProperties", False)
    if "x-extensible-enum" in value:
        closed["enum"] = value["x-extensible-enum"]
    return closed


_validators: dict[str, Draft202012Validator] = {}


def faults(contract: str, schema: Schema, value: Any) -> list[str]:
    """What keeps a value from being what a schema of a contract (`http` or `stream`) says."""
    name = contract + json.dumps(schema, sort_keys=True)
    if name not in _validators:
        _validators[name] = Draft202012Validator(_closed(schema) | {"components": _strict(contract)})
    return [f"{error.instance_path}: {error.message[:300]}" for error in _validators[name].iter_errors(value)]


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Patterns of the addresses; those with fewer names in them come first."""
    known = sorted(http()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in known]


def operation(method: str, path: str) -> tuple[str | None, Schema | None]:
    """The declared address that an address is of, and its operation."""
    for pattern, declared in _paths():
        if pattern.fullmatch(path):
            method = "get" if method == "HEAD" else method.lower()
            return declared, http()["paths"][declared].get(method)
    return None, None
