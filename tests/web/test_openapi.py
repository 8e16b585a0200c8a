"""The OpenAPI document: valid, complete, and made of what the server works with."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from contract.validators import Schema, faults, http
from house import House, open_house
from liveblog.application.decoding import decode_commands
from liveblog.domain import limits
from liveblog.domain.rejection import CommandRejected
from liveblog.web import sign_in
from liveblog.web.app import build
from liveblog.web.contract import openapi
from liveblog.web.parameters import Parameters
from liveblog.web.problems import STATUS
from liveblog.web.site import console, routes

pytestmark = pytest.mark.anyio

ENTRY = "0b9fd1c4-53b5-4b09-8a4c-3f0d7f2a9a10"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


def operations() -> Iterator[tuple[str, str, Schema]]:
    for path, methods in http()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid_openapi() -> None:
    assert http()["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(http()).iter_errors()] == []


async def test_it_has_every_route_with_its_methods_and_no_other(house: House) -> None:
    """What people look at is no contract with programs, and so is none of it under `/v1`."""
    people = (routes.routes(house.services), console.routes(house.services), sign_in.routes(house.services))
    pages = {route.path for each in people for route in each}
    assert not any(path.startswith("/v1") for path in pages)
    routed = set()
    for route in build(house.services).routes:
        if isinstance(route, Route) and route.path not in pages:
            routed |= {(route.path, method) for method in route.methods or () if method != "HEAD"}
    assert {(path, method.upper()) for path, method, _ in operations()} == routed


async def test_its_parameters_are_those_that_are_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that is read but not declared, or declared but not read, fails here."""
    read: list[set[str]] = []
    done = Parameters.done

    def note(self: Parameters) -> None:
        read.append(set(self._known))
        done(self)

    monkeypatch.setattr(Parameters, "done", note)
    missed = set()
    for path, method, operation in operations():
        address = path.format(slug="night", entry_id=ENTRY, name="none", draft_id=ENTRY)
        read.clear()
        body = b"{}" if method in {"post", "put"} else None
        headers = {"Authorization": f"Bearer {house.editor}", "Content-Type": "application/json"}
        at_end = "?at_end=end" if path.endswith("/sse") else ""
        await house.http.request(method, address + at_end, content=body, headers=headers)
        if not read:
            missed.add(path)
            continue
        assert {each["name"] for each in operation["parameters"] if each["in"] == "query"} == set.union(*read), path
    # These read the stream's query: see the tests of the AsyncAPI document.
    assert missed == {"/v1/blogs/{slug}/stream", "/v1/blogs/{slug}/sse"}


