"""Compressed messages (RFC 7692): offers and answers, bytes that are made once for all, and what a client may send."""

import asyncio
import gc
import json
import random
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest
from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode

from house import PATIENCE_S, House, Reader, open_house
from liveblog.application.feed import PAGE, RING
from liveblog.session.page import Item
from liveblog.web import deflate
from liveblog.web.channel import Channel
from liveblog.web.deflate import LEAST, Deflated
from liveblog.web.forms import PLAIN
from liveblog.web.inflate import Inflate
from web.raw_socket import BINARY, CLOSE, CONT, PING, PONG, TEXT, RawSocket, frame, raw_socket

pytestmark = pytest.mark.anyio

NEVER = 3_600
"""Seconds between heartbeats, where they would only come between."""
PAUSE = b'{"type": "pause", "id": "p"}'
TAIL = b"\x00\x00\xff\xff"
AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url, heartbeat_s=NEVER) as house:
        await house.start()
        await house.publish()
        yield house


def stream(house: House, query: str = "", offer: str | None = "permessage-deflate") -> AbstractAsyncContextManager[Any]:
    """A stream of the blog for whom compression was offered."""
    return raw_socket(house.address, f"/v1/blogs/night/stream{query}", offer)


async def message(socket: RawSocket, *kinds: str, window: int = 15) -> tuple[bool, dict[str, Any]]:
    """The next message of these types, and whether it was compressed."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            packed, opcode, payload = await socket.receive_any()
            if opcode == TEXT:
                found: dict[str, Any] = json.loads(inflated(payload, window) if packed else payload)
                if found["type"] in kinds:
                    return packed, found


def inflated(data: bytes, window: int = 15) -> bytes:
    """Inflate as a client that has no more than its window: what lies further back is gone."""
    inflater = zlib.decompressobj(-window)
    found, rest = [], data + TAIL
    while rest:
        found.append(inflater.decompress(rest, 256))
        rest = inflater.unconsumed_tail
    return b"".join(found)


def deflated(payload: bytes, flush: int = zlib.Z_SYNC_FLUSH) -> bytes:
    """A client's message, compressed; without the tail where there is one."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(payload) + compressor.flush(flush)).removesuffix(TAIL)


def compressed(payload: bytes, opcode: int = TEXT) -> bytes:
    """The same as a frame."""
    return frame(opcode, deflated(payload), reserved=4)


