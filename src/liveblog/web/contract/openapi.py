"""The OpenAPI document (version 3.1): every operation, made from the types and tables that the server works with."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from liveblog import __version__
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header
from liveblog.session.wire import EventMessage
from liveblog.web.contract.drafting import DRAFTING
from liveblog.web.contract.operation import NOT_KEPT, Operation, Parameter
from liveblog.web.contract.posting import POSTING
from liveblog.web.contract.reading import READING
from liveblog.web.contract.replaying import REPLAYING
from liveblog.web.contract.schemas import Schema, schema_of, sent, taken
from liveblog.web.contract.upkeep import UPKEEP
from liveblog.web.problems import STATUS, ProblemDocument

OPERATIONS: tuple[Operation, ...] = (*READING, *POSTING, *DRAFTING, *REPLAYING, *UPKEEP)

ANYWHERE = ("bad_request", "request_timeout", "headers_too_large", "internal")
"""Codes of problems that any request can come to: what kept it from being read, and defects of ours."""
_EMBEDDED = (Entry, Header, EventMessage)
_ABOUT = """\
What readers, editors and programs can ask of a live blog over HTTP. The stream is described at `/asyncapi.json`.

Positions count a blog's events: 1, 2, 3 and so on, without a gap; 0 is before the first. Refusals are problems
(RFC 9457) with a stable `code`. Clients must take fields that they do not know, and words that they do not know where
`x-extensible-enum` lists those of now. Public addresses answer every origin and read neither cookies nor tokens; HEAD
and OPTIONS are answered wherever GET is."""
_TAGS = {
    "reading": "For everybody: no token, the same bytes for all.",
    "posting": "For editors and their programs, by token.",
    "operations": "For the machines around the server.",
}
_ALWAYS = {401: {"WWW-Authenticate": "The scheme: `Bearer`."}, 405: {"Allow": "The methods that there are."}}
_OTHER: dict[str, Schema] = {
    "application/json": {"schema": {"type": "object"}},
    "text/plain": {"schema": {"type": "string"}},
    # Its messages are the other document's matter.
    "text/event-stream": {},
}
_AFTER = {"Retry-After": "Seconds after which to ask again."}


@cache
def document() -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(_document())


def _document() -> Schema:
    schemas = _Schemas()
    paths: dict[str, Schema] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "liveblog",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document comes from."}],
        "security": [],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`liveblog token create` makes one."}
            },
        },
    }


class _Schemas:
    """The schemas of everything that the operations take and send."""

    def __init__(self) -> None:
        answers = [answer.kind for each in OPERATIONS for answer in each.answers.values() if answer.kind]
        bodies = [each.body for each in OPERATIONS if each.body]
        outgoing, self.components = sent([*answers, ProblemDocument, *_EMBEDDED])
        incoming, components = taken(bodies, beside=self.components)
        self.components |= components
        self.of_answer = dict(zip(map(str, answers), outgoing, strict=False))
        self.of_body = dict(zip(map(str, bodies), incoming, strict=True))


def _operation(operation: Operation, schemas: _Schemas) -> Schema:
    found: Schema = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": _answers(operation, schemas) | _problems((*operation.problems, *ANYWHERE)),
    }
    if operation.about:
        found["description"] = operation.about
    if operation.tag == "posting":
        found["security"] = [{"token": []}]
    if operation.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": schemas.of_body[str(operation.body)],
                    "examples": {name: {"value": value} for name, value in operation.examples.items()},
                }
            },
        }
    return found


def _parameter(given: Parameter) -> Schema:
    schema = schema_of(given.kind)
    if given.default is not None:
        schema["default"] = given.default
    found: Schema = {"name": given.name, "in": given.place, "description": given.about, "schema": schema}
    if given.place == "path" or given.required:
        found["required"] = True
    if schema.get("type") == "array":
        found |= {"style": "form", "explode": False}
    if given.example is not None:
        found["example"] = given.example
    return found


def _answers(operation: Operation, schemas: _Schemas) -> Schema:
    found: Schema = {}
    for status, answer in operation.answers.items():
        response: Schema = {"description": answer.about}
        if headers := _headers(answer.headers, required=True) | _headers(answer.at_times, required=False):
            response["headers"] = headers
        if answer.kind is not None:
            response["content"] = {"application/json": {"schema": schemas.of_answer[str(answer.kind)]}}
        elif answer.media_type is not None:
            response["content"] = {answer.media_type: _OTHER[answer.media_type]}
        if answer.links:
            response["links"] = dict(answer.links)
        found[str(status)] = response
    return found


def _problems(codes: Iterable[str]) -> Schema:
    """Responses by status; the code of each is one of those that this operation can come to."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[STATUS[code]].append(code)
    return {str(status): _problem(status, codes) for status, codes in sorted(by_status.items())}


def _problem(status: int, codes: list[str]) -> Schema:
    always = dict(NOT_KEPT) | _ALWAYS.get(status, {})
    if status in {STATUS["too_many_requests"], STATUS["unavailable"]}:
        always |= _AFTER
    code = {"type": "string", "x-extensible-enum": codes}
    schema: dict[str, Any] = {
        "$ref": "#/components/schemas/ProblemDocument",
        "properties": {"status": {"const": status}, "code": code},
    }
    return {
        "description": "Refused: " + ", ".join(f"`{each}`" for each in codes) + ".",
        "headers": _headers(always, required=True),
        "content": {"application/problem+json": {"schema": schema}},
    }


def _headers(about: Any, *, required: bool) -> Schema:
    return {
        name: {"description": text, "required": required, "schema": {"type": "string"}} for name, text in about.items()
    }