def test_every_problem_code_can_come_from_somewhere_and_no_other() -> None:
    declared: dict[str, set[str]] = {}
    for _, _, operation in operations():
        for status, answer in operation["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                if media_type == "application/problem+json":
                    for code in content["schema"]["properties"]["code"]["x-extensible-enum"]:
                        declared.setdefault(code, set()).add(status)
    # What no operation can answer, since it is said of addresses and methods that are none.
    strays = {"not_found", "method_not_allowed"}
    assert declared == {code: {str(status)} for code, status in STATUS.items() if code not in strays}


def test_every_operation_parameter_and_field_is_described() -> None:
    for path, method, operation in operations():
        assert operation["summary"], (path, method)
        assert all(each["description"] for each in operation["parameters"]), (path, method)
    for name, schema in http()["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, form in schema.get("properties", {}).items():
            tag = form.get("enum") == [form.get("enum", [None])[0]]
            assert form.get("description") or tag, f"{name}.{field}"


def test_editors_operations_take_a_token_and_readers_do_not() -> None:
    assert http()["security"] == []
    for path, _, operation in operations():
        assert operation.get("security") == ([{"token": []}] if path.startswith("/v1/admin") else None), path
        assert ("401" in operation["responses"]) == path.startswith("/v1/admin"), path


def test_every_example_is_what_its_schema_says() -> None:
    checked = 0
    for path, _, operation in operations():
        for parameter in operation["parameters"]:
            if "example" in parameter:
                checked += 1
                assert faults("http", parameter["schema"], parameter["example"]) == [], (path, parameter["name"])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["examples"]
            for example in content["examples"].values():
                checked += 1
                assert faults("http", content["schema"], example["value"]) == [], path
    assert checked > 5


def _patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(pattern := value.get("pattern"), str):
            yield pattern
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _patterns(each)


def test_its_patterns_are_those_of_ecma_262() -> None:
    patterns = set(_patterns(http()))
    assert len(patterns) > 5
    for pattern in patterns:
        assert not any(each in pattern for each in (r"\A", r"\Z", r"\ud800")), pattern
        Draft202012Validator({"pattern": pattern})


COMMAND = {"type": "publish_entry", "headline": "News"}
FLAG = {"type": "flag_breaking", "entry_id": ENTRY}


@pytest.mark.parametrize(
    "value",
    [
        COMMAND,
        [COMMAND] * limits.COMMANDS,
        [COMMAND] * (limits.COMMANDS + 1),
        [],
        {},
        None,
        {"type": "publish_entry"},
        {"type": "publish_entry", "headline": None, "links": []},
        {"type": "publish_entry", "links": [{"title": "Bridge", "url": None}]},
        {"type": "publish_entry", "quote": {"speaker": "The mayor"}},
        COMMAND | {"headline": "x" * limits.HEADLINE},
        COMMAND | {"headline": "x" * (limits.HEADLINE + 1)},
        COMMAND | {"headline": "🌊" * limits.HEADLINE},
        COMMAND | {"headline": " \n"},
        COMMAND | {"headline": "bell\a"},
        COMMAND | {"colour": "red"},
        COMMAND | {"kind": "essay"},
        COMMAND | {"entry_id": ENTRY},
        COMMAND | {"entry_id": ENTRY.upper()},
        COMMAND | {"entry_id": ENTRY + "\n"},
        COMMAND | {"links": [{"title": "x", "url": "javascript:alert(1)"}]},
        COMMAND | {"links": [{"title": "x", "url": "https://example.org/a?b#c"}]},
        COMMAND | {"tags": ["x"] * limits.LIST},
        COMMAND | {"tags": ["x"] * (limits.LIST + 1)},
        COMMAND | {"published_at": "2020-01-08T01:30:00+03:00"},
        COMMAND | {"published_at": "2020-01-08T01:30:00"},
        COMMAND | {"breaking": "yes"},
        COMMAND | {"media": [{"type": "image", "width": 0}]},
        FLAG,
        FLAG | {"expected_revision": -1},
        {"type": "revise_entry", "entry_id": ENTRY, "headline": None},
        {"type": "revise_entry", "entry_id": ENTRY, "headline": None, "reason": "why"},
        {"type": "correct_entry", "entry_id": ENTRY, "was": "a", "now": "b"},
        {"type": "correct_entry", "entry_id": ENTRY, "was": "a", "now": "b", "reason": "c"},
        {"type": "set_key_point", "point_id": "a b", "text": "x"},
        {"type": "change_headline", "headline": None},
        {"type": "change_headline", "standfirst": None},
        {"type": "end_blog"},
        {"type": "nonsense"},
    ],
)
def test_the_schema_of_commands_takes_what_the_decoder_takes(value: Any) -> None:
    schema = http()["paths"]["/v1/admin/blogs/{slug}/commands"]["post"]["requestBody"]["content"]["application/json"]
    try:
        decode_commands(value)
    except CommandRejected:
        taken = False
    else:
        taken = True
    assert (faults("http", schema["schema"], value) == []) == taken


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
async def test_the_contracts_are_served_like_other_public_documents(house: House, path: str) -> None:
    answer = await house.http.get(path, headers={"Origin": "https://example.org"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=10"
    again = await house.http.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await house.http.get(f"{path}?colour=red")).status_code == 400


async def test_a_contract_is_made_once_and_only_when_it_is_asked_for(house: House) -> None:
    openapi.document.cache_clear()
    await house.http.get("/v1/blogs")
    assert openapi.document.cache_info().currsize == 0
    for _ in range(3):
        await house.http.get("/openapi.json")
    assert openapi.document.cache_info().misses == 1
