"""Names that were probably meant, and names that were not."""

from __future__ import annotations

import pytest

from tieline.near_names import near_names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("99", "9"),
        ("swithc", "switch"),
        ("lowst-pu", "lowest-pu"),
        ("LOWEST", "lowest-pu"),
        ("ieee31", "ieee13"),
        ("intervall", "interval"),
    ],
)
def test_few_slips_are_near(typed: str, name: str) -> None:
    assert near_names(typed, [name, "nothing_like_it"], 3) == [name]


@pytest.mark.parametrize(
    ("typed", "name"), [("nope", "open"), ("nope", "page"), ("highest-pu", "lowest-pu")]
)
def test_other_words_are_not(typed: str, name: str) -> None:
    assert near_names(typed, [name], 3) == []


def test_the_nearest_stands_first() -> None:
    assert near_names("bus77", ["bus7", "bus_77", "bus78"], 2) == ["bus_77", "bus7"]
