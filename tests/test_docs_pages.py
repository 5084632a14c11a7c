"""Pages of the project tell the truth: links lead somewhere, commands and their flags exist, Python is Python.

Pages that are generated are held by `tests/docs_site`; what pages print is held by the tests named `test_docs.py`, and by the
site, which runs its tutorials when it is built.
"""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from page_examples import DOCS, check_examples

from docs_site.command_pages import command_flags
from tieline import run_study
from tieline.studies import catalogue
from tieline.studies.catalogue import Study

ROOT = DOCS.parent
GENERATED = DOCS / "reference"
GALLERY = DOCS / "examples"
PAGES = sorted(
    page
    for page in (*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "examples/README.md")
    if GENERATED not in page.parents and GALLERY not in page.parents
)

LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
BLOCK = re.compile(r"^```\{?([\w-]*)\}?[^\n]*\n(.*?)^```$", re.M | re.S)

SHELL = ("bash", "console", "sh", "run")
PYTHON = ("python", "run-python")

VALUES = ("FEEDERS", "STUDY", "FEEDER", "FOLDER", "TARGET")
"""What stands for a name of the reader's."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, languages: tuple[str, ...]) -> Iterator[str]:
    """Content of each fenced block of these languages."""
    for language, content in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield content


def anchor(heading: str) -> str:
    """The anchor that a code host and the site give a heading."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.strip().replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    for link in ("".join(groups) for groups in LINK.findall(text)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if GENERATED in target.parents or GALLERY in target.parents:
            continue  # the build of the site checks these
        assert target.exists(), f"{link} leads nowhere"
        if place:
            headings = HEADING.findall(target.read_text(encoding="utf-8"))
            assert place in map(anchor, headings), f"no heading for {link}"


def commands(page: Path) -> Iterator[list[str]]:
    """Words of every `tieline ...` in the blocks of a page."""
    for content in blocks(page, SHELL):
        joined = content.replace("\\\n", " ")
        for line in joined.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["tieline"]:
                yield words


@cache
def flags() -> dict[tuple[str, ...], set[str]]:
    return command_flags()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_flag_exists(page: Path) -> None:
    for words in commands(page):
        known = [words[:n] for n in range(len(words), 0, -1)]
        named = next((tuple(part) for part in known if tuple(part) in flags()), None)
        if named is None:
            assert words[1:] in ([], ["--version"], ["--help"]), " ".join(words)
            continue
        for word in words[len(named) :]:
            flag = word.partition("=")[0]
            if flag.startswith("--") and flag != "--help":
                assert flag in flags()[named], f"no {flag}: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_compiles_and_imports_what_exists(page: Path) -> None:
    for code in blocks(page, PYTHON):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
                "tieline"
            ):
                module = import_module(str(node.module))
                for alias in node.names:
                    assert hasattr(module, alias.name), ast.unparse(node)


@pytest.mark.parametrize("page", ["opendss.md", "pandapower.md", "power-grid-model.md"])
def test_pages_for_users_of_others_print_what_they_say(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check_examples(f"coming-from/{page}", capsys)


def test_the_study_of_the_tutorial_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(DOCS / "tutorials")
    entry = Study("losses", "How do losses grow?", "loss_study", "LossConfig")
    monkeypatch.setitem(catalogue.STUDIES, "losses", entry)
    result = run_study("losses", feeder="ieee13", highest_load_pct=100, levels=3)
    levels = result.tables["levels"]
    # the last level is the feeder as it stands: 112.4 kW by OpenDSS
    assert levels["loss_kw"].iloc[-1] == pytest.approx(112.4, abs=0.1)
    result.save(tmp_path / "run")
    assert "up to 112.4 kW" in (tmp_path / "run/report.html").read_text("utf-8")
    for name in [name for name in sys.modules if name.startswith("loss_study")]:
        monkeypatch.delitem(sys.modules, name)
