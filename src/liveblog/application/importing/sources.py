"""Files to import: which format each is in, and what it holds."""

from typing import Literal

from msgspec import Struct

from liveblog.application import recording
from liveblog.application.importing import coverage, page_text, recorded
from liveblog.application.importing.script import Fault, ImportRefused, Script
from liveblog.application.importing.sniff import sniff
from liveblog.application.recording import Recording, RecordingDamaged


class Options(Struct, frozen=True, kw_only=True):
    """How to read what a file leaves open: instants in milliseconds, None where the file may say."""

    format: Literal["auto", "text", "coverage", "recording"] = "auto"
    slug: str | None = None
    start: int | None = None
    interval_ms: int = 300_000
    time_zone: str | None = None


class Source(Struct, frozen=True, kw_only=True):
    """A file that was understood. `identity` is what makes an import of it the same as an earlier one."""

    name: str
    format: Literal["text", "coverage", "recording"]
    slug: str
    content: Script | Recording
    identity: bytes


def understand(name: str, data: bytes, options: Options) -> Source:
    """Read a file's content.

    Raises:
        ImportRefused: If it is damaged, malformed or in no format that is known; every fault with its line.

    """
    kind = options.format
    if kind == "auto":
        kind = sniff(_text(data.split(b"\n", 1)[0]) if data.startswith(b'{"format"') else _text(data))
    if kind == "recording":
        try:
            found = recording.read(data)
        except RecordingDamaged as error:
            raise ImportRefused([Fault(error.line, str(error).partition(": ")[2])]) from None
        recorded.check(found)
        return Source(name=name, format=kind, slug=options.slug or found.header.slug, content=found, identity=data)
    text = _text(data)
    if kind == "coverage":
        script = coverage.parse(text)
    else:
        script = page_text.parse(
            text, slug=options.slug, start=options.start, interval_ms=options.interval_ms, time_zone=options.time_zone
        )
    slug = options.slug or script.blog.get("slug")
    if slug is None:
        raise ImportRefused([Fault(0, "the text names no slug: give one with --slug")])
    read_with = f"{kind}|{options.start}|{options.interval_ms}|{options.time_zone}" if kind == "text" else kind
    return Source(name=name, format=kind, slug=slug, content=script, identity=read_with.encode() + b"\n" + data)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ImportRefused([Fault(line, "not UTF-8 text: save the file as UTF-8")]) from None
