"""A reducer: the smallest input that still fails, by leaving out pieces while the failure stays.

As in Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE Trans. Software Eng. 28(2), 2002, but
always by leaving out: halves first, then smaller chunks, until no single piece can go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Piece = TypeVar("Piece")
Fails = Callable[[list[Piece]], bool]


def shrink_list(pieces: Sequence[Piece], fails: Fails[Piece]) -> list[Piece]:
    """Pieces of which none can be left out without losing the failure; `fails(pieces)` must hold."""
    kept = list(pieces)
    size = max(1, len(kept) // 2)
    while True:
        shorter = _without_chunks(kept, size, fails)
        if len(shorter) == len(kept) and size == 1:
            return kept
        kept = shorter
        size = max(1, size // 2)


def _without_chunks(pieces: list[Piece], size: int, fails: Fails[Piece]) -> list[Piece]:
    """Leave out every chunk of this size that the failure does not need; from the end, as later pieces hang on earlier ones."""
    kept = list(pieces)
    start = len(kept)
    while start > 0:
        start = max(0, start - size)
        shorter = kept[:start] + kept[start + size :]
        if shorter and fails(shorter):
            kept = shorter
    return kept


def shrink_each(
    pieces: Sequence[Piece],
    simpler: Callable[[Piece], list[Piece]],
    fails: Fails[Piece],
) -> list[Piece]:
    """Replace single pieces by simpler ones as long as the failure stays."""
    kept = list(pieces)
    for k in range(len(kept)):
        smaller = _first_failing(kept, k, simpler, fails)
        while smaller is not None:
            kept = smaller
            smaller = _first_failing(kept, k, simpler, fails)
    return kept


def _first_failing(
    pieces: list[Piece],
    k: int,
    simpler: Callable[[Piece], list[Piece]],
    fails: Fails[Piece],
) -> list[Piece] | None:
    candidates = (
        [*pieces[:k], piece, *pieces[k + 1 :]] for piece in simpler(pieces[k])
    )
    return next((candidate for candidate in candidates if fails(candidate)), None)
