"""What a body becomes: its HTML, its plain text, what is remembered, and what the renderer's number stands for."""

import hashlib
import importlib.metadata
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liveblog.application import markdown, rendering
from liveblog.application.rendering import RENDERER, Renderer
from liveblog.domain.rendering import Rendering

FINGERPRINTS = {1: "8058f6e378d1e4f719b2656ca039826a50181b4c2c6b390fd4954a222d6ed517"}
"""By the renderer's number, the digest of everything that decides what a source becomes."""

REL = 'rel="noopener noreferrer nofollow ugc"'
EVERYTHING = """\
# One

## Two

### Three

#### Four

A *word*, a **strong one**, a ~~struck~~ one, `code & more`, a [link](https://a.example/x?y=1&z=2 "title"),
next line\\
next verse & <b>raw</b> &copy;

- tight
- list
  1. nested
  2. twice

* loose

* list

7. seven
8. eight

> quoted
>
> > twice

```python
if a < b:

    pass
```

    indented code

---

| a | b |
|---|:-:|
| 1 | `2` |
| 3 |   |

![a *map*](https://a.example/map.png) ![](https://a.example/x.png) <https://b.example> <desk@c.example>
"""
TEXT = """\
One

Two

Three

Four

A word, a strong one, a struck one, code & more, a link, next line
next verse & <b>raw</b> ©

- tight
- list
  1. nested
  2. twice

- loose

- list

7. seven
8. eight

quoted

twice

if a < b:

    pass

indented code

a\tb
1\t2
3\t

a map https://a.example/x.png https://b.example desk@c.example"""


@pytest.fixture
def renderer() -> Renderer:
    return Renderer()


