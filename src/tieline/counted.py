"""Numbers of things in words, as the short descriptions at a prompt have them: "16 buses, 1 load"."""

from __future__ import annotations

from collections.abc import Mapping


def counted(number: int, noun: str) -> str:
    """The number with its noun in singular or plural."""
    plural = f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def counted_list(numbers: Mapping[str, int]) -> str:
    """Numbers of several things, those that are not there left out."""
    return ", ".join(
        counted(number, noun) for noun, number in numbers.items() if number
    )
