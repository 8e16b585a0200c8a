"""`verify`, `export` and `import` against damage: a changed row is found at its position, a bad file leaves nothing."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from cli.terminal import Terminal
from liveblog.application.desk import proposal
from liveblog.cli import main
from liveblog.domain.actor import Actor, Role
from liveblog.domain.commands import PublishEntry
from liveblog.log.request import Append, Commit
from liveblog.main import open_store
from liveblog.settings import Settings
from liveblog.storage import tables
from liveblog.storage.opening import open_database
from program import run

REPLAY = Path(__file__).parents[2] / "replay"
NIGHT = REPLAY / "five-questions-after-the-missiles.jsonl"
LONG = REPLAY / "night-of-the-missiles.jsonl"
SLUG = NIGHT.stem
HEAD = 8


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


def ask(url: str, *arguments: str) -> Result:
    """Run a command here, which is quicker than in a process of its own."""
    return CliRunner().invoke(main, [*arguments, "--database-url", url])


def does(url: str, *arguments: str) -> str:
    """Run a command that must succeed."""
    result = ask(url, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def fails(url: str, *arguments: str) -> str:
    """Run a command that must fail in one line; gives the line."""
    result = ask(url, *arguments)
    assert result.exit_code == 1, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("liveblog: ")
    return line


def write(url: str, work: Callable[[sa.Connection], object]) -> None:
    """Run a transaction that no liveblog would."""

    async def through() -> None:
        database = await open_database(url)
        try:
            await database.write(work)
        finally:
            await database.close()

    asyncio.run(through())


def unguarded(connection: sa.Connection) -> None:
    """Take the triggers away that keep events from being changed."""
    if connection.dialect.name == "sqlite":
        wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        for name in connection.exec_driver_sql(wanted).scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    else:
        connection.exec_driver_sql("ALTER TABLE events DISABLE TRIGGER ALL")


def changing(position: int, /, **values: object) -> Callable[[sa.Connection], None]:
    """A change of the event at a position."""

    def work(connection: sa.Connection) -> None:
        where = (tables.events.c.position == position, tables.events.c.blog_id == _blog_id(connection))
        changed = connection.execute(sa.update(tables.events).where(*where).values(**values))
        assert changed.rowcount == 1

    return work


def _blog_id(connection: sa.Connection) -> str:
    found: str = connection.execute(sa.select(tables.blogs.c.blog_id).where(tables.blogs.c.slug == SLUG)).scalar_one()
    return found


def flipping(position: int, column: str, index: int) -> Callable[[sa.Connection], None]:
    """A flipped bit in a column of the event at a position."""

    def work(connection: sa.Connection) -> None:
        mine = tables.events.c.blog_id == _blog_id(connection)
        query = sa.select(tables.events.c[column]).where(tables.events.c.position == position, mine)
        before = bytearray(connection.execute(query).scalar_one())
        before[index] ^= 1
        changing(position, **{column: bytes(before)})(connection)

    return work


def deleting(position: int) -> Callable[[sa.Connection], None]:
    """The event at a position goes."""

    def work(connection: sa.Connection) -> None:
        mine = tables.events.c.blog_id == _blog_id(connection)
        gone = connection.execute(sa.delete(tables.events).where(tables.events.c.position == position, mine))
        assert gone.rowcount == 1

    return work


def swapping(one: int, other: int, *columns: str) -> Callable[[sa.Connection], None]:
    """Two events change places in some columns."""

    def work(connection: sa.Connection) -> None:
        mine = tables.events.c.blog_id == _blog_id(connection)
        query = sa.select(tables.events).where(mine, tables.events.c.position.in_((one, other)))
        first, second = (row._asdict() for row in connection.execute(query.order_by(tables.events.c.position)))
        # A number that must be nobody else's goes by way of one that nobody has.
        spare: dict[str, Any] = {"position": -1, "log_position": -1}
        steps = [(spare, first), (first, second), (second, first)]
        for values, row in steps:
            found = {name: values[name] for name in columns if name in values}
            if found:
                bearer = tables.events.c.hash == row["hash"]
                connection.execute(sa.update(tables.events).where(bearer).values(**found))

    return work


def heading(**values: object) -> Callable[[sa.Connection], None]:
    """A change of the blog's row."""

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.update(tables.blogs).where(tables.blogs.c.slug == SLUG).values(**values))

    return work


