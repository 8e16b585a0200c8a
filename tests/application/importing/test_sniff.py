"""A text tells by its first line which format it is in."""

import pytest

from liveblog.application.importing import Fault, ImportRefused, sniff


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("liveblog coverage 1\n", "coverage"),
        ("\ufeff\r\nliveblog coverage 7\r\n", "coverage"),
        ('{"format":"liveblog-recording","version":1}\n{"envelope":"x"}', "recording"),
        (" date 2021-11-03 Live\nFerry aground", "text"),
        ("\n\n12 May 2022\nFerry aground", "text"),
    ],
)
def test_each_format_has_its_first_line(text: str, format_: str) -> None:
    assert sniff(text) == format_


@pytest.mark.parametrize(
    "text",
    ["", "\n", "Ferry aground\n2021-11-03", '{"format": "other"}', "{", '{"a":' * 100_000, "{" * 9, "<!doctype html>"],
)
def test_any_other_text_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ImportRefused, match="name it with --format"):
        sniff(text)


def test_a_refusal_lists_its_faults_in_the_order_of_lines() -> None:
    refused = ImportRefused([Fault(7, "b"), Fault(0, "whole"), Fault(3, "a")])
    assert str(refused) == "whole\nline 3: a\nline 7: b"
    assert [fault.line for fault in refused.faults] == [0, 3, 7]
