"""How the speed grows with the scenarios in a call: overheads of a call weigh most on few.

A `Solver` is made once, as environments and markets do that ask minute by minute, and called with the first scenarios of the
batch: 1, 4, 16, ... and all. Sizes take turns, and a share of the full rate, that of the whole batch, is a median of ratios
within a round.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tieline.bench.kit.goals import at_least
from tieline.bench.kit.markdown import Section, Table
from tieline.bench.kit.numbers import rate
from tieline.bench.powerflow.peers import TOLERANCE, Answer, Program, Scenarios
from tieline.bench.powerflow.timing import take_turns

BATCH_SIZES = (1, 4, 16, 64, 256, 1024, 4096)

WANTED = {16: 0.2, 256: 0.6}
"""What the project would like small batches to reach, as a share of the full rate, on `WANTED_ON`."""

WANTED_ON = ("ieee33", "ieee123", "case141")


@dataclass(frozen=True)
class Growth:
    """Speed by scenarios in a call, the whole batch last.

    Attributes:
        rates: scenarios per second.
        shares: of the full rate.
    """

    rates: dict[int, float]
    shares: dict[int, float]

    @property
    def whole(self) -> int:
        """Scenarios in the whole batch."""
        return max(self.rates)


def measure_growth(scenarios: Scenarios) -> Growth:
    """Measure one case."""
    whole = len(scenarios.load_kw)
    sizes = [size for size in BATCH_SIZES if size < whole]
    programs = {size: _with_a_solver(scenarios.first(size)) for size in (*sizes, whole)}
    timed = take_turns(programs)
    rates = {}
    shares = {}
    for size, turns in timed.items():
        rates[size] = turns.solves_per_s
        shares[size] = 1 / timed[whole].times_faster_than(turns)
    return Growth(rates, shares)


def _with_a_solver(scenarios: Scenarios) -> Program:
    """Calls of one solver."""
    controls = "feeder" if scenarios.with_controls else "off"
    solver = scenarios.network.solver(controls=controls, tolerance=TOLERANCE)

    def run() -> Answer:
        start_s = time.perf_counter()
        solution = solver.solve(
            load_kw=scenarios.load_kw, load_kvar=scenarios.load_kvar
        )
        return Answer(solution.v_pu, time.perf_counter() - start_s, solution.iterations)

    return run


def growth_section(growth: dict[str, Growth]) -> Section:
    """Rates and shares of all cases, by name, and which goals are met."""
    sizes = sorted({size for case in growth.values() for size in _parts(case)})
    blocks = [
        "A solver (`network.solver()`) is called again and again with few scenarios. Solves per second on all threads, by "
        "scenarios in a call:",
        _rates(growth, sizes),
        "The same as a share of the full rate, that of the whole batch:",
        _shares(growth, sizes),
        "What the project would like small batches to reach:",
        _goals(growth),
    ]
    return Section("Few scenarios in a call", blocks)


def _parts(case: Growth) -> list[int]:
    """Sizes below that of the whole batch, which differs from case to case."""
    return [size for size in case.rates if size != case.whole]


def _rates(growth: dict[str, Growth], sizes: Sequence[int]) -> Table:
    rows = []
    for name, case in growth.items():
        parts = [
            rate(case.rates[size]) if size in _parts(case) else "" for size in sizes
        ]
        whole = f"{rate(case.rates[case.whole])} ({case.whole:,})"
        rows.append([name, *parts, whole])
    headings = ["case", *(f"{size:,}" for size in sizes), "whole batch"]
    return Table(headings, rows, "l" + "r" * (len(sizes) + 1))


def _shares(growth: dict[str, Growth], sizes: Sequence[int]) -> Table:
    rows = []
    for name, case in growth.items():
        shares = [
            f"{case.shares[size]:.0%}" if size in _parts(case) else "" for size in sizes
        ]
        rows.append([name, *shares])
    headings = ["case", *(f"{size:,}" for size in sizes)]
    return Table(headings, rows, "l" + "r" * len(sizes))


def _goals(growth: dict[str, Growth]) -> Table:
    rows = []
    for name in WANTED_ON:
        for size, least in WANTED.items():
            share = growth[name].shares.get(size) if name in growth else None
            goal = at_least(f"{size} scenarios", share, least, "{:.0%}".format)
            rows.append((name, goal.what, goal.wanted, goal.measured, goal.verdict))
    headings = ("case", "in a call", "wanted", "measured", "")
    return Table(headings, rows, "llrrl")