class Compressing:
    """Counts what the server compresses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[tuple[int, int]] = []
        """The level and the window of each frame."""
        whole = deflate._frame

        def counted(payload: bytes, level: int, window: int) -> bytes | None:
            if (made := whole(payload, level, window)) is not None:
                self.made.append((level, window))
            return made

        monkeypatch.setattr(deflate, "_frame", counted)


OFFERS = {
    "permessage-deflate": AGREED,
    "permessage-deflate; client_max_window_bits": AGREED,
    "permessage-deflate; client_max_window_bits=10": f"{AGREED}; client_max_window_bits=10",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover": AGREED,
    "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12": (
        f"{AGREED}; server_max_window_bits=12; client_max_window_bits=12"
    ),
    'permessage-deflate; server_max_window_bits="15"': f"{AGREED}; server_max_window_bits=15",
    "permessage-deflate; server_max_window_bits=10, permessage-deflate": AGREED,
    "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits": AGREED,
    "permessage-deflate, permessage-deflate; server_max_window_bits=12": AGREED,
    "permessage-deflate; server_max_window_bits=11": None,
    "permessage-deflate; server_max_window_bits=9": None,
    "permessage-deflate; server_max_window_bits=8": None,
    "permessage-deflate; server_max_window_bits": None,
    "permessage-deflate; server_max_window_bits=16": None,
    "permessage-deflate; server_no_context_takeover=1": None,
    "permessage-deflate; server_max_window_bits=12; server_max_window_bits=12": None,
    "permessage-deflate; mystery": None,
    "x-webkit-deflate-frame": None,
}


@pytest.mark.parametrize(("offer", "answer"), OFFERS.items(), ids=OFFERS.keys())
async def test_an_offer_is_taken_if_the_shared_frames_fit_it(house: House, offer: str, answer: str | None) -> None:
    async with stream(house, "?from=start", offer) as socket:
        assert socket.extensions == answer
        packed, event = await message(socket, "event", window=12)
        assert (packed, event["position"]) == (answer is not None, 1)


async def test_who_offers_nothing_gets_nothing_compressed(house: House) -> None:
    async with stream(house, "?from=start", None) as socket:
        assert socket.extensions is None
        assert await message(socket, "event") == (False, (await house.get("/v1/blogs/night/events"))["events"][0])


async def test_a_server_can_be_told_not_to_compress(sqlite_url: str) -> None:
    async with open_house(sqlite_url, compression=0) as house:
        await house.start()
        async with stream(house, "?from=start") as socket:
            assert socket.extensions is None
            assert not (await message(socket, "event"))[0]


async def test_an_event_is_compressed_once_for_all_who_take_it_so_and_not_before_one_does(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressing = Compressing(monkeypatch)
    written: list[bytes] = []
    whole = Channel.write

    def write(self: Channel, data: bytes) -> None:
        written.append(data)
        whole(self, data)

    monkeypatch.setattr(Channel, "write", write)
    async with open_house(sqlite_url, compression=9, heartbeat_s=NEVER) as house, AsyncExitStack() as stack:
        await house.start()
        plain = await stack.enter_async_context(stream(house, "", None))
        await message(plain, "subscribed")
        await house.publish()
        await message(plain, "event")
        assert compressing.made == []
        offers = ["permessage-deflate; server_max_window_bits=12", "permessage-deflate", "permessage-deflate"]
        readers = [await stack.enter_async_context(stream(house, "", offer)) for offer in offers]
        for reader in readers:
            assert not (await message(reader, "subscribed"))[0]
        written.clear()
        made = (await house.publish(headline="For all"))["events"]
        assert await message(plain, "event") == (False, made[0])
        for reader in readers:
            assert await message(reader, "event", window=12) == (True, made[0])
        assert compressing.made == [(9, 12)]
        assert len({id(data) for data in written}) == 2
        assert len(written) == 4


async def test_mixed_audiences_see_the_same_from_the_start_and_live(house: House) -> None:
    for number in range(30):
        command = {
            "type": "publish_entry",
            "headline": f"Number {number}",
            "body": "All that is known so far. " * number,
        }
        await house.post("night", [command] * 5)
    async with (
        house.stream(query="?from=start") as plain,
        house.stream(query="?from=start", compression="deflate") as packed,
        stream(house, "?from=start") as raw,
    ):
        for number in range(20):
            await house.publish(headline=f"Live {number}")
        expected = await plain.events(172)
        assert await packed.events(172) == expected
        assert [(await message(raw, "event"))[1] for _ in range(172)] == expected
        assert [event["position"] for event in expected] == list(range(1, 173))
        assert is_compressed(packed)


def is_compressed(reader: Reader) -> bool:
    """Whether a library's client has agreed on compression."""
    return [each.name for each in reader.socket.protocol.extensions] == ["permessage-deflate"]


