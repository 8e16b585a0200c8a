"""Valid inputs of every kind: what the cases are made from."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SLUG = "night"
ENTRY = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"

_URL = "https://example.org/a?b=c#d"
CONTENT: dict[str, Any] = {
    "headline": "Missiles hit two bases",
    "body": "**More than a dozen** [missiles](https://example.org).\n\n> quoted\n\n- one\n- two\n",
    "kind": "question",
    "question": "How many?",
    "quote": {"speaker": "A spokesman", "role": "Ministry"},
    "contributors": [{"name": "Ada", "role": "Reporter", "outlet": "The Paper"}],
    "sources": [{"name": "Agency", "url": _URL}, {"name": "Nobody", "url": None}],
    "media": [
        {"type": "image", "url": _URL, "alt": "a", "caption": "c", "credit": "d", "width": 1280, "height": 720},
        {"type": "video", "url": _URL, "poster": _URL, "duration_s": 90},
    ],
    "links": [{"title": "Earlier", "url": _URL}],
    "tags": ["iran", "iraq"],
}
_HEADER = {
    "headline": "A night",
    "standfirst": "What happened",
    "contributors": CONTENT["contributors"],
    "links": CONTENT["links"],
    "media": CONTENT["media"],
    "language": "en-GB",
    "time_zone": "Asia/Baghdad",
}
_SAID = {"was": "a dozen", "now": "22", "reason": "counted"}
FLAGS = ("flag_breaking", "clear_breaking", "pin_entry", "unpin_entry", "mark_key_event", "unmark_key_event")

START = {"slug": "other", **_HEADER}
COMMANDS: tuple[Any, ...] = (
    {
        "type": "publish_entry",
        "entry_id": OTHER,
        **CONTENT,
        "published_at": "2020-01-08T01:30:00.5+03:00",
        "breaking": True,
        "pinned": True,
        "key_event": True,
    },
    {"type": "publish_entry", "headline": "News"},
    {"type": "publish_entry", "body": "News", "breaking": False},
    {"type": "revise_entry", "entry_id": ENTRY, **CONTENT, "expected_revision": 1},
    {"type": "revise_entry", "entry_id": ENTRY, "headline": None, "tags": []},
    {"type": "correct_entry", "entry_id": ENTRY, "body": "22", **_SAID},
    {"type": "retract_entry", "entry_id": ENTRY, "reason": "wrong", "expected_revision": 1},
    *({"type": flag, "entry_id": ENTRY, "expected_revision": 1} for flag in FLAGS),
    {"type": "set_key_point", "point_id": "p1", "text": "Known", "sources": CONTENT["sources"], "reason": "said"},
    {"type": "withdraw_key_point", "point_id": "p1", "reason": "old", "expected_revision": 1},
    {"type": "change_headline", **_HEADER, "expected_revision": 1},
    {"type": "end_blog"},
    {"type": "reopen_blog"},
    [{"type": "publish_entry", "entry_id": OTHER, "headline": "One"}, {"type": "pin_entry", "entry_id": OTHER}],
)
WISHES: tuple[Any, ...] = (
    *({"command": each} for each in COMMANDS[:6]),
    {"command": {"type": "correct_entry", "was": None}, "id": ENTRY},
    {"command": {"type": "publish_entry", "media": [{}]}, "revision": 3},
    {"revision": 1},
    {"revision": 2, "note": "Who says so?"},
    {"revision": 2, "publish_at": "2030-01-08T01:30:00+03:00"},
    {"body": CONTENT["body"]},
    {"tab": "t-1", "editing": {"kind": "entry", "id": ENTRY}},
    {"tab": "t_2", "editing": None},
)
MESSAGES: tuple[Any, ...] = (
    {"type": "pause", "id": "a"},
    {"type": "resume", "id": 7},
    {"type": "rate", "rate": 60},
    {"type": "rate", "rate": "instant", "id": "b"},
    {"type": "seek", "to": 2, "rate": 0.5, "paused": True, "id": "c"},
    {"type": "seek", "to": "start"},
    {"type": "seek", "to": "2020-01-08T01:30:00+03:00"},
    {"type": "step", "count": 3},
    {"type": "go_live"},
)
STREAM_QUERIES = (
    "from=live",
    "from=start&rate=60&max_gap=30&at_end=end",
    "from=2&epoch=abc&hash=" + "0" * 64,
    "from=2020-01-08T01:30:00%2B03:00&rate=instant&at_end=follow",
)
READ_QUERIES = (
    "limit=50&position=7&epoch=a&edition=r1",
    "cursor=YWZ0ZXIvMTU3ODQ0NzAwMDAwMC83&order=oldest&only=key,breaking",
    "around=" + ENTRY + "&at_least=3",
    "time=2020-01-08T01:30:00Z&limit=200",
    "after=0&limit=1000",
    "status=live&cursor=YmxvZ3MvMTU3ODQ0NzAwMDAwMC9hYmM",
    "expected_position=12",
)


def encoded(values: tuple[Any, ...]) -> tuple[bytes, ...]:
    """Write samples as JSON."""
    return tuple(json.dumps(value, ensure_ascii=False).encode() for value in values)


def files(folder: str, pattern: str) -> tuple[bytes, ...]:
    """Read the repository's own files of a kind."""
    found = tuple(path.read_bytes() for path in sorted((ROOT / folder).glob(pattern)))
    assert found, (folder, pattern)
    return found
