"""The stream on the wire: every rule of RFC 6455 that a client can keep or break."""

import gc
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest

from house import House, open_house
from liveblog.web.channel import HIGH_WATER, Channel
from web.raw_socket import BINARY, CLOSE, CONT, PING, PONG, TEXT, RawSocket, close_body, frame, raw_socket

pytestmark = pytest.mark.anyio

PAUSE = b'{"type": "pause", "id": "p"}'


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    # A heartbeat could come where a test looks at the very next message.
    async with open_house(sqlite_url, heartbeat_s=3_600) as house:
        await house.start()
        await house.publish()
        yield house


def stream(house: House, query: str = "") -> AbstractAsyncContextManager[RawSocket]:
    """A stream of the blog."""
    return raw_socket(house.address, f"/v1/blogs/night/stream{query}")


async def still_works(house: House) -> None:
    """Nothing that one client did has harmed another."""
    async with stream(house) as socket:
        await socket.send(frame(TEXT, PAUSE))
        assert (await socket.answer())["state"] == "paused"


async def test_a_message_in_fragments_with_control_frames_between_them(house: House) -> None:
    async with stream(house) as socket:
        await socket.send(
            frame(TEXT, PAUSE[:5], fin=False),
            frame(PING, b"first"),
            frame(CONT, PAUSE[5:6], fin=False),
            frame(CONT, b"", fin=False),
            frame(PONG, b"unasked"),
            frame(CONT, PAUSE[6:]),
        )
        assert await socket.next(PONG) == b"first"
        assert (await socket.answer())["state"] == "paused"


async def test_bytes_that_come_one_at_a_time(house: House) -> None:
    async with stream(house) as socket:
        for byte in frame(TEXT, PAUSE):
            await socket.send(bytes([byte]))
        assert (await socket.answer())["state"] == "paused"
        for byte in frame(PING, b"x" * 125):
            await socket.send(bytes([byte]))
        assert await socket.next(PONG) == b"x" * 125


async def test_utf_8_that_is_split_anywhere(house: House) -> None:
    text = json.dumps({"type": "pause", "id": "aß→😀"}, ensure_ascii=False).encode()
    begin = text.index("ß".encode())
    async with stream(house) as socket:
        for at in range(begin, len(text) + 1):
            await socket.send(frame(TEXT, text[:at], fin=False), frame(CONT, text[at:]))
            assert (await socket.answer())["re"] == "aß→😀"


@pytest.mark.parametrize("mask", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x80\x00\x7f\x01"])
async def test_any_mask_will_do(house: House, mask: bytes) -> None:
    async with stream(house) as socket:
        await socket.send(frame(TEXT, PAUSE, mask=mask))
        assert (await socket.answer())["state"] == "paused"


BROKEN = {
    "a frame that is not masked": frame(TEXT, PAUSE, mask=None),
    "a reserved bit, 1": frame(TEXT, PAUSE, reserved=4),
    "a reserved bit, 2": frame(TEXT, PAUSE, reserved=2),
    "a reserved bit, 3": frame(PING, reserved=1),
    "a continuation of nothing": frame(CONT, PAUSE),
    "a message inside a message": frame(TEXT, b"{", fin=False) + frame(TEXT, PAUSE),
    "a control frame in fragments": frame(PING, fin=False),
    "a close frame in fragments": frame(CLOSE, close_body(1000), fin=False),
    "a control frame of 126 bytes": frame(PING, b"x" * 126),
    "a close frame of one byte": frame(CLOSE, b"\x03"),
    **{f"opcode {opcode:#x}": frame(opcode, b"x") for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)},
    **{f"close code {code}": frame(CLOSE, close_body(code)) for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000)},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_rule_ends_the_stream_with_1002(house: House, broken: bytes) -> None:
    async with stream(house) as socket:
        await socket.send(broken)
        assert await socket.closed() == 1002
    await still_works(house)


NOT_UTF_8 = [b"\xff", b'{"type": "\xc3"}', b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"{}\xe2\x82"]


@pytest.mark.parametrize("text", NOT_UTF_8)
async def test_text_that_is_no_utf_8_ends_the_stream_with_1007(house: House, text: bytes) -> None:
    async with stream(house) as socket:
        await socket.send(frame(TEXT, text))
        assert await socket.closed() == 1007
    await still_works(house)