def test_plain_text_is_the_words_without_their_markup(renderer: Renderer) -> None:
    assert renderer.render(EVERYTHING).text == TEXT


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("", ""),
        ("a\n\nb", "<p>a</p>\n<p>b</p>"),
        ("# a\n## b\n### c", "<h3>a</h3>\n<h4>b</h4>\n<h5>c</h5>"),
        ("#### a\n##### b\n###### c", "<h6>a</h6>\n<h6>b</h6>\n<h6>c</h6>"),
        ("a\n=\nb\n-", "<h3>a</h3>\n<h4>b</h4>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"),
        ("a\\\nb", "<p>a<br>\nb</p>"),
        ("<b>a</b> & b", "<p>&lt;b&gt;a&lt;/b&gt; &amp; b</p>"),
        ('[a](https://b.example "c")', f'<p><a href="https://b.example" {REL}>a</a></p>'),
        ("[a](mailto:b@c.example)", f'<p><a href="mailto:b@c.example" {REL}>a</a></p>'),
        ("[a](HTTP://b.example)", f'<p><a href="HTTP://b.example" {REL}>a</a></p>'),
        ("[a](/b) [a](b:c) [a](https:b)", "<p>[a](/b) [a](b:c) [a](https:b)</p>"),
        ("https://b.example", "<p>https://b.example</p>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("```js\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("|a|\n|:-:|", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n</table>"),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>"),
    ],
)
def test_html_is_what_the_dialect_says(renderer: Renderer, source: str, html: str) -> None:
    assert renderer.render(source).html == html


@pytest.mark.parametrize(
    ("source", "address", "name"),
    [
        ("![a *map*](https://a.example/m.png)", "https://a.example/m.png", "a map"),
        ("![](https://a.example/m.png)", "https://a.example/m.png", "https://a.example/m.png"),
        ("[![a](https://a.example/m.png)](https://b.example)", "https://b.example", "a"),
        ("![a [b](https://b.example)](https://a.example/m.png)", "https://a.example/m.png", "a b"),
    ],
)
def test_a_picture_becomes_a_link_named_by_its_alternative_text(
    renderer: Renderer, source: str, address: str, name: str
) -> None:
    assert renderer.render(source) == Rendering(html=f'<p><a href="{address}" {REL}>{name}</a></p>', text=name)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("- a\n\n  b\n- c", "- a\n\nb\n\n- c"),
        ("- a\n\n+ b", "- a\n\n- b"),
        ("- a\n\nb", "- a\n\nb"),
        ("- - a\n  - b", "- - a\n  - b"),
        ("- \n- a", "- a"),
        ("1) a\n   - b\n2) c", "1. a\n  - b\n2. c"),
        ("|a|\n|-|\n\n|b|\n|-|", "a\n\nb"),
        ("&nbsp;\n\na", "a"),
        ("```\n  a\n\n b\n```", "  a\n\n b"),
    ],
)
def test_lists_and_tables_keep_their_shape_in_plain_text(renderer: Renderer, source: str, text: str) -> None:
    assert renderer.render(source).text == text


def test_text_nested_deeper_than_the_parser_follows_is_shown_as_written(renderer: Renderer) -> None:
    """The parser would leave the words out without saying so."""
    deepest = markdown.MOST_NESTING - 3
    assert renderer.render("> " * deepest + "word").html.count("<blockquote>") == deepest
    deep = "> " * (deepest + 1) + "word"
    assert renderer.render(deep) == Rendering(html=f"<p>{deep.replace('>', '&gt;')}</p>", text=deep)
    for depth in range(60):
        assert "word" in renderer.render("> " * depth + "word").text
        assert "word" in renderer.render("- " * depth + "word").text


def test_as_written_keeps_paragraphs_and_lines(renderer: Renderer) -> None:
    source = "> " * 60 + "a\r\nb & \0\n \n\nc\n" + "> " * 60
    quotes = "> " * 60
    text = f"{quotes}a\nb & \ufffd\n\nc\n{quotes}".strip()
    html = text.replace("&", "&amp;").replace(">", "&gt;").replace("\n\n", "</p>|<p>").replace("\n", "<br>|")
    assert renderer.render(source) == Rendering(html=f"<p>{html}</p>".replace("|", "\n"), text=text)


def test_a_source_longer_than_a_body_is_shown_as_written(renderer: Renderer) -> None:
    assert renderer.render("*a*" + " " * 19_997).html == "<p><em>a</em></p>"
    assert renderer.render("*a*" + " " * 19_998).html == "<p>*a*</p>"


def test_a_link_is_as_long_as_an_address_may_be(renderer: Renderer) -> None:
    address = "https://a.example/" + "b" * 2_030
    assert renderer.render(f"[c]({address})").text == "c"
    assert renderer.render(f"[c]({address}b)").text == f"[c]({address}b)"


def test_a_table_is_one_up_to_a_number_of_cells(renderer: Renderer) -> None:
    """Short rows are filled up, so that few characters could make very many cells."""
    head = "|a|b|c\n|-|-|-\n"
    columns = 4  # as counted from the bars, generously
    rows = markdown.MOST_CELLS // columns - 2
    assert "<table>" in renderer.render(head + "x\n" * rows).html
    assert "<table>" not in renderer.render(head + "x\n" * (rows + 1)).html


def test_a_lone_surrogate_is_refused(renderer: Renderer) -> None:
    with pytest.raises(UnicodeEncodeError):
        renderer.render("\ud800")


def test_an_equal_source_is_rendered_once(renderer: Renderer) -> None:
    assert renderer.render("*a*") is renderer.render("*" + "a*")


def test_the_least_recently_used_rendering_is_forgotten_first() -> None:
    bodies = [f"{number}" * 1_000 for number in range(4)]
    renderer = Renderer(remembered_bytes=8_000)  # three of them, at some 2,300 bytes each
    first, second, third = (renderer.render(body) for body in bodies[:3])
    assert renderer.render(bodies[0]) is first
    renderer.render(bodies[3])
    assert renderer.render(bodies[0]) is first
    assert renderer.render(bodies[2]) is third
    assert renderer.render(bodies[1]) is not second


def test_what_is_remembered_stays_within_its_bytes() -> None:
    limit = 50_000
    renderer = Renderer(remembered_bytes=limit)
    for number in range(300):
        renderer.render(f"{number} " + "\N{SNOWMAN}" * number)
        kept = renderer._recent._kept.values()
        assert sum(sys.getsizeof(one.html) + sys.getsizeof(one.text) for one in kept) <= limit
    assert len(kept) > 10
    nothing = Renderer(remembered_bytes=0)
    assert nothing.render("a") is not nothing.render("a")


def test_threads_may_share_a_renderer() -> None:
    renderer = Renderer(remembered_bytes=3_000)
    bodies = [f"*{number}*\n\n- [a](https://a.example/{number})" for number in range(20)] * 30
    alone = [Renderer(remembered_bytes=0).render(body) for body in bodies[:20]] * 30
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(renderer.render, bodies)) == alone
    assert renderer._recent._bytes <= 3_000


def test_a_body_that_two_threads_render_at_once_is_counted_once(renderer: Renderer) -> None:
    made = renderer.render("a")
    counted = renderer._recent._bytes
    (key,) = renderer._recent._kept
    renderer._recent.put(key, Rendering(html=made.html, text=made.text))
    assert renderer._recent._bytes == counted
    assert renderer.render("a") is made


def test_the_number_stands_for_all_that_decides_a_rendering() -> None:
    """Readers and caches keep what they were sent until the number rises.

    When this fails: raise RENDERER by one and add the new digest under it; leave the old ones as they are. Only where
    nothing but new attacks were added, and the old ones still give the old digest, does the new one take its place.
    """
    attacks = json.loads((Path(__file__).parent / "markdown_attacks.json").read_text())
    sources = [EVERYTHING, *(attack["source"] for attack in attacks)]
    renderer = Renderer()
    made_of = {
        "versions": {name: importlib.metadata.version(name) for name in ("markdown-it-py", "mdurl", "nh3")},
        "allowed": [sorted(rendering.TAGS), sorted(rendering.SCHEMES), rendering.REL]
        + [[tag, sorted(names)] for tag, names in sorted(rendering.ATTRIBUTES.items())],
        "bounds": [markdown.MOST_NESTING, markdown.MOST_CELLS, rendering.LARGEST_HTML],
        "renderings": [[made.html, made.text] for made in map(renderer.render, sources)],
    }
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    assert {RENDERER: FINGERPRINTS.get(RENDERER)} == {RENDERER: digest}
    assert renderer.number == RENDERER == max(FINGERPRINTS)
    assert len(set(FINGERPRINTS.values())) == len(FINGERPRINTS)
