"""Who may do what with whose drafts: every role, every step, tokens limited to blogs or not."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from house import House
from liveblog import main
from liveblog.domain import instant
from liveblog.web.contract.drafting import DRAFTING

pytestmark = pytest.mark.anyio

# Columns as in test_roles.py. Each cell is the status of the answer; 404 is no_such_draft, and no_such_blog in its row.
TABLE = """
what                     nobody  revoked  author  author@night  author@other  editor  editor@night  editor@other  admin  admin@night  admin@other
listOwnBlogs             401     401      200     200           200           200     200           200           200    200          200
previewBody              401     401      200     200           200           200     200           200           200    200          200
listDrafts               401     401      200     200           403           200     200           403           200    200          403
listDrafts, no such blog 401     401      404     404           404           404     404           404           404    404          404
startDraft               401     401      201     201           403           201     201           403           201    201          403
readDraft, own           401     401      200     200           403           200     200           403           200    200          403
readDraft, other's       401     401      404     404           403           200     200           403           200    200          403
changeDraft, own         401     401      200     200           403           200     200           403           200    200          403
changeDraft, other's     401     401      404     404           403           200     200           403           200    200          403
removeDraft, own         401     401      204     204           403           204     204           403           204    204          403
removeDraft, other's     401     401      404     404           403           204     204           403           204    204          403
submitDraft, own         401     401      200     200           403           200     200           403           200    200          403
submitDraft, other's     401     401      404     404           403           200     200           403           200    200          403
returnDraft, own         401     401      403     403           403           200     200           403           200    200          403
returnDraft, other's     401     401      403     403           403           200     200           403           200    200          403
scheduleDraft, own       401     401      403     403           403           200     200           403           200    200          403
scheduleDraft, other's   401     401      403     403           403           200     200           403           200    200          403
unscheduleDraft, own     401     401      403     403           403           200     200           403           200    200          403
unscheduleDraft, other's 401     401      403     403           403           200     200           403           200    200          403
publishDraft, own        401     401      403     403           403           201     201           403           201    201          403
publishDraft, other's    401     401      403     403           403           201     201           403           201    201          403
beAtDesk                 401     401      200     200           403           200     200           403           200    200          403
leaveDesk                401     401      204     204           403           204     204           403           204    204          403
leaveDeskInBeacon        401     401      204     204           403           204     204           403           204    204          403
"""  # noqa: E501  (a table is read by its columns)
CODES: dict[int, set[str | None]] = {
    200: {None},
    201: {None},
    204: {None},
    401: {"unauthenticated"},
    403: {"forbidden"},
    404: {"no_such_blog", "no_such_draft"},
}
ROWS = [re.split(r"\s{2,}| (?=401)", line.strip()) for line in TABLE.strip().splitlines()]
COLUMNS = ROWS[0][1:]
OPERATIONS = {each.name: each for each in DRAFTING}
COMMAND = {"type": "publish_entry", "headline": "News"}
LATER = instant.show(main.wall() + 30 * 24 * 3_600_000)
FIELDS: dict[str, dict[str, Any]] = {
    "changeDraft": {"command": COMMAND | {"headline": "Newer"}},
    "returnDraft": {"note": "Why?"},
    "scheduleDraft": {"publish_at": LATER},
}
BODIES: dict[str, Any] = {
    "previewBody": {"body": "x"},
    "startDraft": {"command": COMMAND},
    "beAtDesk": {"tab": "a"},
    "leaveDeskInBeacon": {"tab": "a"},
}


class Cell:
    """One attempt by one token; `owner` is an editor's token of the same actor."""

    def __init__(self, house: House, owner: str) -> None:
        self.house = house
        self.owner = owner

    async def ask(self, token: str, method: str, path: str, body: Any = None) -> httpx2.Response:
        """Ask something."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        given: dict[str, Any] = {} if body is None else {"json": body}
        return await self.house.http.request(method, path, headers=headers, **given)

    async def draft(self, whose: str, step: str) -> dict[str, Any]:
        """A draft that the step could be taken with."""
        token = self.owner if whose == "own" else self.house.editor
        board = "/v1/admin/blogs/night/drafts"
        draft = await self.ask(token, "POST", board, {"command": COMMAND})
        assert draft.status_code == 201, draft.text
        path = f"{board}/{draft.json()['id']}"
        if step == "returnDraft":
            draft = await self.ask(token, "POST", path + "/submit", {"revision": 1})
        if step == "unscheduleDraft":
            draft = await self.ask(self.owner, "POST", path + "/schedule", {"revision": 1, "publish_at": LATER})
        found: dict[str, Any] = draft.json()
        assert "revision" in found, found
        return found

    async def attempt(self, secret: str, row: str) -> httpx2.Response:
        """Try what a row says; whatever is refused changes nothing."""
        name, _, rest = row.partition(", ")
        operation = OPERATIONS[name]
        slug = "nowhere" if rest == "no such blog" else "night"
        if rest not in {"own", "other's"}:
            query = "?tab=a" if name == "leaveDesk" else ""
            path = operation.path.format(slug=slug) + query
            return await self.ask(secret, operation.method.upper(), path, BODIES.get(name))
        draft = await self.draft(rest, name)
        path = operation.path.format(slug=slug, draft_id=draft["id"])
        body = {"revision": draft["revision"], **FIELDS.get(name, {})} if operation.body else None
        before = await self._all()
        answer = await self.ask(secret, operation.method.upper(), path, body)
        if answer.status_code >= 400:
            assert await self._all() == before, "what is refused changes nothing"
        return answer

    async def _all(self) -> Any:
        board = await self.ask(self.house.editor, "GET", "/v1/admin/blogs/night/drafts")
        return board.json(), await self.house.get("/v1/blogs/night")

    async def tidy(self) -> None:
        """Make room for the next drafts."""
        board = await self.ask(self.house.editor, "GET", "/v1/admin/blogs/night/drafts")
        for each in board.json()["drafts"]:
            path = f"/v1/admin/blogs/night/drafts/{each['id']}"
            if each["state"] == "scheduled":
                await self.ask(self.house.editor, "POST", path + "/unschedule", {"revision": each["revision"]})
            gone = await self.ask(self.house.editor, "DELETE", path)
            assert gone.status_code == 204, gone.text


async def secret_of(house: House, column: str) -> str:
    """The secret of a column's token."""
    role, _, slug = column.partition("@")
    if role == "nobody":
        return ""
    if role == "revoked":
        secret = await house.token("admin", column)
        for each in await house.store.tokens.all():
            if each.actor.name == column and each.actor.role == "admin":
                assert await house.store.tokens.revoke(each.id, 1)
        return secret
    return await house.token(role, column, (slug if slug == "night" else f"other-{uuid4().hex[:8]}",) if slug else None)


