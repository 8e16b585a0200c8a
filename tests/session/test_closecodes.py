"""The range of a close code is its verdict."""

from __future__ import annotations

import pytest

from liveblog.session.closecodes import CloseCode, Verdict, verdict


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((1000,), Verdict.DONE),
        ((1001, 1006, 1011, 1012, 1013, 4000, 4001, 4008, 4029, 4399), Verdict.RECONNECT),
        ((4400, 4402, 4403, 4499), Verdict.CURSOR_VOID),
        ((1003, 1007, 1009, 4500, 4504, 4999), Verdict.NEVER),
        ((1005, 1014, 1015, 3000, 5000), Verdict.RECONNECT),
        ((1002, 1008, 1010), Verdict.NEVER),
    ],
)
def test_verdicts(codes: tuple[int, ...], expected: Verdict) -> None:
    assert {verdict(code) for code in codes} == {expected}


def test_every_named_code_has_the_verdict_of_its_range() -> None:
    assert {code: code.verdict for code in CloseCode} == {code: verdict(int(code)) for code in CloseCode}
    assert CloseCode.EPOCH_CHANGED.verdict is Verdict.CURSOR_VOID
    assert CloseCode.TOO_MANY_MESSAGES.verdict is Verdict.RECONNECT


def test_the_codes_are_the_protocols() -> None:
    named = {1000, 1001, 1003, 1006, 1007, 1009, 1011, 1012, 1013, 4001, 4008, 4029, 4402, 4403, 4405, 4500, 4504, 4505}
    assert {int(code) for code in CloseCode} == named