async def test_who_comes_later_takes_what_was_compressed_already(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the ring, and from a page of the log that ends where the ring begins."""
    assert (RING, PAGE) == (1_024, 128)
    for size in (62, *[64] * 17):
        await house.post("night", [{"type": "publish_entry", "headline": "News"}] * size)
    compressing = Compressing(monkeypatch)
    for _ in range(2):
        async with stream(house, "?from=start") as socket:
            for position in range(1, 1_153):
                packed, event = await message(socket, "event")
                assert (packed, event["position"]) == (True, position)
        assert len(compressing.made) == 1_152


async def test_a_slow_reader_gets_everything_in_order_and_compressed(house: House) -> None:
    body = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz ", k=20_000))
    async with house.stream(compression="deflate") as slow:
        await slow.next("subscribed")
        slow.socket.transport.pause_reading()
        last = 2
        while not house.services.census().slow:
            await house.post("night", [{"type": "publish_entry", "headline": "Long", "body": body}] * 10)
            last += 10
        slow.socket.transport.resume_reading()
        assert [event["position"] for event in await slow.events(last - 2)] == list(range(3, last + 1))
        assert is_compressed(slow)


async def test_what_is_short_stays_as_it_is(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compressing = Compressing(monkeypatch)
    async with open_house(sqlite_url, heartbeat_s=0.1) as house:
        await house.start()
        async with stream(house) as socket:
            for kind in ("subscribed", "heartbeat", "heartbeat"):
                assert not (await message(socket, kind))[0]
            await socket.send(frame(TEXT, PAUSE))
            assert not (await message(socket, "playback"))[0]
    assert compressing.made == []


@pytest.mark.parametrize("window", [12, 13, 14, 15])
async def test_a_snapshot_is_compressed_for_the_window_that_its_reader_has(
    house: House, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(random.Random(window).choices("abcdefghijklmnopqrstuvwxyz ", k=9_000))
    for headline in ("One", "Two", "Three", "Four"):
        await house.publish(headline=headline, body=text)
    compressing = Compressing(monkeypatch)
    async with stream(house, offer=f"permessage-deflate; server_max_window_bits={window}") as socket:
        await socket.send(frame(TEXT, b'{"type": "seek", "to": 4}'))
        packed, snapshot = await message(socket, "snapshot", window=window)
    assert packed
    assert snapshot["state"] == await house.get("/v1/blogs/night?position=4")
    assert compressing.made[0] == (deflate.OWN_LEVEL, window)


def test_a_wider_window_would_not_have_fitted() -> None:
    """The snapshots above repeat themselves over distances that the narrow windows cannot reach."""
    text = bytes(random.Random(1).choices(range(256), k=9_000))
    with pytest.raises(zlib.error, match="too far back"):
        inflated(deflated(text * 2), 12)
    assert inflated(deflated(text * 2), 15) == text * 2


def test_what_compressing_does_not_shorten_is_the_plain_frame() -> None:
    form = Deflated(6, 12)
    noise = Item(1, 0, 1, bytes(random.Random(1).choices(range(256), k=5_000)))
    assert form.shared(noise) is PLAIN.shared(noise)
    assert form.own(noise.payload) == PLAIN.own(noise.payload)
    short, long = Item(1, 0, 1, b"x" * (LEAST - 1)), Item(1, 0, 1, b"x" * LEAST)
    assert form.shared(short) is PLAIN.shared(short)
    assert len(form.shared(long)) < LEAST


def test_a_frame_is_kept_for_all_readers_whatever_their_windows_and_has_no_tail() -> None:
    event = Item(1, 0, 1, b"to be or not to be " * 100)
    made = Deflated(6, 12).shared(event)
    assert Deflated(6, 15).shared(event) is made
    assert made[0] == 0xC1
    assert not made.endswith(TAIL)
    assert inflated(made[2:]) == event.payload


# What a client sends.


async def answers(socket: RawSocket, *frames: bytes) -> dict[str, Any]:
    """Send, and wait for the answer."""
    await socket.send(*frames)
    return (await message(socket, "playback", "error"))[1]


WHOLE = {
    "as most clients write it": deflated(PAUSE),
    "flushed otherwise": deflated(PAUSE, zlib.Z_FULL_FLUSH),
    "with a last block": deflated(PAUSE, zlib.Z_FINISH),
    "with a last block, and the byte that section 7.2.3.4 wants after it": deflated(PAUSE, zlib.Z_FINISH) + b"\x00",
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
async def test_a_compressed_message_is_read(house: House, data: bytes) -> None:
    async with stream(house) as socket:
        for _ in range(2):
            assert (await answers(socket, frame(TEXT, data, reserved=4)))["re"] == "p"
        assert (await answers(socket, frame(TEXT, PAUSE)))["re"] == "p"


@pytest.mark.parametrize("first", [0, 1])
async def test_a_compressed_message_in_fragments_that_are_cut_anywhere(house: House, first: int) -> None:
    data = deflated(PAUSE)
    async with stream(house) as socket:
        for at in range(first, len(data) + 1, 2):
            answer = await answers(
                socket,
                frame(TEXT, data[:at], fin=False, reserved=4),
                frame(PING, b"between"),
                frame(CONT, b"", fin=False),
                frame(CONT, data[at:]),
            )
            assert answer["re"] == "p"


async def test_a_ping_between_is_answered_as_it_came(house: House) -> None:
    data = deflated(PAUSE)
    async with stream(house) as socket:
        await message(socket, "subscribed")
        await socket.send(frame(TEXT, data[:5], fin=False, reserved=4), frame(PING, b"between"), frame(CONT, data[5:]))
        assert await socket.receive_any() == (False, PONG, b"between")
        assert (await message(socket, "playback"))[1]["re"] == "p"


def padded(size: int) -> bytes:
    """A message of a size, whose end repeats its beginning: as far apart as can be."""
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=4_000))
    text = json.dumps({"type": "pause", "id": "p", "a": noise, "b": "", "c": noise}).encode()
    return text.replace(b'"b": ""', b'"b": "' + b"x" * (size - len(text)) + b'"')


@pytest.mark.parametrize("cut", [None, 100, -20])
async def test_a_message_that_inflates_to_just_the_limit_is_read(house: House, cut: int | None) -> None:
    data = deflated(padded(16_384))
    assert len(inflated(data)) == 16_384
    async with stream(house) as socket:
        if cut is None:
            frames = [frame(TEXT, data, reserved=4)]
        else:
            frames = [frame(TEXT, data[:cut], fin=False, reserved=4), frame(CONT, data[cut:])]
        assert (await answers(socket, *frames))["re"] == "p"


BOMB = deflated(b"x" * 10_000_000)
TOO_MUCH = {
    "a byte too many": [compressed(padded(16_385))],
    "a bomb": [frame(TEXT, BOMB[:16_000], reserved=4)],
    "a bomb in pieces": [
        frame(TEXT, BOMB[:10], fin=False, reserved=4),
        *(frame(CONT, BOMB[at : at + 10], fin=False) for at in range(10, 1_000, 10)),
    ],
    "a message that has reached the limit, and more": [
        frame(TEXT, deflated(b"x" * 16_384) + TAIL, fin=False, reserved=4),
        frame(CONT, deflated(b"x")),
    ],
    "empty blocks without end": [
        frame(TEXT, (b"\x00" + TAIL) * 3_000, fin=False, reserved=4),
        frame(CONT, (b"\x00" + TAIL) * 3_000, fin=False),
    ],
}


@pytest.mark.parametrize("frames", TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_a_message_that_inflates_beyond_the_limit_ends_the_stream_with_1009(
    house: House, frames: list[bytes]
) -> None:
    async with stream(house) as socket:
        await socket.send(*frames)
        assert await socket.closed() == 1009
    await still_works(house)


def test_a_bomb_is_never_there_as_a_whole() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooBig):
            Inflate().decode(Frame(Opcode.TEXT, BOMB[:16_000], rsv1=True), max_size=16_384)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


FINAL = deflated(PAUSE, zlib.Z_FINISH)
BROKEN = {
    "garbage": [frame(TEXT, b"\xff" * 30, reserved=4)],
    "garbage after a beginning": [frame(TEXT, deflated(PAUSE)[:5], fin=False, reserved=4), frame(CONT, b"\x06" * 30)],
    "more after the last block": [frame(TEXT, FINAL + deflated(PAUSE), reserved=4)],
    "more after the last block, in pieces": [
        frame(TEXT, FINAL, fin=False, reserved=4),
        *[frame(CONT, b"x" * 10, fin=False)] * 2,
    ],
    "a continuation that says it is compressed": [
        frame(TEXT, deflated(PAUSE)[:5], fin=False, reserved=4),
        frame(CONT, deflated(PAUSE)[5:], reserved=4),
    ],
    "a continuation of a plain message that says so": [
        frame(TEXT, PAUSE[:5], fin=False),
        frame(CONT, deflated(PAUSE[5:]), reserved=4),
    ],
    "a ping that says so": [frame(PING, deflated(b"x"), reserved=4)],
    "a close frame that says so": [frame(CLOSE, b"\x03\xe8", reserved=4)],
    "another reserved bit beside it, 2": [frame(TEXT, deflated(PAUSE), reserved=6)],
    "another reserved bit beside it, 3": [frame(TEXT, deflated(PAUSE), reserved=5)],
    "a message inside a message": [frame(TEXT, deflated(PAUSE)[:5], fin=False, reserved=4), compressed(PAUSE)],
}


@pytest.mark.parametrize("frames", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_rule_ends_the_stream_with_1002(house: House, frames: list[bytes]) -> None:
    async with stream(house) as socket:
        await socket.send(*frames)
        assert await socket.closed() == 1002
    await still_works(house)


async def test_what_inflates_to_no_utf_8_ends_the_stream_with_1007(house: House) -> None:
    async with stream(house) as socket:
        await socket.send(compressed(b'{"type": "\xff"}'))
        assert await socket.closed() == 1007


async def test_what_inflates_to_no_text_ends_the_stream_with_1003(house: House) -> None:
    async with stream(house) as socket:
        await socket.send(compressed(PAUSE, BINARY))
        assert await socket.closed() == 1003


async def test_a_reader_at_rest_keeps_nothing_to_compress_or_inflate_with(house: House) -> None:
    async with stream(house) as silent, stream(house) as speaking:
        await message(silent, "subscribed")
        await answers(speaking, compressed(PAUSE))
        channels = [each for each in gc.get_objects() if type(each) is Channel and each._subscriber is not None]
        parsers = [channel._parser for channel in channels]
        assert sorted(parser is None for parser in parsers) == [False, True]
        (inflate,) = next(parser for parser in parsers if parser is not None).extensions
        assert vars(inflate)["_inflater"] is None
        assert channels[0]._form is channels[1]._form


async def still_works(house: House) -> None:
    """Nothing that one client did has harmed another."""
    async with stream(house) as socket:
        assert (await answers(socket, compressed(PAUSE)))["state"] == "paused"
