"""Cases made from valid samples: bytes, lines and words changed, left out, doubled or put elsewhere."""

from collections.abc import Callable
from random import Random

from fuzz import shapes
from fuzz.target import Target

MOST = 1 << 16
"""Bytes of a case, at most."""
_TIMES = (1, 1, 1, 1, 2, 2, 3, 5, 9, 30)
_WORDS = (
    *(
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xf4\x90\x80\x80",
        b"\r\n",
        b"\r",
        b"\x85",
        b"\n\n",
    ),
    *("\u202e\u2066\u200d\u2028\u0661\u0130\u00df\u212a".encode(), "\U0010ffff".encode(), b"e\xcc\x81" * 40),
    *(
        b"-0",
        b"-1",
        b"1e999",
        b"9" * 30,
        b"9" * 5000,
        b"NaN",
        b"0x10",
        b"1_0",
        b"%00",
        b"%ff",
        b"%2e%2e%2f",
        b"+",
        b"\\",
    ),
    *(b'"', b"{", b"}", b"[", b"]", b"[" * 3000, b'{"a":' * 2000, b"\\u0000", b"\\ud800", b"null", b"true"),
    *(b"9999-12-31T23:59:59.999Z", b"0001-01-01T00:00:00+23:59", b"2020-02-30T00:00:00Z", b"2016-12-31T23:59:60Z"),
)


def case_of(target: Target, seed: int, number: int) -> bytes:
    """Make the case of a number: the same one for the same seed, whatever came before it."""
    random = Random(f"{target.name}/{seed}/{number}")
    data = random.choice(target.samples)
    if target.is_json and random.random() < 0.7:
        data = shapes.reshape(random, data, target.samples)
        if random.random() < 0.8:
            return data[:MOST]
    for _ in range(random.choice(_TIMES)):
        data = random.choice(_WAYS)(random, data, target)[:MOST]
    return data


def _flip(random: Random, data: bytes, target: Target) -> bytes:
    del target
    if not data:
        return data
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def _strew(random: Random, data: bytes, target: Target) -> bytes:
    place, end = _slice(random, data, longest=random.choice((0, 0, 4, 20)))
    return data[:place] + random.choice(random.choice((_WORDS, target.words or _WORDS))) + data[end:]


def _leave_out(random: Random, data: bytes, target: Target) -> bytes:
    del target
    place, end = _slice(random, data, longest=random.choice((1, 4, 40, len(data))))
    return data[:place] + data[end:]


def _double(random: Random, data: bytes, target: Target) -> bytes:
    del target
    place, end = _slice(random, data, longest=random.choice((1, 4, 40, len(data))))
    return data[:end] + data[place:end] * random.choice((1, 1, 2, 50)) + data[end:]


def _move(random: Random, data: bytes, target: Target) -> bytes:
    del target
    place, end = _slice(random, data, longest=40)
    rest = data[:place] + data[end:]
    to = random.randrange(len(rest) + 1)
    return rest[:to] + data[place:end] + rest[to:]


def _splice(random: Random, data: bytes, target: Target) -> bytes:
    other = random.choice(target.samples)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _cut(random: Random, data: bytes, target: Target) -> bytes:
    del target
    return data[: random.randrange(len(data) + 1)]


def _lines(random: Random, data: bytes, target: Target) -> bytes:
    lines = data.split(b"\n")
    others = random.choice(target.samples).split(b"\n")
    place = random.randrange(len(lines))
    way = random.randrange(4)
    if way == 0:
        del lines[place]
    elif way == 1:
        lines.insert(place, random.choice(lines))
    elif way == 2:
        lines.insert(place, random.choice(others))
    else:
        other = random.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    return b"\n".join(lines)


def _slice(random: Random, data: bytes, longest: int) -> tuple[int, int]:
    place = random.randrange(len(data) + 1)
    return place, min(len(data), place + random.randint(0, longest))


_WAYS: tuple[Callable[[Random, bytes, Target], bytes], ...] = (
    _flip,
    _strew,
    _strew,
    _leave_out,
    _double,
    _move,
    _splice,
    _cut,
    _lines,
)
