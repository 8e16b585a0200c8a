"""One blog with everything in it that a page can show, posted to a running server."""

from typing import Any

from house import House

EVERYTHING: dict[str, Any] = {
    "headline": "Harbour closed",
    "body": "The **bridge** is [shut](https://example.org/shut).",
    "contributors": [{"name": "Ada Reed", "role": "Reporter", "outlet": "Harbour Times"}, {"name": "Bo"}],
    "sources": [{"name": "Port authority", "url": "https://example.org/port"}, {"name": "A pilot"}],
    "media": [
        {
            "type": "image",
            "url": "https://example.org/bridge.jpg",
            "alt": "The bridge at dusk",
            "caption": "Shut since noon",
            "credit": "Ada Reed",
            "width": 1280,
            "height": 720,
        },
        {"type": "image", "url": "https://example.org/map.png", "alt": "A map"},
        {"type": "image", "alt": "A picture that nobody sent"},
        {"type": "video", "url": "https://example.org/ship.mp4?s=1", "poster": "https://example.org/p.jpg"},
        {"type": "video", "url": "https://example.org/watch/7", "alt": "The ship", "duration_s": 125},
        {"type": "audio", "url": "https://example.org/call.mp3", "caption": "The call", "duration_s": 3725},
        {"type": "audio", "url": "https://example.org/listen", "caption": "The talk"},
    ],
    "links": [{"title": "How bridges fail", "url": "https://example.org/fail"}, {"title": "On page 3"}],
    "tags": ["harbour", "bridges"],
    "published_at": "2026-01-10T18:30:00Z",
}


async def tell(house: House, slug: str = "harbour") -> dict[str, str]:
    """Post it; returns the ids of its entries by a name for each."""
    started = await house.start(
        slug,
        headline="Ship hits the harbour bridge",
        standfirst="What is known, hour by hour.",
        contributors=[{"name": "Nora Ellis", "role": "Editor", "outlet": "The Desk"}],
        links=[{"title": "The bridge in ten pictures", "url": "https://example.org/ten"}],
        media=[
            {"type": "image", "url": "https://example.org/ship.jpg", "alt": "The ship", "width": 800, "height": 600}
        ],
        language="en-GB",
        time_zone="Asia/Kolkata",
    )
    assert started.status_code == 201, started.text
    ids: dict[str, str] = {}

    async def publish(name: str, **fields: Any) -> None:
        ids[name] = (await house.publish(slug, **fields))["entry"]["id"]

    async def do(**command: Any) -> None:
        answer = await house.post(slug, command)
        assert answer.status_code == 201, answer.text

    await publish("everything", **EVERYTHING, breaking=True, pinned=True, key_event=True)
    await publish("summary", kind="summary", headline=None, body="- One\n- Two")
    await publish("question", kind="question", headline=None, question="Who pays?", body="Nobody knows.")
    await publish("quote", kind="quote", headline=None, body="I saw it.", quote={"speaker": "Cy Dunn", "role": "Pilot"})
    await publish("media", kind="media", headline=None, media=[{"type": "image", "url": "https://example.org/x.png"}])
    await publish("wrong", headline="Three hurt", body="Three people are hurt.", key_event=True)
    await publish("gone", headline="A second ship", body="There is a second ship.")
    await publish("polished", headline="Teh tide", body="The tide turns at six.")
    await do(
        type="correct_entry",
        entry_id=ids["wrong"],
        headline="Two hurt",
        body="Two people are hurt.",
        was="Three people were hurt.",
        now="Two people are hurt.",
        reason="The hospital had counted one of them twice.",
    )
    await do(type="retract_entry", entry_id=ids["gone"], reason="It was the same ship.")
    await do(type="revise_entry", entry_id=ids["polished"], headline="The tide")
    sources = [{"name": "Hospital", "url": "https://example.org/hospital"}]
    await do(type="set_key_point", point_id="hurt", text="Three people are hurt.", sources=sources)
    await do(
        type="set_key_point", point_id="hurt", text="Two people are hurt.", sources=sources, reason="Counted anew."
    )
    await do(type="set_key_point", point_id="ships", text="Two ships are involved.")
    await do(type="withdraw_key_point", point_id="ships", reason="There is only one.")
    return ids