@pytest.mark.parametrize("column", COLUMNS)
async def test_the_table_of_drafts_holds(
    column: str, house: House, shown: Callable[[str, Sequence[Sequence[str]]], None]
) -> None:
    cell = Cell(house, await house.token("editor", column))
    secret = await secret_of(house, column)
    expected = {row[0]: row[1 + COLUMNS.index(column)] for row in ROWS[1:]}
    found: dict[str, str] = {}
    for row in expected:
        answer = await cell.attempt(secret, row)
        found[row] = str(answer.status_code)
        code = answer.json().get("code") if answer.content else None
        assert code in CODES[answer.status_code], (row, answer.text)
        await cell.tidy()
    _KEPT[column] = found
    if set(_KEPT) == set(COLUMNS):
        rows = [[what, *(_KEPT[each][what] for each in COLUMNS)] for what in expected]
        shown("Who may do what with whose drafts, in the blog `night`", [ROWS[0], *rows])
    assert found == expected


_KEPT: dict[str, dict[str, str]] = {}
"""The answers of the columns that were tried."""


def test_the_table_has_every_operation() -> None:
    assert {row[0].partition(",")[0] for row in ROWS[1:]} == set(OPERATIONS)
    for name, operation in OPERATIONS.items():
        if "{draft_id}" in operation.path:
            assert {row[0] for row in ROWS} >= {f"{name}, own", f"{name}, other's"}
    assert all(len(row) == len(ROWS[0]) for row in ROWS)
