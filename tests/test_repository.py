"""The repository keeps its own rules: no trace of a machine, pinned requirements, reasons beside exceptions, floors."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text()
CONFIG = tomllib.loads(PYPROJECT)
MOST_LINES = 300

TOP_LEVEL = {
    *{".ci", ".editorconfig", ".gitattributes", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile"},
    *{
        "README.md",
        "benchmarks",
        "docs",
        "migrations",
        "pyproject.toml",
        "replay",
        "requirements",
        "seeds",
        "src",
        "tests",
    },
}

# Put together here, so that this file does not hold what it looks for.
ELSEWHERE = [
    *("/" + folder + "/" for folder in ("root", "work", "home")),
    *(
        name + "." + "org"
        for name in ("py" + "pi", "files.python" + "hosted", "registry.npm" + "js", "deb." + "debian")
    ),
    *("-" + "-" + option for option in ("index-url", "find-links", "trusted-host")),
    "PROTOCOL" + ".md",
    ".." + "/shared",
]


def tracked() -> list[Path]:
    """Return the files that git has or would take, so that a new file is judged before it is added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_machine_or_a_registry() -> None:
    """An address of somebody's machine or mirror is wrong everywhere else."""
    files = tracked()
    assert len(files) > 20
    found = []
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {trace}" for trace in ELSEWHERE if trace in text]
    assert found == []


def test_the_top_level_has_the_expected_names_only() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert names <= TOP_LEVEL
    assert names >= {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml", ".ci"}


@pytest.mark.parametrize("name", ["run.txt", "build.txt", "dev.txt"])
def test_requirements_are_pinned_and_hashed_and_name_no_index(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    stated = re.sub(r"(?m)^\s*#.*\n", "", text).replace("\\\n", " ").splitlines()
    assert stated
    for line in stated:
        assert re.match(r"[a-z0-9-]+==[^ ;]+( ; [^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+\s*$", line), line


def test_what_runs_has_the_versions_that_are_tested() -> None:
    run, build, dev = (
        set(re.findall(r"(?m)^([a-z0-9-]+==[^ ;]+)", (ROOT / "requirements" / f"{name}.txt").read_text()))
        for name in ("run", "build", "dev")
    )
    assert run
    assert build
    assert run <= dev
    assert build <= dev


def test_every_ignored_rule_has_its_reason_on_its_line() -> None:
    lint = CONFIG["tool"]["ruff"]["lint"]
    codes = [*lint["ignore"], *(code for ignored in lint["per-file-ignores"].values() for code in ignored)]
    section = PYPROJECT[PYPROJECT.index("[tool.ruff.lint]") :]
    lines = [line for line in section.splitlines() if re.match(r'\s*"[A-Z]+[0-9]*",|"[^"]+" = \["', line)]
    assert sum(len(re.findall(r'"[A-Z]+[0-9]*"', line)) for line in lines) == len(codes) > 0
    assert [line for line in lines if not re.search(r"# \S+( \S+)+", line)] == []


def test_every_exception_in_the_code_has_its_reason_on_its_line() -> None:
    bare = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+[0-9]*(?:,\s*[A-Z]+[0-9]*)*)?|type:\s*ignore(?:\[[^]]*\])?)\s*$")
    sources = [path for path in tracked() if path.suffix == ".py"]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert sources
    assert found == []


def test_no_source_file_is_long() -> None:
    sources = list((ROOT / "src").rglob("*.py"))
    assert sources
    assert {path.name: lines for path in sources if (lines := len(path.read_text().splitlines())) > MOST_LINES} == {}


def test_every_top_level_module_has_its_floor() -> None:
    (contract,) = (one for one in CONFIG["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    floors = {name.strip(" ()") for layer in contract["layers"] for name in re.split(r"[|:]", layer)}
    package = ROOT / "src" / "liveblog"
    modules = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/*.py")}
    modules -= {"__init__", "__main__"}
    assert modules
    assert {f"liveblog.{name}" for name in modules} - floors == set()


def test_every_decision_is_in_the_index_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    files = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([a-z0-9-]+\.md)\)", (folder / "README.md").read_text())) == files
