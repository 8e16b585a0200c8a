"""JSON whose shape was changed: other values, fields left out, added, renamed or taken from elsewhere."""

import json
from random import Random
from typing import Any

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 100, 101, 1.5, -0.0, 1e308, 5e-324, 2**53 + 1, 2**63, 2**64, 10**300, [], {}, ""),
    *(
        " ",
        "\x00",
        "\ud800",
        "\udfff\ud800",
        "\r",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\U0010ffff",
        "x" * 61,
    ),
    *("🚀" * 301, "e\u0301" * 10_001, "\u0300" * 2001, "a" * 20_000, "a" * 20_001, "https://e.example/" + "a" * 2031),
    *("javascript:x", "//e.example", "https://e.example\\@f", "2020-01-08T01:30:00+03:00", "2020-01-08", "now", "live"),
    *(
        "start",
        "UTC",
        "../UTC",
        "en",
        "admin",
        "night",
        "00000000-0000-4000-8000-000000000001",
        "publish_entry",
        "image",
    ),
    *([None], [[]], [{}], {"": ""}, {"\ud800": 1}, {"name": "x"}, {"type": "image"}, ["x"] * 21, [{"name": "x"}] * 21),
)
_NAMES = ("type", "entry_id", "headline", "body", "expected_revision", "was", "id", "rate", "", "\ud800", "x" * 300)


def reshape(random: Random, data: bytes, others: tuple[bytes, ...]) -> bytes:
    """Change the shape of a JSON text, and perhaps the way it is spelt."""
    value = json.loads(data)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        value = _changed(random, value, others)
    spelt = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, None, 1)))
    return spelt.encode("utf-8", "surrogatepass")


def _changed(random: Random, value: Any, others: tuple[bytes, ...]) -> Any:
    """Change one thing somewhere in a value."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        return _changed_object(random, value, others)
    if isinstance(value, list) and value and random.random() < 0.85:
        return _changed_list(random, value, others)
    way = random.random()
    if way < 0.1:
        return [value] * random.choice((1, 2, 101))
    if way < 0.15:
        for _ in range(random.choice((2, 60, 200))):
            value = [value]
        return value
    return _other(random, others)


def _changed_object(random: Random, value: dict[str, Any], others: tuple[bytes, ...]) -> dict[str, Any]:
    name = random.choice(list(value))
    way = random.random()
    if way < 0.65:
        return {**value, name: _changed(random, value[name], others)}
    if way < 0.8:
        return {each: kept for each, kept in value.items() if each != name}
    if way < 0.9:
        return {**value, random.choice((*_NAMES, *value)): _other(random, others)}
    return {random.choice(_NAMES) if each == name else each: kept for each, kept in value.items()}


def _changed_list(random: Random, value: list[Any], others: tuple[bytes, ...]) -> list[Any]:
    place = random.randrange(len(value))
    way = random.random()
    if way < 0.6:
        return [*value[:place], _changed(random, value[place], others), *value[place + 1 :]]
    if way < 0.8:
        return value[:place] + value[place + 1 :]
    return [*value, *value[place : place + 1] * random.choice((1, 1, 20, 100))]


def _other(random: Random, others: tuple[bytes, ...]) -> Any:
    if random.random() < 0.2:
        return json.loads(random.choice(others))
    return random.choice(_VALUES)
