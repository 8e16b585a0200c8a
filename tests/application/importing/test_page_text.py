"""Whole pages as they come: what becomes of each line."""

from pathlib import Path
from typing import Any

import pytest

from liveblog.application.importing import ImportRefused, Script, page_text
from liveblog.domain import instant

PAGES = Path(__file__).parent / "pages"
FIVE_MINUTES = 300_000


def page(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


def parse(text: str, **options: Any) -> Script:
    return page_text.parse(text, **({"interval_ms": FIVE_MINUTES} | options))


def entries(script: Script) -> list[dict[str, Any]]:
    return [step.command for step in script.steps]


def heads(script: Script) -> list[str | None]:
    return [entry.get("headline") or entry.get("question") for entry in entries(script)]


def refusal(text: str, **options: Any) -> list[int]:
    with pytest.raises(ImportRefused) as caught:
        parse(text, **options)
    return [fault.line for fault in caught.value.faults]


def test_a_live_page_gives_its_entries_oldest_first() -> None:
    assert heads(parse(page("ferry-live"))) == [
        "Welcome to our coverage",
        "Coastguard: 'All 212 people are off the ship'",
        "Helicopter lifts passengers to safety",
        "Captain: 'We did all we could'",
        "Where is the ship now?",
        "'The lights went out and everyone ran'",
    ]


def test_a_live_page_starts_with_its_headline_its_writers_and_its_links() -> None:
    assert parse(page("ferry-live")).blog == {
        "slug": "ferry-runs-aground-off-lindholm",
        "headline": "Ferry runs aground off Lindholm",
        "contributors": [
            {"name": name, "role": None, "outlet": None} for name in ("Ada Norrby", "Tomas Brandt", "Lee Okafor")
        ],
        "links": [
            {"title": title, "url": None}
            for title in ("our full report", "a guide to the strait", "what passengers say")
        ],
    }


def test_every_kind_of_entry_is_told_by_its_form() -> None:
    welcome, coastguard, helicopter, captain, where, lights = entries(parse(page("ferry-live")))
    assert welcome == {
        "type": "publish_entry",
        "entry_id": "e1",
        "kind": "summary",
        "headline": "Welcome to our coverage",
        "body": "This is what is known at this hour:\n\n- The ferry Aurora ran aground shortly after midnight\n"
        "- 212 people were on board, says the shipping line\n- There are no reports of deaths",
    }
    assert coastguard["breaking"] is True
    assert coastguard["body"].count("\n\n") == 3
    assert helicopter["kind"] == "media"
    assert helicopter["media"] == [{"type": "video", "url": None, "alt": "Helicopter lifts passengers to safety"}]
    assert [entry["kind"] for entry in (captain, where, lights)] == ["update"] * 3
    assert not any("breaking" in entry for entry in (welcome, helicopter, captain, where, lights))


def test_times_that_the_page_does_not_give_are_estimated_from_midnight_on() -> None:
    script = parse(page("ferry-live"))
    midnight = instant.parse("2021-11-03T00:00:00Z")
    assert (script.started, script.started_estimated) == (midnight, True)
    assert [step.at for step in script.steps] == [midnight + k * FIVE_MINUTES for k in range(1, 7)]
    assert all(step.at_estimated and step.published_at_estimated and step.by is None for step in script.steps)
    assert not any("published_at" in entry for entry in entries(script))


def test_start_and_interval_can_be_named() -> None:
    script = parse(page("ferry-live"), start=1_000, interval_ms=10)
    assert [script.started, *(step.at for step in script.steps)] == [1_000, 1_010, 1_020, 1_030, 1_040, 1_050, 1_060]


def test_the_notes_of_a_page_name_lines() -> None:
    notes = parse(page("ferry-live")).notes
    assert [note.line for note in notes] == [1, 3]
    assert "date 2021-11-03 Live" in notes[0].text
    assert page("ferry-live").splitlines()[2] in notes[1].text
    assert [step.line for step in parse(page("ferry-live")).steps] == [22, 17, 14, 11, 8, 5]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n", "\r\n\r\n"])
def test_line_ends_blank_lines_and_a_byte_order_mark_change_nothing(end: str) -> None:
    plain = parse(page("ferry-live"))
    other = parse("\ufeff" + page("ferry-live").replace("\n", end) + end)
    assert (other.blog, entries(other)) == (plain.blog, entries(plain))


def test_an_explainer_gives_questions_in_reading_order() -> None:
    script = parse(page("dam-explainer"))
    assert [entry["kind"] for entry in entries(script)] == ["question"] * 4
    assert [entry["question"] for entry in entries(script)] == [
        "What went wrong?",
        "Is anyone in danger?",
        "How long will the repair take?",
        "Could it happen elsewhere?",
    ]
    assert all("headline" not in entry for entry in entries(script))
    assert entries(script)[3]["body"] == (
        "There are 14 dams of the same kind & age in the country.\n\n"
        "\u201cEach of them will be looked at,\u201d the minister said."
    )


def test_a_page_without_headline_takes_its_caption_and_says_so() -> None:
    script = parse(page("dam-explainer"))
    caption = "Engineers lower sandbags on to the damaged wall of the Harrow dam"
    assert script.blog["headline"] == caption
    assert script.blog["media"] == [{"type": "image", "url": None, "caption": caption, "credit": "VIA EPA"}]
    assert any("no headline" in note.text for note in script.notes)


def test_without_caption_the_first_heading_becomes_the_headline() -> None:
    script = parse("2019-07-22\nWho pays?\nWe do.\nWhy us?\nNobody else will.")
    assert script.blog["headline"] == "Who pays?"
    assert heads(script) == ["Who pays?", "Why us?"]


def test_a_caption_too_long_for_a_headline_is_cut_at_a_word() -> None:
    script = parse(f"2019-07-22 {'Sandbags pile up ' * 25}- VIA EPA\nWho pays?\nWe do.")
    headline = script.blog["headline"]
    assert 280 < len(headline) <= 300
    assert headline.endswith(("Sandbags\u2026", "pile\u2026", "up\u2026"))


def test_times_of_day_are_taken_as_real_also_past_midnight() -> None:
    script = parse(page("election-live"))
    assert [(instant.show(step.at), step.at_estimated) for step in script.steps] == [
        ("2022-05-12T22:05:00.000Z", False),
        ("2022-05-12T23:40:00.000Z", False),
        ("2022-05-12T23:40:00.000Z", False),
        ("2022-05-12T23:58:00.000Z", False),
        ("2022-05-13T00:12:00.000Z", False),
        ("2022-05-13T00:35:00.000Z", False),
    ]
    assert not any(step.published_at_estimated for step in script.steps)
    assert heads(script)[1:5] == [
        "'Too close to call' in Easterby",
        "What does the first box tell us?",
        "Mayor concedes in Port Amsel",
        "Count stops in Varn",
    ]
    assert [entry.get("breaking", False) for entry in entries(script)] == [False, False, False, True, True, False]


def test_times_of_day_are_read_in_the_time_zone_named() -> None:
    script = parse(page("election-live"), time_zone="America/New_York")
    assert instant.show(script.steps[0].at) == "2022-05-13T02:05:00.000Z"
    assert script.blog["time_zone"] == "America/New_York"
    east = parse(page("election-live"), time_zone="Pacific/Auckland")
    assert instant.show(east.steps[0].at) == "2022-05-12T10:05:00.000Z"
    early = parse("2022-05-12 Live\nHeadline\n08:00 Dawn\nIt is light.", time_zone="Pacific/Auckland")
    assert early.started == early.steps[0].at == instant.parse("2022-05-11T20:00:00Z")


def test_a_zone_beside_the_time_counts_more_than_the_page() -> None:
    script = parse("2022-05-12 Live\nHeadline\n09:05 EST Dawn\nIt is light.", time_zone="Europe/Paris")
    assert instant.show(script.steps[0].at) == "2022-05-12T14:05:00.000Z"


def test_times_that_rise_down_the_page_mean_that_the_oldest_is_on_top() -> None:
    script = parse(page("match-live"), start=instant.parse("2022-04-15T12:00:00Z"))
    assert heads(script) == [
        "Teams are out",
        "GOAL! Rovers 1-0 Athletic",
        "Half-time",
        None,
        "Full-time: Rovers 2-1 Athletic",
    ]
    assert entries(script)[3]["body"] == "It has been a poor half. Rovers will not mind."
    assert script.blog["headline"] == "LIVE: Rovers v Athletic, cup final"
    assert [instant.show(step.at)[11:16] for step in script.steps] == ["14:58", "15:10", "15:47", "15:48", "16:52"]


def test_a_time_out_of_order_keeps_its_place_and_its_time() -> None:
    script = parse("2022-05-12 Live\nHeadline\n15:30 Three\nc.\n15:00 Two\nb.\n15:10 One\na.")
    assert heads(script) == ["One", "Two", "Three"]
    one, two, three = script.steps
    assert (one.at, two.at) == (instant.parse("2022-05-12T15:10:00Z"),) * 2
    assert two.command["published_at"] == "2022-05-12T15:00:00.000Z"
    assert (two.at_estimated, two.published_at_estimated) == (True, False)
    assert (three.at_estimated, "published_at" in three.command) == (False, False)


def test_several_times_out_of_order_stay_on_their_day() -> None:
    script = parse("2022-05-12 Live\nHeadline\n15:30 D\nd.\n14:50 C\nc.\n15:00 B\nb.\n15:10 A\na.\n14:55 Z\nz.")
    assert [instant.show(step.at)[:16] for step in script.steps] == [
        f"2022-05-12T{time}" for time in ("14:55", "15:10", "15:10", "15:10", "15:30")
    ]


def test_an_entry_without_time_stands_between_its_neighbours() -> None:
    script = parse("2022-05-12 Live\nHeadline\n15:03 Four\nd.\nThree\nc.\nTwo\nb.\n15:00 One\na.\nZero\nz.")
    assert heads(script) == ["Zero", "One", "Two", "Three", "Four"]
    assert [instant.show(step.at)[11:16] for step in script.steps] == ["00:05", "15:00", "15:03", "15:03", "15:03"]
    assert [step.at_estimated for step in script.steps] == [True, False, True, True, False]


def test_an_explainer_may_have_headline_byline_and_introduction() -> None:
    script = parse(page("strike-explainer"))
    assert script.blog["headline"] == "Why are the bakers on strike?"
    assert script.blog["standfirst"].startswith("Bakers in six cities stopped work on Monday")
    assert script.blog["contributors"] == [
        {"name": "ELLEN MARSH", "role": "BAKERY CORRESPONDENT", "outlet": None},
        {"name": "OTTO PFEIFFER", "role": None, "outlet": None},
    ]
    assert script.blog["media"] == [{"type": "image", "url": None, "credit": "Lena Roth/Stadtblatt"}]
    assert heads(script) == ["Who called the strike?", "Breaking the deadlock", "What do customers do?"]
    assert [entry["kind"] for entry in entries(script)] == ["question", "update", "question"]


def test_pictures_and_links_go_to_the_entry_they_stand_in() -> None:
    union, _, customers = entries(parse(page("strike-explainer")))
    assert union["media"] == [
        {"type": "image", "url": None, "caption": "A closed bakery on Monday morning", "credit": "Otto Pfeiffer"}
    ]
    assert [link["title"] for link in customers["links"]] == ["A loaf's long way", "Recipes for beginners"]
    easterby = entries(parse(page("election-live")))[1]
    assert easterby["contributors"] == [{"name": "Henk de Wit", "role": "Data editor", "outlet": None}]
    assert easterby["links"][1] == {"title": "Who is standing?", "url": "https://example.org/who"}


def test_what_has_no_place_is_a_note() -> None:
    notes = {note.line: note.text for note in parse(page("strike-explainer")).notes}
    assert notes[20] == "not placed: \u00a9 2020 Stadtblatt"
    assert notes.keys() == {1, 19, 20}
    left = parse("2022-05-12 Live\nHeadline\nOne\na.\n15:00")
    assert [note.text for note in left.notes if note.line == 5] == ["not placed, a time with nothing after it: 15:00"]


def test_an_article_without_marks_is_taken_in_reading_order_and_says_so() -> None:
    script = parse(page("heat-article"))
    assert heads(script) == ["Trains replaced by walking", "By the numbers", '"Never again"', "Rails like noodles"]
    assert entries(script)[2]["body"].split("\n\n")[1] == '"I will be back!"'
    assert any("reading order" in note.text for note in script.notes)


def test_a_short_line_at_the_end_is_a_paragraph_and_noted() -> None:
    script = parse(page("election-live"))
    assert entries(script)[0]["body"] == "The last polling station closed on time"
    assert [note.line for note in script.notes] == [1, 20, 22]


def test_a_short_line_above_a_heading_is_a_paragraph_and_noted() -> None:
    script = parse("2021-11-03 Live\nHeadline\nOne\na.\nSo it goes\nTwo\nb.")
    assert heads(script) == ["Two", "One"]
    assert entries(script)[1]["body"] == "a.\n\nSo it goes"
    assert [note.line for note in script.notes] == [1, 5]


def test_a_list_alone_stands_below_a_heading() -> None:
    script = parse("2021-11-03 Live\nHeadline\nOne\n- a\n- b\nTwo\nb.\n* c")
    assert heads(script) == ["Two", "One"]
    assert [entry["kind"] for entry in entries(script)] == ["update", "summary"]
    assert [entry["body"] for entry in entries(script)] == ["b.\n\n- c", "- a\n- b"]


def test_a_flag_makes_a_heading_of_a_sentence_but_not_of_a_paragraph() -> None:
    script = parse(f"2021-11-03 Live\nHeadline\nBreaking: It is over.\nOne\na.\nBreaking: {'It goes on. ' * 20}")
    assert heads(script) == ["One", "It is over."]
    assert "body" not in entries(script)[1]


def test_a_live_page_may_have_a_question_as_its_headline() -> None:
    script = parse("2021-11-03 Live\nWhere is the ship?\nNobody knows yet.\nOne\na.")
    assert (script.blog["headline"], script.blog["standfirst"]) == ("Where is the ship?", "Nobody knows yet.")


def test_a_page_is_live_by_its_times_or_by_what_its_headings_call_it() -> None:
    times = parse("2021-11-03\nHeadline\n15:10 Who won?\nb.\n15:00 One\na.")
    assert [entry["kind"] for entry in entries(times)] == ["update", "update"]
    assert heads(times) == ["One", "Who won?"]
    assert heads(parse("2021-11-03\nHeadline\nTwo\nb.\nGood evening from our live page\na.")) == [
        "Good evening from our live page",
        "Two",
    ]


def test_a_time_alone_belongs_to_the_nearest_heading_without_one() -> None:
    script = parse("2021-11-03 Live\nHeadline\n15:20 Three\n15:10\nTwo\nb.\nOne\n15:00\na.\n14:00\n14:30\nLast.")
    assert heads(script) == [None, "One", "Two", "Three"]
    assert [instant.show(step.at)[11:16] for step in script.steps] == ["14:30", "15:00", "15:10", "15:20"]
    assert [note.line for note in script.notes] == [1, 10]


def test_text_above_the_first_heading_is_an_introduction_only_if_it_is_short() -> None:
    long = "2022-05-12 Live\nHeadline\n" + "This goes on.\n" * 3 + "One\na.\n"
    script = parse(long)
    assert "standfirst" not in script.blog
    assert heads(script) == ["One", None]
    assert [note.line for note in script.notes] == [1, 3]
    assert parse(long.replace("This goes on.\n", "", 1)).blog["standfirst"] == "This goes on. This goes on."


def test_a_page_of_paragraphs_is_one_entry() -> None:
    script = parse("2022-05-12 Live\nHeadline\nIt rained.\nIt stopped.")
    assert (script.blog["headline"], heads(script)) == ("Headline", [None])
    assert entries(script)[0]["body"] == "It rained.\n\nIt stopped."


def test_the_slug_is_the_one_named_or_made_of_the_headline() -> None:
    assert parse(page("ferry-live"), slug="aurora").blog["slug"] == "aurora"
    assert parse("2022-05-12 Live\nDocs\nOne\na.").blog["slug"] == "docs-live"
    assert parse("2022-05-12 Live\n\u6e21\u8f6e\u6401\u6d45\nOne\na.").blog["slug"] == "live-2022-05-12"
    assert parse("2022-05-12 Live\nSão Tomé's Été\nOne\na.").blog["slug"] == "sao-tomes-ete"
    assert refusal(page("ferry-live"), slug="No Slug") == [2]
    cut = parse(f"2022-05-12 Live\n{'Nine ferries run aground ' * 4}\nOne\na.").blog["slug"]
    assert cut == "nine-ferries-run-aground-nine-ferries-run-aground-nine"


@pytest.mark.parametrize(
    "text", ["", "\n \n", "\ufeff", "2021-11-03 Live", "2021-11-03 Live\nBy Ada Norrby\nA ship - VIA EPA"]
)
def test_a_page_with_nothing_in_it_is_refused(text: str) -> None:
    assert refusal(text) == [0]


def test_a_page_without_date_needs_a_start() -> None:
    text = "\nFerry aground\nWhat now?\nWe wait."
    assert refusal(text) == [2]
    assert parse(text, start=0).steps[0].at == FIVE_MINUTES


def test_control_characters_are_refused_line_by_line() -> None:
    assert refusal("2021-11-03\x00\nFine\nOne\n\x9d a.\n\ud800") == [1, 4, 5]


def test_what_is_longer_than_a_blog_may_hold_is_refused_with_its_line() -> None:
    entry = "One\n" + "Well said. " * 2_000
    text = f"2021-11-03 Live\nHeadline\n{entry}\nTwo\nb.\n{entry}\n"
    assert refusal(text) == [3, 7]
    assert refusal("2021-11-03 Live\nHeadline\n" + "Related: x\n" * 21 + "One\na.") == [2]


def test_impossible_times_are_refused() -> None:
    assert refusal(page("ferry-live"), interval_ms=10**15) == [0]
    assert refusal(page("ferry-live"), start=10**18) == [0]
    assert refusal("9999-12-31 Live\nHeadline\n23:50 EST One\na.") == [0]
    assert refusal("0001-01-01 Live\nHeadline\n00:10 One\na.", time_zone="Asia/Tokyo") == [0]
    assert refusal(page("ferry-live"), interval_ms=-1) == [0]


@pytest.mark.parametrize("name", ["Atlantis/City", "", "Europe", "../zone", "\x00", "x" * 300])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    assert refusal(page("ferry-live"), time_zone=name) == [0]
