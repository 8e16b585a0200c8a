"""What a reader's page weighs, and that what is sent is what `make scripts` makes of the sources."""

import re
import subprocess
import sys
from pathlib import Path

from liveblog.web.site import assets
from liveblog.web.site.words import words_for

KIB = 1024
COMPONENT = ("live-blog.js", "live-blog.css", "messages/reader.en.json")
LATER = ("machine/machine.js", "machine.css", "away.js", "redline.js")
MAKE = Path(__file__).parents[1] / "node" / "scripts.mjs"


def weight(*names: str) -> int:
    """Compressed bytes."""
    return sum(len(assets.files()[name].packed or assets.files()[name].plain) for name in names)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_component_weighs_less_than_25_kib_and_with_all_that_comes_later_less_than_31() -> None:
    assert weight(*COMPONENT) < 25 * KIB
    assert weight(*COMPONENT, *LATER) < 31 * KIB


def test_what_is_sent_is_made_of_the_sources_as_they_are(tmp_path: Path) -> None:
    """`make test` installs esbuild beside the Python that runs this; `make scripts` mends what this finds."""
    environment = Path(sys.prefix)
    assert (environment / "node" / "node_modules" / "esbuild").is_dir(), "esbuild is not installed: run `make test`"
    made = tmp_path / "built"
    made.mkdir()
    (made / "of_yesterday.js").touch()
    subprocess.run(
        [environment / "bin" / "node", MAKE, environment / "node", assets.SOURCES, made],
        check=True,
        timeout=60,
    )
    fresh, kept = files(made), files(assets.BUILT)
    assert {name for name in fresh.keys() | kept.keys() if fresh.get(name) != kept.get(name)} == set(), (
        "run `make scripts`"
    )


def test_each_script_that_is_sent_stands_alone_and_one_of_a_page_makes_its_policy() -> None:
    """So that a page may have one of yesterday's and another of today's, while a server is replaced by the next."""
    built = {name: contents.decode() for name, contents in files(assets.BUILT).items() if name.endswith(".js")}
    # As esbuild writes them: `import{a}from"./b.js"`, `import"./b.js"`; a call has a parenthesis.
    assert {
        name for name, text in built.items() if re.search(r"""(?:^|[;}])import[{*"'\w]|from["']\.""", text)
    } == set()
    later = {name: set(re.findall(r'import\("\./([^"]+)"\)', text)) for name, text in built.items()}
    assert {name: each for name, each in later.items() if each} == {
        "live-blog.js": {"machine/machine.js", "away.js", "redline.js"}
    }
    assert {name for name, text in built.items() if "createPolicy" in text} == {"live-blog.js", "desk.js"}
    for name in ("live-blog.js", *later["live-blog.js"]):
        assert assets.files()[name].plain.decode() == built[name]


def test_every_text_that_readers_scripts_name_is_among_readers_words() -> None:
    scripts = [*assets.SOURCES.glob("*.js"), *(assets.SOURCES / "machine").glob("*.js")]
    named = set(re.findall(r"""["'`]([a-z]+\.[a-z0-9_]+)["'`]""", "".join(path.read_text() for path in scripts)))
    words, readers = words_for("en"), words_for("en").of_readers()
    asked = {key for key in named if key in words}
    assert len(asked) > 30
    assert {key for key in asked if f'"{key}":' not in readers} == set()
