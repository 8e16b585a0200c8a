"""Recordings of nights that never were."""

from liveblog.application import recording
from liveblog.application.importer import Importer
from liveblog.application.importing.script import Script, Step
from liveblog.application.importing.sources import Source
from liveblog.application.recording import Recording
from liveblog.application.rendering import Renderer
from liveblog.log.memory import MemoryLog

AT = 1_600_000_000_000


async def long_commit(*, entries: int, body: str, with_start: bool = False) -> Recording:
    """A blog whose second commit, or its first, publishes so many entries at once."""
    steps = [
        Step(
            at=AT if with_start else AT + 1000,
            command={"type": "publish_entry", "entry_id": f"e{number}", "headline": f"{number}", "body": body},
            line=number,
            same_commit=with_start or number > 0,
        )
        for number in range(entries)
    ]
    script = Script(blog={"headline": "Long"}, started=AT, steps=tuple(steps))
    renderer = Renderer()
    log = MemoryLog(lambda: AT + 5000, renderer.render)
    source = Source(name="long", format="coverage", slug="long", content=script, identity=body.encode())
    await Importer(log, renderer).bring_in([source])
    head = await log.head("long")
    assert head is not None
    records = [each.record for each in await log.read(head.blog_id, 0, head.position)]
    return recording.read(b"".join(recording.write("long", head.blog_id, records)))