DAMAGES: dict[str, tuple[int, Callable[[sa.Connection], None], str]] = {
    "log_position": (5, changing(5, log_position=999), "column log_position"),
    "log_position before": (1, changing(1, log_position=0), "column log_position"),
    "blog_id": (5, changing(5, blog_id="another"), "missing"),
    "position": (5, changing(5, position=999), "missing"),
    "position, before the first": (5, changing(5, position=0), "missing"),
    "event_id": (5, changing(5, event_id="another"), "column event_id"),
    "event_type": (5, changing(5, event_type="blog_ended"), "column event_type"),
    "schema_version": (1, changing(1, schema_version=1), "column schema_version"),
    "at": (5, changing(5, at=1), "column at"),
    "recorded_at": (5, changing(5, recorded_at=1), "column recorded_at"),
    "commit_end": (5, changing(5, commit_end=999), "column commit_end"),
    "entry_id": (5, changing(5, entry_id="another"), "column entry_id"),
    "no entry_id": (5, changing(5, entry_id=None), "column entry_id"),
    "envelope": (5, flipping(5, "envelope", 30), "position 5"),
    "payload": (5, flipping(5, "payload", 40), "payload or its salt was changed"),
    "last byte of the payload": (5, flipping(5, "payload", -1), "payload or its salt was changed"),
    "salt": (5, flipping(5, "salt", 0), "payload or its salt was changed"),
    "a longer salt": (5, changing(5, salt=bytes(33)), "payload or its salt was changed"),
    "commitment": (5, flipping(5, "commitment", 0), "the commitment to them"),
    "hash": (5, flipping(5, "hash", 31), "the hash does not fit"),
    "last hash": (HEAD, flipping(HEAD, "hash", 31), "the hash does not fit"),
    "no payload": (5, changing(5, payload=None, salt=None), "column payload holds no bytes"),
    "no salt": (5, changing(5, salt=None), "column salt holds no bytes"),
    "an empty envelope": (5, changing(5, envelope=b""), "the envelope cannot be read"),
    "first gone": (1, deleting(1), "missing"),
    "one gone": (5, deleting(5), "missing"),
    "last gone": (HEAD, deleting(HEAD), "missing: the blog's row says that its head is 8"),
    "positions swapped": (3, swapping(3, 6, "position"), "the event of position 6 stands here"),
    "log positions swapped": (4, swapping(3, 6, "log_position"), "column log_position"),
    "contents swapped": (3, swapping(3, 6, "payload", "salt", "commitment"), "the hash does not fit"),
    "all but the hashes swapped": (3, swapping(3, 6, "payload", "salt", "commitment", "envelope"), "stands here"),
    "head's position": (HEAD + 1, heading(position=9), "missing: the blog's row says that its head is 9"),
    "head's position before": (HEAD, heading(position=7), "stands after the head, which is 7"),
    "head's hash": (HEAD, heading(hash=bytes(32)), "its hash is not"),
    "head's instant": (HEAD, heading(at=1), "its instant is not"),
}


@pytest.fixture
def night(url: str) -> str:
    """A database with two blogs whose events nothing guards any more."""
    does(url, "import", str(NIGHT), str(LONG))
    write(url, unguarded)
    return url


