"""What single lines are: headings, flags, times, bylines, captions, links."""

import pytest

from liveblog.application.importing.page_text import bylines, captions, clock, dateline, flags, headings, related


@pytest.mark.parametrize(
    "line",
    [
        "Where is the ship now?",
        "'We did all we could'",
        "Captain: 'We did all we could'",
        '"Never again"',
        'Minister asks: "Who knew?"',
        "\u2018Too close to call\u2019 in Easterby",
        "\u2018What do we do now?\u2019",
        "By the numbers",
        "Breaking the deadlock",
        "Why now? And what next?",
        "iPhone sales fall",
        "3-0 to the Rovers",
        "GOAL! Rovers 1-0 Athletic",
    ],
)
def test_a_short_line_that_does_not_end_like_a_sentence_has_the_form_of_a_heading(line: str) -> None:
    assert headings.has_form_of_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "Her stern is under water.",
        "This is what is known at this hour:",
        "It was lovely!",
        "To be continued\u2026",
        '"Nobody told us anything."',
        '"Who did this?"',
        "\u201cWho did this?\u201d",
        '"We followed the marked channel',
        "and nothing on the chart said otherwise",
        "\u2014 Ingrid Vale, county desk",
        "@harbourradio is on air",
        "Full story: https://example.org/1",
        "The lake is falling. Nobody knows how far it must fall",
        ("Word " * 21).strip(),
        "X" * 121,
        "***",
        "",
    ],
)
def test_sentences_quotations_and_long_lines_do_not(line: str) -> None:
    assert not headings.has_form_of_heading(line)


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("BreakingCoastguard: 'All are off'", "Coastguard: 'All are off'"),
        ("Breaking'We are safe'", "'We are safe'"),
        ("BREAKING: Mayor concedes", "Mayor concedes"),
        ("Breaking \u2013 Mayor concedes", "Mayor concedes"),
        ("BREAKING Mayor concedes", "Mayor concedes"),
        ("BREAKING NEWS Mayor concedes", "Mayor concedes"),
        ("BREAKINGMayor concedes", "Mayor concedes"),
        ("Breaking news: Mayor concedes", "Mayor concedes"),
        ("Breaking newsMayor concedes", "Mayor concedes"),
        ("Breaking news Mayor concedes", "Mayor concedes"),
        ("Breaking the deadlock", None),
        ("Breaking Bad star opens shop", None),
        ("BREAKING BAD STAR OPENS SHOP", None),
        ("Breakingviews", None),
        ("Breakingviews: banks and bread", None),
        ("BreakingViews", None),
        ("Breaking news channels are fined", None),
        ("breaking: a poem", None),
        ("Breaking:", None),
        ("Mayor is breaking: ranks", None),
    ],
)
def test_a_breaking_flag_is_told_from_the_word(line: str, clean: str | None) -> None:
    assert flags.without_breaking(line) == clean


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("WATCH: Rails like noodles", "Rails like noodles"),
        ("Watch live: Mayor speaks", "Mayor speaks"),
        ("Video: Rails like noodles", "Rails like noodles"),
        ("Watch your step", None),
        ("WATCH:", None),
    ],
)
def test_a_video_is_announced_by_a_word_and_a_colon(line: str, clean: str | None) -> None:
    assert flags.without_watch(line) == clean


@pytest.mark.parametrize(
    ("line", "day", "live", "rest"),
    [
        (" date 2021-11-03 Live", "2021-11-03", True, ""),
        ("2021-11-03", "2021-11-03", False, ""),
        ("date 2021-11-03 Sandbags on the wall - VIA EPA", "2021-11-03", False, "Sandbags on the wall - VIA EPA"),
        ("date 2021-11-03 Live: Ferry aground", "2021-11-03", True, "Ferry aground"),
        ("date 2021-11-03 Live music returns", "2021-11-03", False, "Live music returns"),
        ("Thursday 12 May 2022 \u2013 LIVE", "2022-05-12", True, ""),
        ("Updated on March 3rd, 2020", "2020-03-03", False, ""),
        ("3 Sept 2020", "2020-09-03", False, ""),
    ],
)
def test_a_first_line_gives_date_mark_and_rest(line: str, day: str, live: bool, rest: str) -> None:
    found = dateline.read(line)
    assert found is not None
    assert (found.day.isoformat(), found.live, found.rest) == (day, live, rest)


@pytest.mark.parametrize(
    "line", ["Live", "2021-13-03", "2021-02-30 Live", "12021-11-03", "In 2021-11-03", "May I, 2022?"]
)
def test_a_line_without_a_date_in_front_gives_none(line: str) -> None:
    assert dateline.read(line) is None


