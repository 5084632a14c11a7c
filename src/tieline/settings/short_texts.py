"""Short texts that stand for generators and limits on a command line.

    DERs      "18:300, 33:200/250@0.08"       PLACE:KW[/KVA][@COST], cost in currency/kWh
    numbers   "branch_24:5, branch_2:48"      NAME:NUMBER
    flows     "sw1:200/50, branch_2:300"      NAME:KW[/KW_BACK], either way the first if there is no second

Everything that is wrong in a text is reported together. The last colon of a part ends the name, so a name may hold others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

DER_FORM = "PLACE:KW, PLACE:KW/KVA or PLACE:KW@COST"
NUMBER_FORM = "NAME:NUMBER"
FLOW_FORM = "NAME:KW or NAME:KW/KW_BACK"


@dataclass(frozen=True)
class DerSpec:
    """A generator that was asked for: where, its limits [kW, kVA], and its cost if given [currency/kWh]."""

    place: str
    kw: float
    kva: float
    cost: float | None = None


def parse_ders(text: str | None) -> tuple[DerSpec, ...]:
    """Generators of a text; raises `ValueError` that names every part that is wrong."""
    return _parsed(text, _der, DER_FORM)


def parse_numbers(text: str | None) -> dict[str, float]:
    """Name and number of each part of a text, names in lower case; raises `ValueError` for every part that is wrong."""
    return _by_name(_parsed(text, _pair, NUMBER_FORM))


def parse_flows(text: str | None) -> dict[str, tuple[float, float]]:
    """Name and limits forward and back of each part [kW], names in lower case; raises `ValueError` as `parse_numbers`."""
    return _by_name(_parsed(text, _flow, FLOW_FORM))


def _by_name(pairs: tuple[tuple[str, T], ...]) -> dict[str, T]:
    """Pairs as a dictionary; raises `ValueError` for a name that stands there twice."""
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"{', '.join(map(repr, twice))} stands there twice. Keep one of them"
        )
    return dict(pairs)


def _parsed(text: str | None, read: Callable[[str], T], form: str) -> tuple[T, ...]:
    """Every part of a text, read."""
    values: list[T] = []
    problems: list[str] = []
    parts = [part.strip() for part in (text or "").split(",")]
    for part in filter(None, parts):
        try:
            values.append(read(part))
        except ValueError as error:
            problems.append(f"'{part}' {error}")
    if problems:
        raise ValueError(
            f"{'; '.join(problems)}. Write {form}, several separated by commas"
        )
    return tuple(values)


def _der(part: str) -> DerSpec:
    place, size = _split(part)
    size, _, cost = size.partition("@")
    kw_text, slash, kva_text = size.partition("/")
    kw = _above_zero(kw_text, "kW")
    kva = kw
    if slash:
        kva = _above_zero(kva_text, "kVA")
    if kva < kw:
        raise ValueError(f"has {kw:g} kW behind {kva:g} kVA, which cannot carry them")
    return DerSpec(place, kw, kva, _finite(cost, "a cost") if "@" in part else None)


def _pair(part: str) -> tuple[str, float]:
    name, number = _split(part)
    return name.lower(), _finite(number, "a number")


def _flow(part: str) -> tuple[str, tuple[float, float]]:
    name, limits = _split(part)
    forward_text, slash, back_text = limits.partition("/")
    forward_kw = _not_below_zero(forward_text, "kW")
    back_kw = forward_kw
    if slash:
        back_kw = _not_below_zero(back_text, "kW back")
    return name.lower(), (forward_kw, back_kw)


def _split(part: str) -> tuple[str, str]:
    place, colon, number = part.rpartition(":")
    if not colon or not place.strip():
        raise ValueError("has no colon after a name")
    return place.strip(), number.strip()


def _above_zero(text: str, what: str) -> float:
    value = _finite(text, what)
    if value <= 0:
        raise ValueError(f"has {value:g} {what}, which is not above 0")
    return value


def _not_below_zero(text: str, what: str) -> float:
    value = _finite(text, what)
    if value < 0:
        raise ValueError(f"has {value:g} {what}, which is below 0")
    return value


def _finite(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"has '{text.strip()}' where {what} should stand")
    return value
