"""Who may do what, where: every role, every command, own entries and others', tokens limited to blogs or not."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from msgspec import Struct, structs

from house import House
from liveblog.domain.commands import Command

pytestmark = pytest.mark.anyio

# Columns: role, and behind the @ the blog that the token is limited to; all commands are posted to `night`. Each cell
# is the status of the answer: 200 and 201 done, 401 unauthenticated, 403 forbidden, 404 no_such_blog or no_such_entry.
TABLE = """
what                              nobody  revoked  author  author@night  author@other  editor  editor@night  editor@other  admin  admin@night  admin@other
whoami                            401     401      200     200           200           200     200           200           200    200          200
start_blog                        401     401      403     403           403           201     403           403           201    403          403
start_blog, listed in the token   401     401      403     403           403           201     403           403           201    201          201
publish_entry                     401     401      201     201           403           201     201           403           201    201          403
publish_entry, breaking           401     401      403     403           403           201     201           403           201    201          403
publish_entry, pinned             401     401      403     403           403           201     201           403           201    201          403
publish_entry, key_event          401     401      403     403           403           201     201           403           201    201          403
publish_entry, flags false        401     401      201     201           403           201     201           403           201    201          403
publish_entry, no such blog       401     401      404     404           404           404     404           404           404    404          404
revise_entry, own                 401     401      201     201           403           201     201           403           201    201          403
revise_entry, other's             401     401      403     403           403           201     201           403           201    201          403
revise_entry, another blog's      401     401      404     404           403           404     404           403           404    404          403
correct_entry, own                401     401      201     201           403           201     201           403           201    201          403
correct_entry, other's            401     401      403     403           403           201     201           403           201    201          403
correct_entry, another blog's     401     401      404     404           403           404     404           403           404    404          403
retract_entry, own                401     401      201     201           403           201     201           403           201    201          403
retract_entry, other's            401     401      403     403           403           201     201           403           201    201          403
retract_entry, another blog's     401     401      404     404           403           404     404           403           404    404          403
flag_breaking, own                401     401      403     403           403           201     201           403           201    201          403
flag_breaking, other's            401     401      403     403           403           201     201           403           201    201          403
flag_breaking, another blog's     401     401      403     403           403           404     404           403           404    404          403
clear_breaking, own               401     401      403     403           403           201     201           403           201    201          403
clear_breaking, other's           401     401      403     403           403           201     201           403           201    201          403
clear_breaking, another blog's    401     401      403     403           403           404     404           403           404    404          403
pin_entry, own                    401     401      403     403           403           201     201           403           201    201          403
pin_entry, other's                401     401      403     403           403           201     201           403           201    201          403
pin_entry, another blog's         401     401      403     403           403           404     404           403           404    404          403
unpin_entry, own                  401     401      403     403           403           201     201           403           201    201          403
unpin_entry, other's              401     401      403     403           403           201     201           403           201    201          403
unpin_entry, another blog's       401     401      403     403           403           404     404           403           404    404          403
mark_key_event, own               401     401      403     403           403           201     201           403           201    201          403
mark_key_event, other's           401     401      403     403           403           201     201           403           201    201          403
mark_key_event, another blog's    401     401      403     403           403           404     404           403           404    404          403
unmark_key_event, own             401     401      403     403           403           201     201           403           201    201          403
unmark_key_event, other's         401     401      403     403           403           201     201           403           201    201          403
unmark_key_event, another blog's  401     401      403     403           403           404     404           403           404    404          403
set_key_point                     401     401      403     403           403           201     201           403           201    201          403
withdraw_key_point                401     401      403     403           403           201     201           403           201    201          403
change_headline                   401     401      403     403           403           201     201           403           201    201          403
end_blog                          401     401      403     403           403           201     201           403           201    201          403
reopen_blog                       401     401      403     403           403           201     201           403           201    201          403
list with one that is not allowed 401     401      403     403           403           201     201           403           201    201          403
"""  # noqa: E501  (a table is read by its columns)
CODES: dict[str, set[str | None]] = {
    "200": {None},
    "201": {None},
    "401": {"unauthenticated"},
    "403": {"forbidden"},
    "404": {"no_such_blog", "no_such_entry"},
}
ROWS = [re.split(r"\s{2,}| (?=401)", line.strip()) for line in TABLE.strip().splitlines()]
COLUMNS = ROWS[0][1:]
CHANGES: dict[str, dict[str, str]] = {
    "revise_entry": {"headline": "Newer"},
    "correct_entry": {"headline": "Newer", "was": "a", "now": "b", "reason": "c"},
    "retract_entry": {"reason": "wrong"},
}
FLAGGED = {"breaking": True, "pinned": True, "key_event": True}


class Cell:
    """One attempt by one token. `serial` makes its blogs, key points and texts new."""

    def __init__(self, house: House, owner: str, serial: int, mine: str) -> None:
        self.house = house
        self.owner = owner
        self.serial = serial
        self.mine = mine

    async def entry(self, whose: str, command: str) -> str:
        """An entry that the command would change: the asker's, another's, or one of another blog."""
        slug = "elsewhere" if whose == "another blog's" else "night"
        token = self.owner if whose == "own" else self.house.editor
        flags = FLAGGED if command.startswith(("clear", "un")) else {}
        made = await self.house.post(
            slug, {"type": "publish_entry", "headline": "News", **dict.fromkeys(flags, True)}, token=token
        )
        assert made.status_code == 201, made.text
        return str(made.json()["entry"]["id"])

    async def request(self, what: str) -> tuple[str, Any]:
        """The address and body of a row, in a blog where nothing but the rights can be missing."""
        kind, _, rest = what.partition(", ")
        there, new = "/v1/admin/blogs/night/commands", {"type": "publish_entry", "headline": f"No. {self.serial}"}
        if kind == "start_blog":
            return "/v1/admin/blogs", {"slug": self.mine if rest else f"new-{self.serial}", "headline": "New"}
        if kind == "publish_entry":
            flags = dict.fromkeys(FLAGGED, False) if rest == "flags false" else {rest: True} if rest in FLAGGED else {}
            return there.replace("night", "nowhere" if rest == "no such blog" else "night"), {**new, **flags}
        if kind.startswith("list"):
            return there, [new, {"type": "change_headline", "headline": f"No. {self.serial}"}]
        if rest:
            return there, {"type": kind, "entry_id": await self.entry(rest, kind), **CHANGES.get(kind, {})}
        return there, await self._about_the_blog(kind)

    async def _about_the_blog(self, kind: str) -> dict[str, Any]:
        point = {"type": "set_key_point", "point_id": f"p{self.serial}", "text": "Known"}
        match kind:
            case "set_key_point":
                return point
            case "withdraw_key_point":
                await self._done(point)
                return {"type": kind, "point_id": f"p{self.serial}", "reason": "old"}
            case "change_headline":
                return {"type": kind, "headline": f"No. {self.serial}"}
            case "reopen_blog":
                await self._done({"type": "end_blog"})
        return {"type": kind}

    async def tidy(self) -> None:
        """Make room: the blog is live, and nothing in it is pinned or known."""
        await self.house.post("night", {"type": "reopen_blog"})
        for slug in ("night", "elsewhere"):
            blog = await self.house.get(f"/v1/blogs/{slug}?limit=1")
            commands = [{"type": "unpin_entry", "entry_id": entry} for entry in blog["pinned"]]
            commands += [{"type": "withdraw_key_point", "point_id": p["id"], "reason": "x"} for p in blog["key_points"]]
            if commands:
                await self.house.post(slug, commands)

    async def _done(self, command: dict[str, Any]) -> None:
        assert (await self.house.post("night", command)).status_code == 201


async def tokens_of(house: House, column: str) -> tuple[str, str, str]:
    """The secret of a column; one of the same actor as an editor; and a slug that the token is limited to, or new."""
    role, _, slug = column.partition("@")
    mine = f"listed-{uuid4().hex[:8]}"
    owner = await house.token("editor", column)
    if role == "nobody":
        return "", owner, mine
    if role == "revoked":
        revoked = await house.token("admin", column)
        for each in await house.store.tokens.all():
            if each.actor.name == column and each.actor.role == "admin":
                assert await house.store.tokens.revoke(each.id, 1)
        return revoked, owner, mine
    blogs = ("night" if slug == "night" else "elsewhere", mine) if slug else None
    return await house.token(role, column, blogs), owner, mine


@pytest.mark.parametrize("column", COLUMNS)
async def test_the_table_holds(
    column: str, house: House, shown: Callable[[str, Sequence[Sequence[str]]], None]
) -> None:
    await house.start("elsewhere")
    secret, owner, mine = await tokens_of(house, column)
    expected = {row[0]: row[1 + COLUMNS.index(column)] for row in ROWS[1:]}
    found: dict[str, str] = {}
    for serial, what in enumerate(expected):
        cell = Cell(house, owner, serial, mine)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        if what == "whoami":
            answer = await house.http.get("/v1/admin/whoami", headers=headers)
        else:
            address, body = await cell.request(what)
            before = await house.get("/v1/blogs/night")
            answer = await house.http.post(address, json=body, headers=headers)
            if answer.status_code >= 400:
                assert await house.get("/v1/blogs/night") == before, "what is refused changes nothing"
        found[what] = str(answer.status_code)
        assert answer.json().get("code") in CODES[found[what]], (what, answer.text)
        await cell.tidy()
    _KEPT[column] = found
    if set(_KEPT) == set(COLUMNS):
        rows = [[what, *(_KEPT[each][what] for each in COLUMNS)] for what in expected]
        shown("Who may do what in the blog `night`", [ROWS[0], *rows])
    assert found == expected


_KEPT: dict[str, dict[str, str]] = {}
"""The answers of the columns that were tried."""


def names_of(kind: type[Struct]) -> set[str]:
    return {field.name for field in structs.fields(kind)}


def test_the_table_has_every_command() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in Command.__args__}
    assert {row[0].partition(",")[0] for row in ROWS} >= tags
    about_entries = {str(kind.__struct_config__.tag) for kind in Command.__args__ if "entry_id" in names_of(kind)}
    for tag in about_entries - {"publish_entry"}:
        assert {row[0] for row in ROWS} >= {f"{tag}, own", f"{tag}, other's", f"{tag}, another blog's"}
    assert all(len(row) == len(ROWS[0]) for row in ROWS)
