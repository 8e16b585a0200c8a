"""The tide mark: a log that is not as far as it was is an older copy, and nothing else looks like one."""

import shutil
from pathlib import Path

import pytest

from liveblog.main import Store, open_store
from liveblog.settings import Settings
from liveblog.storage.lockfile import LockFile
from liveblog.storage.tidemark import Tidemark
from log.build import Build

pytestmark = pytest.mark.anyio


async def epochs(store: Store) -> list[str]:
    """The epochs of all blogs."""
    heads = await store.readmodels.blogs(None, 10, None)
    return [head.epoch for head in sorted(heads, key=lambda head: head.slug)]


def tidemark(store: Store) -> Tidemark:
    return Tidemark(store.database, store.epochs)


async def test_every_blog_of_an_older_copy_gets_a_new_epoch_once(sqlite_url: str, tmp_path: Path) -> None:
    file, copy = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    build, settings = Build(), Settings(database_url=sqlite_url)
    async with open_store(settings) as store:
        await store.event_log.append([build.start("day"), build.start("night")])
        assert await tidemark(store).check() == []
        before = await epochs(store)
    shutil.copy(file, copy)
    async with open_store(settings) as store:
        await store.event_log.append([build.append("night", build.entry())])
        await tidemark(store).note()
        assert await tidemark(store).check() == []
    shutil.copy(copy, file)
    async with open_store(settings) as store:
        assert await epochs(store) == before
        renewed = await tidemark(store).check()
        assert {each.slug for each in renewed} == {"day", "night"}
        after = await epochs(store)
        assert set(after).isdisjoint(before)
        assert await tidemark(store).check() == []
        assert await epochs(store) == after


async def test_a_log_that_is_as_far_or_further_keeps_its_epochs(sqlite_url: str) -> None:
    build = Build()
    async with open_store(Settings(database_url=sqlite_url)) as store:
        await store.event_log.append([build.start("night")])
        before = await epochs(store)
        await tidemark(store).note()
        for _ in range(3):
            assert await tidemark(store).check() == []
            await store.event_log.append([build.append("night", build.entry())])
        assert await epochs(store) == before


async def test_a_log_without_a_note_keeps_its_epochs(sqlite_url: str, postgres_url: str) -> None:
    """A first start, a moved file, a lock file of an earlier release; and PostgreSQL, which has no such place."""
    for url in (sqlite_url, postgres_url):
        build = Build()
        async with open_store(Settings(database_url=url)) as store:
            await store.event_log.append([build.start("night")])
            before = await epochs(store)
            assert await tidemark(store).check() == []
            assert await epochs(store) == before


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"7\n", b"0" * 21, b"-0000000000000000007\n", b"\xff" * 21])
def test_a_lock_file_that_holds_anything_else_notes_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "blog.db.lock"
    path.write_bytes(content)
    lock = LockFile(path, 0)
    try:
        assert lock.read() == 0
    finally:
        lock.close()


def test_what_is_noted_is_read_by_the_next_process_and_may_fall(tmp_path: Path) -> None:
    for number in (0, 7, 10**18, 3):
        one, other = LockFile(tmp_path / "lock", 0), LockFile(tmp_path / "lock", 0)
        try:
            with other.held():  # a note needs no lock
                one.write(number)
            assert other.read() == number
        finally:
            one.close()
            other.close()
        again = LockFile(tmp_path / "lock", 0)
        assert again.read() == number
        again.close()
