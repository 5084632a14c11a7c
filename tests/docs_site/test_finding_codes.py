"""The list of finding codes is complete: every code that a test of the project names is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tieline
from docs_site.finding_codes import FindingKind, finding_kinds
from docs_site.finding_file import FILE, content
from docs_site.finding_pages import anchor, finding_pages
from docs_site.sources import Sources

TESTS = Path(__file__).parents[1]

CODE = re.compile(r'"([A-Z][A-Z_0-9]+\.[A-Z][A-Z_0-9]+)"')

MADE_UP = {
    "FEEDER.NO_SOURCE",
    "LOAD.IDLE",
    "LOAD.KV_MISSMATCH",
    "LOAD.ODD",
    "OPENDSS.SOMETHING",
}
"""Codes that tests of findings themselves invent."""

SOURCE = '''"""Says what is odd."""

def check(load, report):
    message = f"load {load.name} is odd."
    yield warning("load", "ODD" if load.p_kw else "IDLE", message)

def warning(kind, what, message, remedy="Look at it."):
    return Finding(f"{kind.upper()}.{what}", "warning", "", message[0].upper() + message[1:], remedy)
'''


@pytest.fixture(scope="module")
def kinds() -> dict[str, list[FindingKind]]:
    return finding_kinds(Sources(Path(tieline.__file__).parent))


def test_a_helper_is_followed_to_who_calls_it(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(SOURCE)
    kinds = finding_kinds(Sources(tmp_path))
    assert list(kinds) == ["LOAD.IDLE", "LOAD.ODD"]
    (odd,) = kinds["LOAD.ODD"]
    assert (odd.severity, odd.remedy) == ("warning", "Look at it.")
    assert odd.message == "Load <load name> is odd."
    assert odd.purpose == "Says what is odd."


def test_every_code_of_a_test_is_listed(kinds: dict[str, list[FindingKind]]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    named = {code for text in texts for code in CODE.findall(text)} - MADE_UP
    prefixes = {code.partition(".")[0] for code in kinds}
    named = {code for code in named if code.partition(".")[0] in prefixes}
    assert len(named) > 100
    patterns = [kind.pattern for alike in kinds.values() for kind in alike]
    assert [code for code in named if not any(map(_match(code), patterns))] == []


def _match(code: str):
    return lambda pattern: pattern.match(code)


def test_every_kind_says_something(kinds: dict[str, list[FindingKind]]) -> None:
    for alike in kinds.values():
        for kind in alike:
            assert kind.severity in ("error", "warning", "info"), kind
            assert kind.message, kind


def test_every_code_has_an_anchor_of_its_own(
    kinds: dict[str, list[FindingKind]],
) -> None:
    anchors = [anchor(code) for code in kinds]
    assert len(set(anchors)) == len(anchors)
    page = finding_pages(kinds)["findings.md"]
    assert all(f"({name})=" in page for name in anchors)
    # a code with <KIND> can be found under that of each kind
    assert "(finding-load-kv-mismatch)=" in page
    every = re.findall(r"^\((finding-.*)\)=$", page, re.M)
    assert len(set(every)) == len(every)


def test_the_command_says_what_the_page_says(
    kinds: dict[str, list[FindingKind]],
) -> None:
    """`make findings` writes the file that `tieline explain` reads."""
    assert FILE.read_text(encoding="utf-8") == content(kinds)
