"""The recordings in replay/ are what the coverages in seeds/ say, to the byte."""

import asyncio
import re
from pathlib import Path
from uuid import UUID

import pytest

from liveblog.application import recording
from liveblog.application.rendering import Renderer
from liveblog.log.memory import MemoryLog
from liveblog.log.record import Recorded
from replay.history import adopt
from replay.making import maker
from replay.scenario import FOLDER, load, names

make = maker()
SEEDS = sorted((FOLDER.parent / "seeds").glob("*.txt"))
RECORDINGS = sorted(FOLDER.glob("*.jsonl"))


def test_every_coverage_has_its_recording_and_every_recording_its_coverage() -> None:
    assert len(SEEDS) >= 2
    assert [path.stem for path in RECORDINGS] == [path.stem for path in SEEDS]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_a_recording_is_what_its_coverage_makes_now(seed: Path) -> None:
    """If this fails, a coverage was changed: `make recordings`."""
    made = make.record(seed.stem, seed.read_bytes())
    assert made == (FOLDER / f"{seed.stem}.jsonl").read_bytes()
    assert made == make.record(seed.stem, seed.read_bytes())


def test_a_changed_coverage_makes_another_recording() -> None:
    seed = SEEDS[0]
    text = seed.read_bytes()
    changed = text.replace(b"22 missiles", b"21 missiles", 1)
    assert changed != text
    assert make.record(seed.stem, changed) != make.record(seed.stem, text)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_ids_are_of_their_kind_and_none_stands_twice(path: Path) -> None:
    found = recording.read(path.read_bytes())
    envelopes = [record.envelope for record in found.records]
    events = [UUID(envelope.event_id) for envelope in envelopes]
    entries = {UUID(envelope.entry_id) for envelope in envelopes if envelope.entry_id is not None}
    salts = {record.salt for record in found.records}
    assert {each.version for each in events} == {7}
    assert {each.version for each in entries} | {UUID(found.header.blog_id).version} == {4}
    assert len(set(events)) == len(salts) == len(envelopes)
    assert {envelope.recorded_at for envelope in envelopes} == {"2020-01-09T12:00:00.000Z"}


def test_two_recordings_share_no_id_and_no_salt() -> None:
    first, second = (recording.read(path.read_bytes()) for path in RECORDINGS[:2])
    assert first.header.blog_id != second.header.blog_id
    for name in ("salt", "hash"):
        assert {getattr(r, name) for r in first.records}.isdisjoint(getattr(r, name) for r in second.records)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_goes_into_a_log_and_comes_out_again_as_it_was(path: Path) -> None:
    found = recording.read(path.read_bytes())

    async def stored() -> list[Recorded]:
        log = MemoryLog(lambda: 0, Renderer().render)
        await adopt(log, found)
        return await log.read(found.header.blog_id, 0, found.header.head)

    records = [event.record for event in asyncio.run(stored())]
    written = recording.write(found.header.slug, found.header.blog_id, records)
    assert b"".join(written) == path.read_bytes()


def test_the_folder_says_what_is_in_it() -> None:
    told = set(re.findall(r"^\| \[?`?([a-z0-9-]+)", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {*names(), *(path.stem for path in RECORDINGS)} <= told


def test_every_recording_is_replayed_by_some_scenario() -> None:
    assert {load(name).recording for name in names()} == {path.stem for path in RECORDINGS}
