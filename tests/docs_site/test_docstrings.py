"""Docstrings as reStructuredText: lists, blocks that are set in, magnitudes."""

from __future__ import annotations

from docs_site.docstrings import restructured


def test_names_with_text_set_in_are_a_list() -> None:
    lines = ["`kv`: across a phase.", "`zip_p`: shares,", "    each a number."]
    assert restructured(lines) == [
        "- `kv`: across a phase.",
        "- `zip_p`: shares,",
        "  each a number.",
    ]


def test_a_block_that_is_set_in_stays_as_it_is() -> None:
    assert restructured(["Then", "", "    a = b |c|"]) == [
        "Then",
        "",
        "::",
        "",
        "    a = b |c|",
    ]


def test_sections_are_left_to_napoleon() -> None:
    lines = ["Args:", "    name: one", "        or another."]
    assert restructured(lines) == lines


def test_a_magnitude_is_no_substitution() -> None:
    assert restructured(["at most |Q|, `|code|`"]) == ["at most \\|Q\\|, `|code|`"]
