"""The reducer finds the smallest failing input."""

from __future__ import annotations

from soak.shrink import shrink_each, shrink_list


def test_only_the_pieces_that_matter_stay() -> None:
    assert shrink_list(range(100), lambda pieces: {17, 62} <= set(pieces)) == [17, 62]


def test_one_piece_stays() -> None:
    assert shrink_list(range(9), lambda pieces: True) == [0]


def test_each_piece_becomes_simpler() -> None:
    def without_a_letter(word: str) -> list[str]:
        return [word[:k] + word[k + 1 :] for k in range(len(word))]

    assert shrink_each(
        ["abc", "xyz"],
        without_a_letter,
        lambda words: "b" in words[0] and "x" in words[1],
    ) == ["b", "x"]