@pytest.mark.parametrize(
    ("line", "minute", "offset", "rest"),
    [
        ("14:32 Polls close", 872, None, "Polls close"),
        ("14:32", 872, None, ""),
        ("14.32 GMT Polls close", 872, 0, "Polls close"),
        ("9:05pm EST - Polls close", 1265, -5, "Polls close"),
        ("12:10 a.m. Polls close", 10, None, "Polls close"),
        ("Posted at 14:32", 872, None, ""),
        ("00:00 BST: Polls close", 0, 1, "Polls close"),
        ("14:32:10 'Polls close'", 872, None, "'Polls close'"),
    ],
)
def test_a_time_of_day_is_read_in_front_of_a_heading(line: str, minute: int, offset: int | None, rest: str) -> None:
    found = clock.read(line)
    assert found is not None
    assert (found.minute, found.offset, found.rest) == (minute, offset, rest)


@pytest.mark.parametrize(
    "line",
    ["14.32 Metres", "24:00 Midnight", "10:60 Late", "13:00pm Odd", "7:1 Rovers", "10:30 trains are late", "3:05.2"],
)
def test_other_numbers_are_no_time_of_day(line: str) -> None:
    assert clock.read(line) is None


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("By Ada Norrby", [("Ada Norrby", None, None)]),
        ("By A, B and C", [("A", None, None), ("B", None, None), ("C", None, None)]),
        ("BY ADA NORRBY & LEE OKAFOR", [("ADA NORRBY", None, None), ("LEE OKAFOR", None, None)]),
        (
            "By Henk de Wit, Data editor, and Lee Okafor in Port Amsel",
            [("Henk de Wit", "Data editor", None), ("Lee Okafor", "in Port Amsel", None)],
        ),
        ("By Ada Norrby, Harbour Radio", [("Ada Norrby", None, "Harbour Radio")]),
        ("By Ada Norrby and AFP", [("Ada Norrby", None, "AFP")]),
        ("By AFP", [("AFP", None, None)]),
    ],
)
def test_a_byline_names_its_contributors(line: str, people: list[tuple[str, str | None, str | None]]) -> None:
    found = bylines.read(line)
    assert found is not None
    assert [(one["name"], one["role"], one["outlet"]) for one in found] == people


@pytest.mark.parametrize(
    "line", ["By the numbers", "By now everyone was ashore.", "Bystanders cheer", "By:", "By Whom?"]
)
def test_other_lines_with_by_are_no_byline(line: str) -> None:
    assert bylines.read(line) is None


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        ("Sandbags on the wall - VIA EPA", "Sandbags on the wall", "VIA EPA"),
        ("Sandbags on the wall | AFP/Getty Images", "Sandbags on the wall", "AFP/Getty Images"),
        ("Sandbags on the wall. (Photo: Lena Roth/Stadtblatt)", "Sandbags on the wall.", "Lena Roth/Stadtblatt"),
        ("(Photo: Lena Roth)", None, "Lena Roth"),
        ("Picture: Lena Roth", None, "Lena Roth"),
        ("Picture: A worker waters the track near the summit.", "A worker waters the track near the summit.", None),
        ("Image caption: A closed bakery", "A closed bakery", None),
        ("Image caption A closed bakery", "A closed bakery", None),
        ("Image source, Lena Roth", None, "Lena Roth"),
    ],
)
def test_a_caption_gives_words_and_credit(line: str, caption: str | None, credit: str | None) -> None:
    found = captions.read(line)
    assert found is not None
    assert (found["type"], found.get("caption"), found.get("credit")) == ("image", caption, credit)


@pytest.mark.parametrize(
    "line",
    [
        "Pictures at an exhibition",
        "Deal agreed - NATO",
        "Photography is banned",
        "Video: Noodles",
        "Long " * 130 + "- VIA EPA",
    ],
)
def test_other_lines_are_no_caption(line: str) -> None:
    assert captions.read(line) is None


def test_a_sentence_that_points_here_and_there_is_a_line_of_links() -> None:
    found = related.read_here("Read our full report here; a guide to the strait here; and what passengers say here.")
    assert found == [
        {"title": t, "url": None} for t in ("our full report", "a guide to the strait", "what passengers say")
    ]
    assert related.read_here("Read our full report here; nobody was hurt.") is None
    assert related.read_here("We are here because the sea is there.") is None


def test_links_after_a_label_keep_their_address() -> None:
    found = related.read_label("Related: A loaf's long way | Recipes (https://example.org/recipes)")
    assert found == [
        {"title": "A loaf's long way", "url": None},
        {"title": "Recipes", "url": "https://example.org/recipes"},
    ]
    assert related.read_label("Related matters") is None
