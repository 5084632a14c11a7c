"""Which names are so like one that was typed that it was probably meant.

A name is near if few slips of the keyboard part the two: a letter more, less or changed, or two letters that changed places (the
optimal string alignment distance), one slip for every three letters, and one at least. Similarity of letters alone would offer
`open` for `nope`, which nobody meant. A name that goes on after or before the typed words (`lowest`
for `lowest-pu`, `roof` for `pv.roof`) is near too.

Source: L. Boytsov, "Indexing methods for approximate dictionary searching", ACM J. Exp. Algorithmics 16, 2011, 2.2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LETTERS_A_SLIP = 3

SEPARATORS = "-_."
"""Between the words of a name."""


def near_names(name: str, candidates: Iterable[str], most: int) -> list[str]:
    """The names that were probably meant, the nearest first, whatever letters either has in capitals."""
    typed = name.lower()
    allowed = max(1, len(typed) // LETTERS_A_SLIP)
    ranked = []
    for candidate in candidates:
        full = candidate.lower()
        slips = _slips(typed, full, allowed)
        # a long name that begins as was typed is meant more often than a short one with target letters
        if typed and _has_as_end(full, typed):
            slips = 0
        if slips <= allowed:
            # of equally many slips those with more letters in common come first
            likeness = difflib.SequenceMatcher(None, typed, full).ratio()
            ranked.append((slips, -likeness, candidate))
    ranked.sort(key=lambda row: row[:2])
    return [candidate for _, _, candidate in ranked[:most]]


def _has_as_end(full: str, typed: str) -> bool:
    """Whether a name begins or ends with the words that were typed: `lowest` of `lowest-pu`, `roof` of `pv.roof`."""
    begins = full.startswith(tuple(typed + mark for mark in SEPARATORS))
    return begins or full.endswith(tuple(mark + typed for mark in SEPARATORS))


def most_alike(name: str, candidates: Iterable[str], most: int) -> list[str]:
    """The names that have most letters in common with one, however few these are."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    alike = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.0)
    return [by_lower[lower] for lower in alike]


def _slips(typed: str, full: str, allowed: int) -> int:
    """Slips between two names; more than `allowed` where there are that many for sure."""
    if abs(len(typed) - len(full)) > allowed:
        return allowed + 1
    before_last: list[int] = []
    last = list(range(len(full) + 1))
    for i, letter in enumerate(typed, start=1):
        row = [i]
        for j, target in enumerate(full, start=1):
            replaced = last[j - 1] + (letter != target)
            slips = min(replaced, last[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and typed[i - 2] == target and letter == full[j - 2]:
                slips = min(slips, before_last[j - 2] + 1)
            row.append(slips)
        before_last, last = last, row
    return last[-1]
