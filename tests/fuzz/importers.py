"""Importers: pages, coverages and recordings, from their bytes to a blog in a log that forgets."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Literal

from fuzz import samples
from fuzz.target import Target
from liveblog import main
from liveblog.application import recording
from liveblog.application.importing.script import ImportRefused
from liveblog.application.importing.sources import Options, understand

_FORMATS: tuple[Literal["text", "coverage", "recording"], ...] = ("text", "coverage", "recording")


async def take_in(data: bytes, options: Options) -> bool:
    """Understand a file and import it; refused, it says why and where."""
    try:
        source = understand("file", data, options)
        (imported,) = await main.rehearse([source])
    except ImportRefused as refusal:
        assert refusal.faults
        assert str(refusal)
        str(refusal).encode()
        return False
    assert imported.position >= 1
    if isinstance(source.content, recording.Recording):
        lines = recording.write(source.content.header.slug, source.content.header.blog_id, source.content.records)
        assert b"".join(lines) == data, "what is accepted is what would be written"
    return True


def _take(kind: Literal["text", "coverage", "recording"]) -> Callable[[bytes], Any]:
    async def take(data: bytes) -> bool:
        chance = sha256(data).digest()
        options = Options(
            format=kind if chance[0] < 200 else "auto",
            slug=None if chance[1] < 128 else "given",
            start=None if chance[2] < 128 else main.wall() - 10**10,
            interval_ms=(1, 60_000, 300_000)[chance[3] % 3],
            time_zone=(None, "Europe/London", "Asia/Tehran")[chance[4] % 3],
        )
        return await take_in(data, options)

    return take


async def take_sealed(data: bytes) -> bool:
    """Import a recording that was changed and whose hashes were then made to fit, as a forger would."""
    return await take_in(seal(data), Options(format="recording"))


def seal(data: bytes) -> bytes:
    """Make the hashes of a recording fit what it says, line by line, where it can be read at all."""
    try:
        header, *events = [json.loads(line) for line in data.split(b"\n") if line.strip()]
        blog_id = header["blog_id"]
        last = sha256(b"liveblog/1" + blog_id.encode()).digest()
        lines = []
        for event in events:
            envelope, payload = _canonical(event["envelope"]), _canonical(event["payload"])
            salt = bytes.fromhex(event["salt"])
            last = sha256(last + sha256(envelope).digest() + sha256(salt + payload).digest()).digest()
            parts = b'{"envelope":%b,"payload":%b,"salt":"%b","hash":"%b"}\n'
            lines.append(parts % (envelope, payload, salt.hex().encode(), last.hex().encode()))
        header |= {"head": len(events), "hash": last.hex()}
        return json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" + b"".join(lines)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return data


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


_WORDS: dict[str, tuple[bytes, ...]] = {
    "text": (
        *(b"Breaking: ", b"By Ada Norrby and Lee Okafor", b"16:05", b"24:61", b"2020-02-30 Live", b"Related: a; b"),
        *(b"Image source: x", b"Image caption", b"Read a here", "© x • y".encode(), b"Tuesday 31 February 2020"),
    ),
    "coverage": (
        *(b"@ ", b"\n@ + ", b"\n@ 2020-01-08 02:00 ", b" by ", b"~", b"publish e9", b"retract e1", b"end", b"reopen"),
        *(
            b"was: x\nnow: y\nreason: z\n",
            b"\\n",
            b"\\x",
            b" | ",
            b"url: ",
            b"headline:",
            b"expected_revision: 99999999999",
        ),
        *(b"published_at: 9999-12-31 23:59", b"time_zone: ../UTC", b"time_zone: Factory", b"pinned: yes", b"slug: v1"),
    ),
    "recording": (
        *(b'"position":', b'"commit_end":', b'"event_type":"', b'"at":', b'"entry_id":', b'"schema_version":1'),
        *(b"entry_published", b"entry_retracted", b"blog_started", b"key_point_set", b'"head":', b'"slug":"'),
    ),
}
_SAMPLES: dict[str, tuple[bytes, ...]] = {
    "text": samples.files("tests/application/importing/pages", "*.txt"),
    "coverage": samples.files("seeds", "*.txt"),
    "recording": samples.files("replay", "five*.jsonl"),
}
TARGETS = (
    *(Target(kind, _SAMPLES[kind], _WORDS[kind], _take(kind)) for kind in _FORMATS),
    Target("forged-recording", _SAMPLES["recording"], _WORDS["recording"], take_sealed),
)