def test_a_changed_row_is_found_at_its_position(night: str) -> None:
    """Each column in turn, rows gone and rows swapped, in the log and in the blog's row."""
    kept: dict[sa.Table, list[Any]] = {}

    def keep(connection: sa.Connection) -> None:
        for table in (tables.events, tables.blogs):
            kept[table] = [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    def restore(connection: sa.Connection) -> None:
        for table, rows in kept.items():
            connection.execute(sa.delete(table))
            connection.execute(sa.insert(table), rows)

    write(night, keep)
    assert set(tables.events.c.keys()) <= set(DAMAGES) | {"log_position"}
    for name, (position, damage, words) in DAMAGES.items():
        write(night, damage)
        said = fails(night, "verify", SLUG)
        assert f"{SLUG}: position {position}: " in said, (name, said)
        assert words in said, (name, said)
        write(night, restore)
    assert f"{HEAD} events fit" in does(night, "verify", SLUG)


def test_another_blog_is_not_held_against_this_one(night: str) -> None:
    write(night, flipping(3, "payload", 5))
    assert "position 3" in fails(night, "verify", SLUG)
    assert "48 events fit" in does(night, "verify", LONG.stem)


def test_every_byte_of_an_event_counts(sqlite_url: str) -> None:
    does(sqlite_url, "import", str(NIGHT))
    write(sqlite_url, unguarded)
    file = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))
    for column in ("envelope", "payload", "salt", "commitment", "hash"):
        (before,) = file.execute(f"SELECT {column} FROM events WHERE position = 2").fetchone()
        for index in range(0, len(before), 7):
            changed = bytearray(before)
            changed[index] ^= 4
            file.execute(f"UPDATE events SET {column} = ? WHERE position = 2", (bytes(changed),))
            file.commit()
            assert "position 2: " in fails(sqlite_url, "verify", SLUG)
        file.execute(f"UPDATE events SET {column} = ? WHERE position = 2", (before,))
        file.commit()
    file.close()
    does(sqlite_url, "verify", SLUG)


@pytest.mark.parametrize("column", ["position", "at", "log_position", "payload", "envelope", "hash", "event_id"])
def test_values_of_a_wrong_kind_are_found_too(sqlite_url: str, column: str) -> None:
    """SQLite keeps a text in any column."""
    does(sqlite_url, "import", str(NIGHT))
    write(sqlite_url, unguarded)
    file = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))
    if column == "log_position":  # the row's own number takes nothing else
        file.execute("UPDATE events SET log_position = -3 WHERE position = 3")
    else:
        file.execute(f"UPDATE events SET {column} = 'other' WHERE position = 3")
    file.commit()
    file.close()
    assert f"{SLUG}: position 3: " in fails(sqlite_url, "verify", SLUG)


def test_a_damaged_log_gives_no_recording(night: str, tmp_path: Path) -> None:
    write(night, flipping(5, "payload", 9))
    output = tmp_path / "night.jsonl"
    output.write_bytes(b"the last good one")
    assert f"{SLUG}: position 5: " in fails(night, "export", SLUG, "--output", str(output))
    assert output.read_bytes() == b"the last good one"
    assert list(tmp_path.glob("*.part")) == []


# Files.


