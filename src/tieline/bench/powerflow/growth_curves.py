"""How the cost grows: by nodes, by scenarios in a call, by threads and by DERs in the LP, each as a figure and in words.

A slope is that of a straight line through the logarithms (least squares): cost grows with the power `slope` of what it is drawn
over. One means in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.bench.kit.markdown import Block, Figure, Section, bullets
from tieline.bench.kit.numbers import times_text
from tieline.bench.powerflow.der_growth import DerGrowth
from tieline.bench.powerflow.log_chart import Curve, curves_svg
from tieline.bench.powerflow.measurement import Case

MICRO = 1e6
MILLI = 1e3

FLAT = 0.15
PROPORTIONAL = (0.85, 1.15)
"""Slopes between these grow in proportion; ones below `FLAT` hardly at all."""


@dataclass(frozen=True)
class Chart:
    """A figure and what is said of it."""

    name: str
    title: str
    x_title: str
    y_title: str
    curves: dict[str, Curve]
    sentences: list[str]

    @property
    def blocks(self) -> list[Block]:
        """The figure, and its sentences below."""
        svg = curves_svg(self.curves, self.title, self.x_title, self.y_title)
        return [Figure(self.name, svg, self.title), bullets(self.sentences)]


def growth_curves_section(cases: Sequence[Case], lp: DerGrowth | None) -> Section:
    """All figures that the measurements allow."""
    charts = [_by_nodes(cases), _by_batch(cases), _by_threads(cases)]
    if lp is not None:
        charts.append(_by_ders(lp))
    blocks: list[Block] = [
        "Straight lines on logarithmic axes; a slope of one is growth in proportion."
    ]
    for chart in charts:
        blocks += chart.blocks
    return Section("How cost grows", blocks)


def slope(curve: Curve) -> float:
    """Of the straight line through the logarithms of a curve; NaN for a single point."""
    if len(curve) < 2:
        return float("nan")
    x = np.log(list(curve))
    y = np.log(list(curve.values()))
    from_mean = x - x.mean()
    return float(from_mean @ (y - y.mean()) / (from_mean @ from_mean))


def slope_words(curve: Curve) -> str:
    """A slope, and what it means."""
    if len(curve) < 2:
        return "one point has no slope"
    value = slope(curve)
    low, high = PROPORTIONAL
    if abs(value) < FLAT:
        meaning = "hardly at all"
    elif value < 0:
        meaning = "falls"
    elif value < low:
        meaning = "less than in proportion"
    elif value <= high:
        meaning = "in proportion"
    else:
        meaning = "more than in proportion"
    return f"{meaning} (slope {value:.2f})"


def _by_nodes(cases: Sequence[Case]) -> Chart:
    """Microseconds of a scenario by nodes, taps held and regulators acting apart."""
    held_taps: dict[float, float] = {}
    acting_taps: dict[float, float] = {}
    for case in cases:
        group = held_taps if case.load is not None else acting_taps
        group[float(case.n_nodes)] = _microseconds(case)
    groups: dict[str, Curve] = {
        "taps held": held_taps,
        "regulators acting": acting_taps,
    }
    curves = {name: curve for name, curve in groups.items() if curve}
    sentences = [
        f"{name}, time of a scenario by nodes: {slope_words(curve)}."
        for name, curve in curves.items()
    ]
    return Chart(
        "growth-nodes",
        "Time of a scenario by nodes of the feeder",
        "nodes",
        "µs per scenario, all threads",
        curves,
        sentences,
    )


def _microseconds(case: Case) -> float:
    """Of a scenario in the whole batch."""
    return MICRO / case.speeds[0].solves_per_s


def _by_batch(cases: Sequence[Case]) -> Chart:
    """Microseconds of a call by scenarios in it."""
    curves: dict[str, Curve] = {}
    sentences = []
    for case in cases:
        rates = case.growth.rates
        curve = {float(size): MICRO * size / rates[size] for size in sorted(rates)}
        curves[case.name] = curve
        sentences.append(
            f"{case.name}, time of a call by scenarios in it: {slope_words(curve)}."
        )
    return Chart(
        "growth-batch",
        "Time of a call by scenarios in it",
        "scenarios in a call",
        "µs per call, all threads",
        curves,
        sentences,
    )


def _by_threads(cases: Sequence[Case]) -> Chart:
    """Microseconds of a scenario by threads."""
    curves: dict[str, Curve] = {}
    sentences = []
    for case in cases:
        rates = case.by_threads
        curves[case.name] = {float(n): MICRO / rates[n] for n in sorted(rates)}
        most = max(rates)
        faster = times_text(rates[most] / rates[min(rates)])
        sentences.append(f"{case.name}: {most} threads are {faster} times as fast.")
    return Chart(
        "growth-threads",
        "Time of a scenario by threads",
        "threads",
        "µs per scenario, whole batch",
        curves,
        sentences,
    )


def _by_ders(lp: DerGrowth) -> Chart:
    """Milliseconds of a linear program by the DERs it sets."""
    times = {"cold": lp.cold_s, "warm": lp.warm_s}
    curves: dict[str, Curve] = {}
    sentences = []
    for name, by_count in times.items():
        curve = {float(count): MILLI * time_s for count, time_s in by_count.items()}
        curves[name] = curve
        sentences.append(
            f"LP on {lp.feeder}, {name}, time by DERs: {slope_words(curve)}."
        )
    return Chart(
        "growth-ders",
        f"Time of the linear program on {lp.feeder} by the DERs it sets",
        "DERs",
        "ms",
        curves,
        sentences,
    )
