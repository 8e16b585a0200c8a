"""The codec: what is stored today is stored so for ever, and what was stored in another shape is still read.

Each file in samples/ is the envelope and the payload of one event as they stand in a log, frozen. A sample is never
changed; a new version of an event adds one.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liveblog.domain import events as e
from liveblog.domain.actor import Actor
from liveblog.domain.content import Contributor, Link, Media, Quote, Source
from liveblog.log.canonical import canonical
from liveblog.log.codec import CODEC, NAMES, Codec, UnknownEvent
from liveblog.log.record import Envelope

SAMPLES = Path(__file__).parent / "samples"
ID = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
WHO = Actor("edda", "Edda Editør")
CONTENT: dict[str, Any] = {
    "headline": 'What "we" know',
    "body": "Line one\nLine two\twith a \\ and 🚀",
    "question": "Was es war?",
    "quote": Quote("A minister", "defence"),
    "contributors": (Contributor("Edda", "reporter", "Desk"), Contributor("Li")),
    "sources": (Source("Agency", "https://example.org/a?b=c&d"), Source("A witness")),
    "media": (
        Media("image", "https://example.org/i.jpg", "a map", "The base", "Photographer", 1280, 720),
        Media("video", poster="https://example.org/p.jpg", duration_s=62),
    ),
    "links": (Link("Before", "https://example.org/"), Link("Elsewhere")),
    "tags": ("middle-east", "für alle"),
}
HEADER: dict[str, Any] = {
    "headline": "A night",
    "standfirst": "What happened",
    "contributors": CONTENT["contributors"],
    "links": CONTENT["links"],
    "media": CONTENT["media"],
    "language": "en-GB",
    "time_zone": "Asia/Baghdad",
}
SAID: dict[str, str] = {"was": "twelve", "now": "twenty-two", "reason": "an early count"}
CORRECTED: dict[str, Any] = {**CONTENT, **SAID}
EVENTS: dict[str, e.Event] = {
    "blog_started": e.BlogStarted(slug="a-night", **HEADER),
    "headline_changed": e.HeadlineChanged(**{**HEADER, "standfirst": None, "links": ()}),
    "entry_published": e.EntryPublished(
        entry_id=ID,
        kind="quote",
        published_at="2020-01-08T01:30:00.123Z",
        published_at_estimated=True,
        flags=("breaking", "key_event", "pinned"),
        **CONTENT,
    ),
    "entry_revised": e.EntryRevised(entry_id=ID, **{**CONTENT, "quote": None, "tags": ()}),
    "entry_corrected": e.EntryCorrected(entry_id=ID, kind="summary", **CORRECTED),
    "entry_retracted": e.EntryRetracted(entry_id=ID, reason="said twice"),
    "breaking_flagged": e.BreakingFlagged(ID),
    "breaking_cleared": e.BreakingCleared(ID),
    "entry_pinned": e.EntryPinned(ID),
    "entry_unpinned": e.EntryUnpinned(ID),
    "key_event_marked": e.KeyEventMarked(ID),
    "key_event_unmarked": e.KeyEventUnmarked(ID),
    "key_point_set": e.KeyPointSet(
        point_id="missiles", text="Twenty-two were fired.", sources=CONTENT["sources"], reason="a new count"
    ),
    "key_point_withdrawn": e.KeyPointWithdrawn(point_id="missiles", reason="not known after all"),
    "blog_ended": e.BlogEnded(),
    "blog_reopened": e.BlogReopened(),
}


def envelope_of(event: e.Event, codec: Codec = CODEC) -> Envelope:
    name, version = codec.name_of(event)
    return Envelope(
        blog_id="0b0e0c1a-9d1e-4b8c-8f66-0f4d4c7f3a11",
        position=7,
        event_id="0197fb2c-9a2b-7cc0-8a54-5b1f4f8e9d20",
        event_type=name,
        schema_version=version,
        at="2020-01-08T01:30:00.123Z",
        at_estimated=False,
        recorded_at="2020-01-08T01:30:00.456Z",
        commit_end=8,
        **codec.envelope_parts(event),
    )


def sample(event: e.Event) -> bytes:
    """A sample file as it should be: one line of canonical JSON that holds both parts byte for byte."""
    parts = canonical(envelope_of(event)), CODEC.payload(event, WHO)
    return b'{"envelope":%b,"payload":%b}\n' % parts


def file_of(name: str, version: int) -> Path:
    return SAMPLES / f"{name}.v{version}.json"


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_written_byte_for_byte_as_its_frozen_sample(name: str) -> None:
    version = CODEC.name_of(EVENTS[name])[1]
    assert sample(EVENTS[name]) == file_of(name, version).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_sample_reads_as_its_event(name: str) -> None:
    version = CODEC.name_of(EVENTS[name])[1]
    frozen = json.loads(file_of(name, version).read_bytes())
    envelope = msgspec.convert(frozen["envelope"], Envelope)
    assert envelope == envelope_of(EVENTS[name])
    assert CODEC.decode(envelope, canonical(frozen["payload"])) == (EVENTS[name], WHO)


def test_each_version_of_each_event_has_its_sample_and_each_sample_is_read() -> None:
    known = {
        file_of(name, version).name
        for name, event in EVENTS.items()
        for version in range(1, CODEC.name_of(event)[1] + 1)
    }
    assert {path.name for path in SAMPLES.iterdir()} == known
    for path in SAMPLES.iterdir():
        frozen = json.loads(path.read_bytes())
        event, who = CODEC.decode(msgspec.convert(frozen["envelope"], Envelope), canonical(frozen["payload"]))
        assert CODEC.name_of(event)[0] == frozen["envelope"]["event_type"]
        assert who == WHO


def test_every_event_of_the_domain_has_a_stored_name() -> None:
    assert set(NAMES.values()) == set(e.Event.__args__)
    assert list(NAMES) == list(EVENTS)
    assert [CODEC.name_of(event)[0] for event in EVENTS.values()] == list(NAMES)


def test_the_envelope_holds_the_entrys_place_and_the_payload_all_else() -> None:
    """The envelope outlives a redaction: no text, no name, no URL and no person may stand in it."""
    envelope = json.loads(canonical(envelope_of(EVENTS["entry_published"])))
    assert set(envelope) == {
        "blog_id",
        "position",
        "event_id",
        "event_type",
        "schema_version",
        "at",
        "at_estimated",
        "recorded_at",
        "commit_end",
        "entry_id",
        "kind",
        "published_at",
        "published_at_estimated",
        "flags",
    }
    assert envelope["flags"] == ["breaking", "key_event", "pinned"]
    payload = json.loads(CODEC.payload(EVENTS["entry_published"], WHO))
    assert set(payload) == {"actor", *CONTENT}
    assert payload["actor"] == {"id": "edda", "name": "Edda Editør"}


def test_an_unset_field_is_stored_nowhere_and_stays_unset() -> None:
    event = e.EntryRevised(entry_id=ID, body="new", quote=None)
    assert json.loads(CODEC.payload(event, WHO)) == {
        "actor": {"id": "edda", "name": "Edda Editør"},
        "body": "new",
        "quote": None,
    }
    assert envelope_of(event).kind is None
    assert CODEC.decode(envelope_of(event), CODEC.payload(event, WHO)) == (event, WHO)


def test_an_event_without_flags_reads_as_one_without_flags() -> None:
    event = e.EntryPublished(entry_id=ID, kind="update", published_at="2020-01-08T01:30:00.123Z", body="b")
    assert CODEC.decode(envelope_of(event), CODEC.payload(event, WHO)) == (event, WHO)


def test_a_field_that_a_later_release_added_within_a_version_is_passed_over() -> None:
    payload = CODEC.payload(EVENTS["entry_retracted"], WHO)
    grown = canonical({**json.loads(payload), "severity": "high"})
    assert CODEC.decode(envelope_of(EVENTS["entry_retracted"]), grown) == (EVENTS["entry_retracted"], WHO)


@pytest.mark.parametrize(
    ("event_type", "version"), [("entry_praised", 1), ("entry_retracted", 2), ("entry_retracted", 0)]
)
def test_an_event_of_a_newer_release_is_unknown_and_named(event_type: str, version: int) -> None:
    event = EVENTS["entry_retracted"]
    envelope = msgspec.structs.replace(envelope_of(event), event_type=event_type, schema_version=version)
    with pytest.raises(UnknownEvent, match=f"{event_type}, version {version}"):
        CODEC.decode(envelope, CODEC.payload(event, WHO))


def test_a_payload_that_lacks_what_its_version_has_is_refused() -> None:
    event = EVENTS["entry_retracted"]
    with pytest.raises(msgspec.ValidationError):
        CODEC.decode(envelope_of(event), canonical({"actor": {"id": "edda", "name": "Edda"}}))


def test_the_first_shape_of_a_start_reads_as_one_without_a_slug() -> None:
    frozen = json.loads(file_of("blog_started", 1).read_bytes())
    read = CODEC.decode(msgspec.convert(frozen["envelope"], Envelope), canonical(frozen["payload"]))
    assert read == (e.BlogStarted(**HEADER), WHO)


# Upcasting, as if key points had first been stored without sources, and at first of all under the name "key".


def add_sources(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "sources": [{"name": "not recorded", "url": None}]}


def rename_key(payload: dict[str, Any]) -> dict[str, Any]:
    payload = dict(payload)
    return {"point_id": payload.pop("key"), **payload}


GROWN = Codec(
    NAMES,
    versions={"key_point_set": 3},
    upcasters={("key_point_set", 2): add_sources, ("key_point_set", 1): rename_key},
)
POINT = e.KeyPointSet(point_id="missiles", text="Twenty-two.", sources=(Source("not recorded"),), reason="r")


@pytest.mark.parametrize(
    ("version", "stored"),
    [
        (1, {"key": "missiles"}),
        (2, {"point_id": "missiles"}),
        (3, {"point_id": "missiles", "sources": [{"name": "not recorded", "url": None}]}),
    ],
)
def test_every_older_shape_reads_as_todays(version: int, stored: dict[str, Any]) -> None:
    payload = canonical(
        {"actor": {"id": "edda", "name": "Edda Editør"}, "text": "Twenty-two.", "reason": "r", **stored}
    )
    envelope = msgspec.structs.replace(envelope_of(POINT), schema_version=version)
    assert GROWN.decode(envelope, payload) == (POINT, WHO)


def test_todays_shape_is_written_under_todays_version() -> None:
    assert GROWN.name_of(POINT) == ("key_point_set", 3)
    assert GROWN.name_of(e.BlogEnded()) == ("blog_ended", 1)
    assert GROWN.decode(envelope_of(POINT, GROWN), GROWN.payload(POINT, WHO)) == (POINT, WHO)


def test_a_gap_in_the_upcasters_is_an_error_at_start() -> None:
    with pytest.raises(ValueError, match=r"no upcaster from \[\('key_point_set', 1\)\]"):
        Codec(NAMES, versions={"key_point_set": 3}, upcasters={("key_point_set", 2): add_sources})


@pytest.mark.parametrize("stray", [("key_point_set", 3), ("key_point_set", 0), ("key_point_said", 1)])
def test_an_upcaster_that_leads_nowhere_is_an_error_at_start(stray: tuple[str, int]) -> None:
    upcasters = {("key_point_set", 1): rename_key, ("key_point_set", 2): add_sources, stray: add_sources}
    with pytest.raises(ValueError, match="lead to no known version"):
        Codec(NAMES, versions={"key_point_set": 3}, upcasters=upcasters)


def test_an_event_with_two_stored_names_is_an_error_at_start() -> None:
    with pytest.raises(ValueError, match="two stored names"):
        Codec({**NAMES, "blog_closed": e.BlogEnded})
