"""Cures by a stronger feeder: conductors on the way to the source, and transformers that the plant overloads.

A line that is made stronger by a factor is that number of equal circuits side by side: its impedance is divided by it, its
rating and charging are multiplied. A transformer keeps its impedance in percent of a larger rating. Costs are left out.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tieline.feeders.elements import Line, LineCode, Matrix, Transformer
from tieline.feeders.placing import find_site
from tieline.network.topology import bus_graph, path
from tieline.studies.connect.ways.case import Case, make_case
from tieline.studies.connect.ways.cure import Cure, make_cure
from tieline.studies.siting.setting import make_setting

FACTORS = (1.5, 2.0, 3.0, 4.0)
"""Conductors come in steps of about half as much again; beyond four circuits another feeder is built."""

MOST_ENLARGEMENTS = 3
"""Rounds in which transformers grow; the second one is hardly ever needed."""

MOST_NAMED = 6
"""Lines that the setting names."""

Scale = dict[str, float]
"""Factor of each line or transformer, by name."""


def by_conductor(case: Case) -> Cure | None:
    """The fewest lines on the way to the source, at the smallest factor, that suffice; all at the largest if none does.

    None if no line leads there.
    """
    names = _lines_by_impedance(case)
    if not names:
        return None
    factor, cured = _smallest_factor(case, names)
    count = len(names)
    if cured.holds:
        count, cured = _fewest_lines(case, names, factor, cured)
    words = f"{_listed(names[:count])}: {factor:g} times"
    return make_cure("stronger conductor", words, cured)


def by_transformer(case: Case) -> Cure | None:
    """Every overloaded transformer as large as its load asks for; None if none is overloaded."""
    factors = _overloads(case, "transformer-loading")
    if not factors:
        return None
    cured = strengthened(case, {}, factors)
    for _ in range(MOST_ENLARGEMENTS):
        # a larger transformer has less impedance, and lets a little more through
        further = _overloads(cured, "transformer-loading")
        if not further:
            break
        for name, factor in further.items():
            factors[name] = factors.get(name, 1.0) * factor
        cured = strengthened(case, {}, factors)
    words = ", ".join(f"{name}: {factor:.3g} times" for name, factor in factors.items())
    return make_cure("larger transformer", words, cured)


def strengthened(case: Case, lines: Scale, transformers: Scale) -> Case:
    """The plant on a feeder of which some lines and transformers are stronger."""
    setting = case.setting
    feeder = setting.feeder.replace(
        lines=tuple(
            _stronger(line, lines.get(line.name, 1.0)) for line in setting.feeder.lines
        ),
        transformers=tuple(
            _larger(unit, transformers.get(unit.name, 1.0))
            for unit in setting.feeder.transformers
        ),
    )
    stronger_setting = make_setting(feeder, setting.config, setting.places)
    return make_case(stronger_setting, case.way, case.kw)


def _smallest_factor(case: Case, names: list[str]) -> tuple[float, Case]:
    """The smallest factor at which all lines together suffice, else the largest, with the case at it."""
    largest = FACTORS[-1]
    at_largest = strengthened(case, dict.fromkeys(names, largest), {})
    # what four circuits do not cure, fewer do not
    if not at_largest.holds:
        return largest, at_largest
    for factor in FACTORS[:-1]:
        cured = strengthened(case, dict.fromkeys(names, factor), {})
        if cured.holds:
            return factor, cured
    return largest, at_largest


def _fewest_lines(
    case: Case, names: list[str], factor: float, at_all: Case
) -> tuple[int, Case]:
    """How many of the lines, the largest impedance first, suffice; `at_all` is the case with all of them."""
    lowest = 0
    highest = len(names)
    cured = at_all
    while highest - lowest > 1:
        middle = (lowest + highest) // 2
        trial = strengthened(case, dict.fromkeys(names[:middle], factor), {})
        if trial.holds:
            highest = middle
            cured = trial
        else:
            lowest = middle
    return highest, cured


def _lines_by_impedance(case: Case) -> list[str]:
    """Lines on the way from the source to the plant: the overloaded ones, then the others by falling impedance."""
    feeder = case.setting.feeder
    site = find_site(feeder, case.setting.places[0])
    graph = bus_graph(feeder)
    z_pu: dict[str, float] = {}
    for above, below in pairwise(path(feeder, feeder.source.bus, site.bus)):
        for edge in graph[above][below].values():
            if edge["kind"] == "line":
                z_pu[edge["name"]] = edge["z_pu"]
    overloaded = _overloads(case, "line-loading")
    return sorted(z_pu, key=lambda name: (name not in overloaded, -z_pu[name]))


def _overloads(case: Case, kind: str) -> Scale:
    """Elements beyond their limit of loading in any situation, each with the factor that it asks for."""
    factors: Scale = {}
    for k, gauge in enumerate(case.setting.gauges):
        if gauge.kind.name != kind:
            continue
        for flow in case.flows:
            for place in np.flatnonzero(case.breaks(flow, k)):
                name = gauge.names[place].partition(" ")[2]
                share = float(flow.readings[k][place]) / gauge.limit
                factors[name] = max(factors.get(name, 1.0), _rounded_up(share))
    return factors


def _rounded_up(factor: float) -> float:
    """To tenths: nothing is rated finer."""
    return math.ceil(10 * factor) / 10


def _listed(names: Collection[str]) -> str:
    """Names for a sentence; many are counted."""
    listed = ", ".join(list(names)[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more > 0:
        return f"{listed} and {more} more"
    return listed


def _times(rating: float | None, factor: float) -> float | None:
    if rating is None:
        return None
    return rating * factor


def _scaled(matrix: Matrix, factor: float) -> Matrix:
    return tuple(tuple(value * factor for value in row) for row in matrix)


def _stronger(line: Line, factor: float) -> Line:
    if factor == 1:
        return line
    return replace(
        line,
        code=_side_by_side(line.code, factor),
        rating_a=_times(line.rating_a, factor),
        rating_kva=_times(line.rating_kva, factor),
    )


def _side_by_side(code: LineCode, factor: float) -> LineCode:
    """The code of that many equal circuits."""
    return replace(
        code,
        name=f"{code.name} x {factor:g}",
        r_ohm_per_km=_scaled(code.r_ohm_per_km, 1 / factor),
        x_ohm_per_km=_scaled(code.x_ohm_per_km, 1 / factor),
        c_nf_per_km=_scaled(code.c_nf_per_km, factor),
        rating_a=_times(code.rating_a, factor),
    )


def _larger(unit: Transformer, factor: float) -> Transformer:
    if factor == 1:
        return unit
    windings = tuple(
        replace(winding, kva=winding.kva * factor) for winding in unit.windings
    )
    return replace(unit, windings=windings, rating_kva=_times(unit.rating_kva, factor))
