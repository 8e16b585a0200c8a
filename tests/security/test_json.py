"""Bodies that are no JSON, or are JSON that other programs would read otherwise."""

import json

import pytest

from house import House
from liveblog.application import recording
from liveblog.application.decoding import InvalidJson, fingerprint, parse_json
from liveblog.application.recording import RecordingDamaged

pytestmark = pytest.mark.anyio
GOOD = '{"type":"publish_entry","headline":"News"}'


def _nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + "1" + closing * levels


def _twice(before: str, after: str) -> str:
    return f'{before}"name":"a","name":"b"{after}'


INVALID: dict[str, bytes] = {
    "nothing": b"",
    "only space": b" \n",
    "cut off": GOOD[:-1].encode(),
    "cut off in a string": b'{"type":"publ',
    "cut off in an escape": b'{"type":"\\u00',
    "two values": GOOD.encode() * 2,
    "something behind it": GOOD.encode() + b"x",
    "NUL behind it": GOOD.encode() + b"\x00",
    "a comma too many": b'{"type":"end_blog",}',
    "single quotes": b"{'type':'end_blog'}",
    "a comment": b'{"type":"end_blog"} // over',
    "UTF-16 with a mark": GOOD.encode("utf-16"),
    "UTF-16 without a mark": GOOD.encode("utf-16-le"),
    "UTF-32": GOOD.encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "Latin-1": '{"type":"publish_entry","headline":"\xe9"}'.encode("latin-1"),
    "a raw surrogate": b'{"type":"publish_entry","headline":"\xed\xa0\x80"}',
    "an overlong slash": b'{"type":"publish_entry","headline":"\xc0\xaf"}',
    "beyond Unicode": b'{"type":"publish_entry","headline":"\xf4\x90\x80\x80"}',
    "a raw NUL": b'{"type":"publish_entry","headline":"a\x00b"}',
    "a raw newline": b'{"type":"publish_entry","headline":"a\nb"}',
    "NaN": b'{"type":"publish_entry","headline":NaN}',
    "Infinity": b'{"type":"publish_entry","headline":Infinity}',
    "minus Infinity": b"[-Infinity]",
    "a number beyond all": b'{"type":"pin_entry","expected_revision":1e999}',
    "a number of 5,000 digits": b"[" + b"9" * 5_000 + b"]",
    "a number that begins with 0": b"[01]",
    "a hexadecimal number": b"[0x10]",
    "10,000 levels of lists": _nested(10_000).encode(),
    "10,000 levels of objects": _nested(10_000, '{"a":', "}").encode(),
    "100,000 levels that never close": b"[" * 100_000,
    "980 levels": _nested(980).encode(),
    "65 levels": _nested(65).encode(),
    "65 levels of objects": _nested(65, '{"a":', "}").encode(),
    "a name twice": _twice('{"type":"publish_entry",', "}").encode(),
    "a name twice, spelt otherwise": b'{"type":"publish_entry","headline":"a","head\\u006cine":"b"}',
    "a name twice in a part": _twice('{"type":"publish_entry","quote":{', "}}").encode(),
    "a name twice in a list": _twice('{"type":"publish_entry","sources":[{}, {', "}]}").encode(),
    "a name twice in a list of commands": _twice("[" + GOOD + ",{", "}]").encode(),
    "a name twice, 60 levels deep": _twice("[" * 60 + "{", "}" + "]" * 60).encode(),
}
# What is JSON, but no command: each is told what is wrong with it.
NO_COMMAND: dict[str, bytes] = {
    "null": b"null",
    "a number": b"-0",
    "a string": b'"end_blog"',
    "an empty list": b"[]",
    "64 levels": _nested(64).encode(),
    "an escaped NUL": b'{"type":"publish_entry","headline":"\\u0000"}',
    "an escaped control character": b'{"type":"publish_entry","headline":"\\u001b[2J"}',
    "an escaped carriage return": b'{"type":"publish_entry","body":"a\\r\\nb"}',
    "an escaped lone surrogate": b'{"type":"publish_entry","headline":"\\ud800"}',
    "surrogates the wrong way round": b'{"type":"publish_entry","headline":"\\ude00\\ud83d"}',
    "a lone surrogate as a name": b'{"type":"publish_entry","headline":"x","\\ud800":1}',
    "a lone surrogate as a type": b'{"type":"\\ud800"}',
    "a huge revision": b'{"type":"pin_entry","entry_id":"x","expected_revision":1e308}',
    "a negative revision": b'{"type":"pin_entry","entry_id":"x","expected_revision":-1}',
    "a megabyte of combining marks": b'{"type":"publish_entry","body":"a' + b"\xcc\x81" * 500_000 + b'"}',
    "a megabyte of names": json.dumps({"type": "end_blog", **{f"n{each}": 0 for each in range(80_000)}}).encode(),
    "a megabyte of one name": json.dumps({"type": "end_blog", "n" * 1_000_000: 0}).encode(),
    "a prototype": b'{"type":"end_blog","__proto__":{"role":"admin"}}',
    "a class": b'{"type":"end_blog","__class__":"x"}',
}


