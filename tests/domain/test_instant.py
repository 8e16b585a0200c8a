"""Instants: what is read, what is refused, and that the texts sort as the instants do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.domain import instant

EARLIEST = instant.EARLIEST
LATEST = instant.LATEST
INSTANTS = st.integers(EARLIEST, LATEST)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2020-01-08T01:30:00Z", "2020-01-08T01:30:00.000Z"),
        ("2020-01-08T01:30:00.5Z", "2020-01-08T01:30:00.500Z"),
        ("2020-01-08T01:30:00.05Z", "2020-01-08T01:30:00.050Z"),
        ("2020-01-08T01:30:00.123999999Z", "2020-01-08T01:30:00.123Z"),
        ("2020-01-08T01:30:59.9999Z", "2020-01-08T01:30:59.999Z"),
        ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ("2020-01-08t01:30:00z", "2020-01-08T01:30:00.000Z"),
        ("2020-01-08 01:30:00Z", "2020-01-08T01:30:00.000Z"),
        ("2020-01-08T05:00:00+03:30", "2020-01-08T01:30:00.000Z"),
        ("2020-01-07T20:30:00-05:00", "2020-01-08T01:30:00.000Z"),
        ("2020-01-08T01:30:00-00:00", "2020-01-08T01:30:00.000Z"),
        ("2020-01-08T01:30:00+23:59", "2020-01-07T01:31:00.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.250Z"),
        ("2020-02-29T00:00:00Z", "2020-02-29T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("0099-05-06T00:00:00Z", "0099-05-06T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_any_offset_is_read_and_utc_with_three_decimals_is_shown(text: str, shown: str) -> None:
    assert instant.show(instant.parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2020-01-08",
        "2020-01-08T01:30:00",  # no offset
        "2020-01-08T01:30Z",
        "2020-01-08T01:30:00.Z",
        "2020-01-08T01:30:00,5Z",
        "2020-01-08T01:30:00+0300",
        "2020-01-08T01:30:00+03",
        "2020-01-08T01:30:00+24:00",
        "2020-01-08T01:30:00+03:60",
        "2020-1-8T01:30:00Z",
        "20200108T013000Z",
        "2020-01-08_01:30:00Z",
        "2020-02-30T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "2020-00-01T00:00:00Z",
        "2020-01-08T24:00:00Z",
        "2020-01-08T01:60:00Z",
        "2020-01-08T01:30:61Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",  # before year 1 in UTC
        "9999-12-31T23:59:59-00:01",  # after year 9999 in UTC
        "9999-12-31T23:59:60Z",
        "2020-01-08T01:30:00Z\n",
        " 2020-01-08T01:30:00Z",
        "\u0662\u0660\u0662\u0660-01-08T01:30:00Z",  # digits, but not ASCII's
        "2020-01-08T01:30:00.\u0665Z",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected an RFC 3339 date-time|no such (date-time|offset)"):
        instant.parse(text)


@pytest.mark.parametrize("beyond", [EARLIEST - 1, LATEST + 1])
def test_only_the_years_1_to_9999_can_be_shown(beyond: int) -> None:
    assert instant.show(EARLIEST) == "0001-01-01T00:00:00.000Z"
    assert instant.show(LATEST) == "9999-12-31T23:59:59.999Z"
    with pytest.raises(OverflowError):
        instant.show(beyond)


@settings(derandomize=True, deadline=None)
@given(INSTANTS)
def test_what_is_shown_reads_back(moment: int) -> None:
    assert instant.parse(instant.show(moment)) == moment


@settings(derandomize=True, deadline=None)
@given(INSTANTS)
def test_the_standard_library_reads_the_same_instant(moment: int) -> None:
    elapsed = datetime.fromisoformat(instant.show(moment)) - datetime(1970, 1, 1, tzinfo=UTC)
    assert elapsed == timedelta(milliseconds=moment)


@settings(derandomize=True, deadline=None)
@given(INSTANTS, INSTANTS | st.integers(-5000, 5000))
def test_texts_sort_as_instants_do(one: int, other: int) -> None:
    assert (one < other) == (instant.show(one) < instant.show(other))


@settings(derandomize=True, deadline=None)
@given(st.integers(EARLIEST + 86_400_000, LATEST - 86_400_000), st.integers(-1439, 1439))
def test_an_offset_moves_the_text_and_not_the_instant(moment: int, minutes: int) -> None:
    local = instant.show(moment + minutes * 60_000).removesuffix("Z")
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert instant.parse(local + offset) == moment