async def test_a_reason_that_is_no_utf_8_ends_the_stream_with_1007(house: House) -> None:
    async with stream(house) as socket:
        await socket.send(frame(CLOSE, close_body(1000, b"\xff")))
        assert await socket.closed() == 1007


@pytest.mark.parametrize("fragments", [1, 2, 50])
async def test_bytes_that_are_no_text_end_the_stream_with_1003(house: House, fragments: int) -> None:
    async with stream(house) as socket:
        await socket.send(
            frame(BINARY, b"{}", fin=fragments == 1),
            *(frame(CONT, b"x", fin=n == fragments - 1) for n in range(1, fragments)),
        )
        assert await socket.closed() == 1003


@pytest.mark.parametrize(
    "long",
    [
        frame(TEXT, b"x" * 16_385),
        frame(TEXT, b"x" * 10_000, fin=False) + frame(CONT, b"x" * 6_385),
        frame(TEXT, length=b"\x7f" + (1 << 40).to_bytes(8, "big")),
    ],
    ids=["in one frame", "in two", "so long that it never comes"],
)
async def test_a_message_that_is_too_long_ends_the_stream_with_1009_and_says_so(house: House, long: bytes) -> None:
    async with stream(house) as socket:
        await socket.send(long)
        error = await socket.answer()
        assert error["type"] == "error"
        assert await socket.closed() == 1009
    await still_works(house)


async def test_a_message_of_just_the_limit_is_read(house: House) -> None:
    message = json.dumps({"type": "dance", "id": "d", "more": ""}).encode()
    message = message.replace(b'""', b'"' + b"x" * (16_384 - len(message)) + b'"')
    async with stream(house) as socket:
        await socket.send(frame(TEXT, message))
        assert (await socket.answer())["type"] == "error"
        await socket.send(frame(TEXT, PAUSE))
        assert (await socket.answer())["state"] == "paused"


async def test_a_length_with_its_highest_bit_is_refused(house: House) -> None:
    async with stream(house) as socket:
        await socket.send(frame(TEXT, length=b"\x7f" + (1 << 63).to_bytes(8, "big")))
        assert await socket.closed() in {1002, 1009}


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", None), (close_body(1000), 1000), (close_body(1001, b"bye"), 1001), (close_body(4321), 4321)],
)
async def test_a_close_frame_is_answered_with_its_code(house: House, body: bytes, code: int | None) -> None:
    async with stream(house) as socket:
        await socket.send(frame(CLOSE, body), frame(TEXT, PAUSE), b"whatever comes after it")
        assert await socket.closed() == code
    await still_works(house)


async def test_half_a_connection_is_ended(house: House) -> None:
    async with stream(house) as socket:
        await socket.next(TEXT)
        socket.end_writing()
        await socket.ended()


async def test_half_a_frame_holds_up_nothing_that_the_server_says(house: House) -> None:
    async with stream(house) as socket:
        await socket.next(TEXT)
        await socket.send(frame(TEXT, PAUSE)[:7])
        await house.publish(headline="Meanwhile")
        assert json.loads(await socket.next(TEXT))["entry"]["headline"] == "Meanwhile"
        await socket.send(frame(TEXT, PAUSE)[7:])
        assert (await socket.answer())["state"] == "paused"


async def test_a_flood_of_pings_costs_no_memory_and_loses_no_message(house: House) -> None:
    """A client that pings and reads nothing gets answers for as long as there is room, and every event."""
    async with stream(house) as socket:
        await socket.next(TEXT)
        for _ in range(50):
            await socket.send(frame(PING, b"x" * 125) * 2_000)
        (channel,) = [each for each in gc.get_objects() if type(each) is Channel and each._subscriber is not None]
        assert channel._transport.get_write_buffer_size() < 10 * HIGH_WATER
        await house.publish(headline="After the flood")
        message = json.loads(await socket.next(TEXT))
        while message["type"] != "event":
            assert message["type"] == "fell_behind"
            message = json.loads(await socket.next(TEXT))
        assert message["entry"]["headline"] == "After the flood"
