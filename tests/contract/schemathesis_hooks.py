"""What Schemathesis has to know of this server: which refusals no schema can foretell, and what would take for ever."""

import re
from itertools import count
from typing import Any

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

from liveblog.web.contract.operation import KEY

BEYOND_SCHEMAS = (
    ("cursor", "not a cursor"),
    ("time|from|published_at", "no such (date-time|offset)"),
    ("published_at", "an entry cannot be published in the future"),
    ("time_zone", "the IANA time zone database has no"),
    ("hash", "belongs to a position"),
    ("max_gap|rate", "expected .*number"),
    (".*", "cannot be given with"),
    ("body", "an entry needs something to read"),
    ("body", "The entry would be"),
)
"""Faults of requests that their schemas allow: path and message, each a pattern of its beginning. Numbers in a query
are written with digits alone, where Schemathesis may write an exponent."""
EXAMPLE_KEY = KEY.example
_numbers = count(1)
BY_STATE = {"nothing_corrected", "idempotency_key_reused"}
"""Codes that come of what was posted before."""
OF_A_DRAFT = ("/submit", "/schedule", "/publish")
"""Steps that are refused for what the draft says, which was taken unfinished."""


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keep a failure unless it is a refusal that no schema can foretell."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = response.json()
    if problem["code"] == "invalid_command" and case.operation.path.endswith(OF_A_DRAFT):
        return False
    return problem["code"] not in BY_STATE and not all(map(_is_beyond_schemas, problem.get("errors", [None])))


def _is_beyond_schemas(fault: dict[str, str] | None) -> bool:
    if fault is None:
        return False
    path = re.sub(r"^\[\d+\]\.?", "", fault["path"])
    return any(re.match(rf"({field})$", path) and re.match(said, fault["message"]) for field, said in BEYOND_SCHEMAS)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ask for streams that end, not to wait for a position that never comes, and under a key of its own each time."""
    positive = bool(case.meta and case.meta.generation.mode.is_positive)
    if positive and case.headers and case.headers.get("Idempotency-Key") == EXAMPLE_KEY:
        # All cases but one would be refused for their key, and tell nothing.
        case.headers["Idempotency-Key"] = f"key {next(_numbers)}"
    query = case.query or {}
    if case.operation.label == "GET /v1/blogs/{slug}/sse" and query.get("at_end", "follow") == "follow":
        case.query = {**query, "at_end": "end"}
    if "at_least" in query and positive:
        case.query = {**query, "at_least": 1}