async def _post(house: House, body: bytes, key: str | None) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Bearer {house.editor}", "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    answer = await house.http.post("/v1/admin/blogs/night/commands", content=body, headers=headers)
    return answer.status_code, answer.json()["code"], answer.content


@pytest.mark.parametrize("key", [None, "k"])
async def test_what_is_no_json_is_refused_and_changes_nothing(house: House, key: str | None) -> None:
    for name, body in INVALID.items():
        status, code, _ = await _post(house, body, key)
        assert (status, code) == (400, "invalid_json"), name
    for name, body in NO_COMMAND.items():
        status, code, told = await _post(house, body, key)
        assert (status, code) == (422, "invalid_command"), name
        assert json.loads(told)["errors"], name
    assert (await house.get("/v1/blogs/night"))["position"] == 1
    assert (await house.post("night", json.loads(GOOD), key=key)).status_code == 201, "and no key was bound"


async def test_a_refusal_is_not_much_longer_than_what_was_refused(house: House) -> None:
    """So that nobody can have the server write a hundred times what they sent."""
    for name, body in NO_COMMAND.items():
        _, _, told = await _post(house, body, None)
        assert len(told) < 1_000 + 8 * len(body), name


@pytest.mark.parametrize("levels", range(50, 1_100, 7))
def test_no_depth_of_nesting_is_a_defect(levels: int) -> None:
    """Whoever walks a value by recursion fails somewhere below the parser's own limit, so that is not the limit."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        body = _nested(levels, opening, closing).encode()
        if levels > 64:
            with pytest.raises(InvalidJson):
                parse_json(body)
        else:
            assert len(fingerprint("/", parse_json(body))) == 32


@pytest.mark.parametrize("line", [1, 2])
def test_a_recording_that_nests_too_deeply_is_refused_with_its_line(line: int) -> None:
    header = b'{"format":"liveblog-recording","version":1,"blog_id":"x","slug":"x","head":1,"hash":""}\n'
    deep = b'{"envelope":' + _nested(100_000).encode() + b"}\n"
    with pytest.raises(RecordingDamaged) as damaged:
        recording.read((deep if line == 1 else header) + deep)
    assert damaged.value.line == line


@pytest.mark.parametrize(
    ("spelt", "value"),
    [
        ("-0", 0),
        ("-0.0", 0),
        ("1.0", 1),
        ("1e2", 100),
        ("1E-2", 0.01),
        ("12345678901234567890", 12345678901234567890),
        ('"\\ud83d\\ude80"', "🚀"),
        ('"\\u202e\\u2066"', "\u202e\u2066"),
        (_nested(64), None),
    ],
)
def test_one_value_has_one_reading(spelt: str, value: object) -> None:
    parsed = parse_json(spelt.encode())
    assert value is None or (parsed == value and type(parsed) is type(value))
