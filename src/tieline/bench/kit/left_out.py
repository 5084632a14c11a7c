"""What was left out of a measurement, and why: gathered while measuring, told once on the page and on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tieline.bench.kit.markdown import bullets


@dataclass(frozen=True)
class LeftOut:
    """A program, model or package that is missing from a case; `case` is empty where it is missing from all."""

    who: str
    reason: str
    case: str = ""


def reason_from(error: Exception) -> str:
    """The first line of an error, as a reason: what it announces in further lines does not fit into a list."""
    return str(error).splitlines()[0].removesuffix(":")


def left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    """One line per program and reason, with all cases that it is missing from."""
    cases: dict[tuple[str, str], list[str]] = {}
    for entry in left_out:
        key = entry.who, entry.reason
        cases.setdefault(key, []).append(entry.case)
    lines = []
    for (who, reason), names in cases.items():
        lines.append(_line(who, reason, names))
    return lines


def left_out_notes(left_out: Sequence[LeftOut]) -> list[str]:
    """The list as the screen has it."""
    return [f"left out: {line}" for line in left_out_lines(left_out)]


def left_out_text(left_out: Sequence[LeftOut], if_none: str) -> str:
    """The list as a page has it, in Markdown; `if_none` where nothing was left out."""
    if not left_out:
        return if_none
    return "Left out:\n\n" + bullets(left_out_lines(left_out))


def _line(who: str, reason: str, cases: Sequence[str]) -> str:
    if not any(cases):
        return f"{who}: {reason}"
    return f"{who} ({reason}): {'; '.join(cases)}"