def test_verify_takes_a_recording_for_a_recording(sqlite_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    hashed = json.loads(NIGHT.read_bytes().splitlines()[0])["hash"]
    assert does(sqlite_url, "verify", str(NIGHT)) == f"{NIGHT}: 8 events fit; the hash of the last is {hashed}\n"
    damaged = tmp_path / SLUG
    data = bytearray(NIGHT.read_bytes())
    data[data.index(b"22 missiles")] ^= 1
    damaged.write_bytes(data)
    assert fails(sqlite_url, "verify", str(damaged)).startswith(f"liveblog: {damaged}: line ")
    # A file of that name wins over a blog of that name; without one the blog is meant.
    does(sqlite_url, "import", str(NIGHT))
    monkeypatch.chdir(tmp_path)
    assert "line " in fails(sqlite_url, "verify", SLUG)
    damaged.unlink()
    assert "8 events fit" in does(sqlite_url, "verify", SLUG)


def test_a_file_that_is_called_like_a_blog_is_said_to_be_a_file(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("night").write_bytes(NIGHT.read_bytes())
    assert does(sqlite_url, "verify", "night").startswith("the file night: ")
    Path("night").write_bytes(b"x")
    assert "the file night: line 1: " in ask(sqlite_url, "verify", "night").output


def test_what_is_neither_is_said_in_one_line(sqlite_url: str, tmp_path: Path) -> None:
    assert "there is no blog nowhere" in fails(sqlite_url, "verify", "nowhere")
    assert "cannot read" in fails(sqlite_url, "verify", str(tmp_path / "nothing"))
    assert "cannot read" in fails(sqlite_url, "verify", f"{tmp_path}/")
    (tmp_path / "empty").write_bytes(b"")
    assert "line 1" in fails(sqlite_url, "verify", str(tmp_path / "empty"))
    assert ask(sqlite_url, "verify").exit_code == 2


def test_a_recording_is_verified_without_a_database() -> None:
    finished = run("verify", str(NIGHT), url="sqlite:////nowhere/at/all.db")
    assert (finished.returncode, finished.stderr) == (0, "")


def test_on_a_terminal_long_work_shows_how_far_it_is(sqlite_url: str, tmp_path: Path) -> None:
    with Terminal("verify", str(LONG)) as terminal:
        terminal.shows("verifying")
        terminal.shows("48 events fit")
        assert terminal.ended() == 0
    does(sqlite_url, "import", str(LONG))
    output = ["--output", str(tmp_path / "night.jsonl"), "--database-url", sqlite_url]
    with Terminal("export", LONG.stem, *output) as terminal:
        terminal.shows("exporting")
        terminal.shows("48 events")
        assert terminal.ended() == 0


def damages(data: bytes) -> Iterator[tuple[str, bytes]]:
    """A recording, damaged in each way."""
    lines = data.splitlines(keepends=True)
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    yield "flipped", bytes(flipped)
    yield "slug", data.replace(b'"slug":"', b'"slug":"x', 1)
    yield "dropped", b"".join(lines[:3] + lines[4:])
    yield "doubled", b"".join(lines[:4] + lines[3:])
    yield "swapped", b"".join([*lines[:3], lines[4], lines[3], *lines[5:]])
    yield "cut in a line", data[: len(data) // 2]
    yield "cut after a line", b"".join(lines[:-1])
    yield "appended", data + b"more"
    yield "crlf", data.replace(b"\n", b"\r\n")


def test_a_damaged_recording_is_refused_with_its_line_and_leaves_nothing(url: str, tmp_path: Path) -> None:
    """Into an empty database and over the blog itself; a good file beside it is not imported either."""
    file = tmp_path / "damaged.jsonl"
    for already in ("", str(NIGHT)):
        if already:
            does(url, "import", already)
        before = content(url)
        for name, data in damages(NIGHT.read_bytes()):
            file.write_bytes(data)
            said = fails(url, "import", str(LONG), str(file))
            assert f"{file}: line " in said, (name, said)
            assert content(url) == before, name
    assert f"{HEAD} events fit" in does(url, "verify", SLUG)


def content(url: str) -> dict[str, str]:
    """A digest of every table, and with SQLite of the file."""
    found: dict[str, str] = {}

    def read(connection: sa.Connection) -> None:
        for table in tables.metadata.sorted_tables:
            rows = sorted(map(repr, connection.execute(sa.select(table)).all()))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()

    write(url, read)
    if url.startswith("sqlite"):
        found["file"] = hashlib.sha256(Path(url.removeprefix("sqlite:///")).read_bytes()).hexdigest()
    return found


# Round trips.


def exported(url: str, slug: str, file: Path) -> bytes:
    """A blog's recording."""
    does(url, "export", slug, "--output", str(file))
    return file.read_bytes()


def test_a_blog_goes_from_database_to_database_and_comes_back_the_same(
    sqlite_url: str, postgres_url: str, empty_sqlite_url: str, tmp_path: Path
) -> None:
    """SQLite, PostgreSQL, SQLite, and under another slug on the way."""
    does(sqlite_url, "import", str(LONG.parents[1] / "seeds" / f"{LONG.stem}.txt"))
    first = exported(sqlite_url, LONG.stem, tmp_path / "1.jsonl")
    does(postgres_url, "import", str(tmp_path / "1.jsonl"), "--slug", "rehearsal")
    second = exported(postgres_url, "rehearsal", tmp_path / "2.jsonl")
    third_url = f"sqlite:///{tmp_path / 'third.db'}"
    does(third_url, "migrate")
    does(third_url, "import", str(tmp_path / "2.jsonl"))
    third = exported(third_url, LONG.stem, tmp_path / "3.jsonl")
    assert first == second == third
    assert does(third_url, "export", LONG.stem).encode() == third
    epochs = [one_row(each, "SELECT epoch FROM blogs") for each in (sqlite_url, postgres_url, third_url)]
    assert len(set(epochs)) == 3
    assert "48 events fit" in does(postgres_url, "verify", "rehearsal")


def one_row(url: str, query: str) -> Any:
    """The one value that a query gives."""
    found: list[Any] = []
    write(url, lambda connection: found.append(connection.exec_driver_sql(query).scalar_one()))
    return found[0]


def test_the_rest_of_a_recording_is_added_and_the_copy_stays_the_same_copy(url: str, tmp_path: Path) -> None:
    lines = LONG.read_bytes().splitlines(keepends=True)
    ends = [json.loads(line)["envelope"]["commit_end"] for line in lines[1:]]
    part = next(end for end in ends if end >= 20)
    header = {**json.loads(lines[0]), "head": part, "hash": json.loads(lines[part])["hash"]}
    short = tmp_path / "short.jsonl"
    short.write_bytes(json.dumps(header, separators=(",", ":")).encode() + b"\n" + b"".join(lines[1 : part + 1]))
    does(url, "import", str(short))
    epoch = one_row(url, "SELECT epoch FROM blogs")
    assert f"positions {part + 1} to 48" in does(url, "import", str(LONG))
    assert one_row(url, "SELECT epoch FROM blogs") == epoch
    assert "nothing added" in does(url, "import", str(short))
    assert exported(url, LONG.stem, tmp_path / "whole.jsonl") == LONG.read_bytes()


def test_another_history_is_refused_at_the_first_position_that_differs(url: str, tmp_path: Path) -> None:
    """Two copies that went on by themselves: neither takes the other."""
    other_url = f"sqlite:///{tmp_path / 'other.db'}"
    does(other_url, "migrate")
    for each in (url, other_url):
        does(each, "import", str(NIGHT))
        write_on(each)
    theirs = tmp_path / "theirs.jsonl"
    exported(other_url, SLUG, theirs)
    before = content(url)
    assert f"differ at position {HEAD + 1}" in fails(url, "import", str(theirs))
    assert content(url) == before


def write_on(url: str) -> None:
    """Let the blog go on with an event that no other copy has."""

    async def work() -> None:
        async with open_store(Settings(database_url=url)) as store:
            commit = Commit(proposals=(proposal(PublishEntry(headline="On")),))
            actor = Actor("edith", "Edith", Role.EDITOR)
            await store.event_log.append([Append(slug=SLUG, actor=actor, commits=(commit,))])

    asyncio.run(work())


# Epochs.


def test_an_epoch_is_renewed_from_the_terminal(url: str) -> None:
    does(url, "import", str(NIGHT), str(LONG))
    before = one_row(url, f"SELECT epoch FROM blogs WHERE slug = '{SLUG}'")
    said = does(url, "epoch", "renew", SLUG)
    after = one_row(url, f"SELECT epoch FROM blogs WHERE slug = '{SLUG}'")
    assert said == f"{SLUG}: epoch {after} from position 8 on\n"
    assert before != after
    assert len(does(url, "epoch", "renew", "--all").splitlines()) == 2
    assert "there is no blog nowhere" in fails(url, "epoch", "renew", "nowhere")
    assert ask(url, "epoch", "renew").exit_code == 2
    assert ask(url, "epoch", "renew", SLUG, "--all").exit_code == 2
    assert f"{HEAD} events fit" in does(url, "verify", SLUG)
