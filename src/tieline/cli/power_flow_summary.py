"""The tables that `tieline solve` prints: broken limits; powers that add up, extremes, and where controls came to rest.

    source + current sources + generation = load + losses + capacitors and shunts

Broken limits are listed up to `MOST_BROKEN`, regulators and generators that hold a voltage up to `LISTED` each; all of them
stand in the tables of --out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tieline.powerflow import Solution
    from tieline.studies.power_flow.flow import Breach, Flow
    from tieline.typing import FloatArray

Row = tuple[str, str]
"""A quantity and its value with unit."""

LISTED = 12
"""Regulators, or generators that hold a voltage, beyond which only their number is printed."""

MOST_BROKEN = 10
"""Broken limits that fit a screen beside the rest."""


def broken_rows(flow: Flow) -> list[Row]:
    """The broken limits, those farthest beyond first."""
    from tieline.reports.places import place_words

    feeder = flow.network.feeder
    worst_first = sorted(flow.breaches, key=lambda breach: -breach.beyond_pct)
    rows = [
        (f"{breach.kind.words} at {place_words(breach.place, feeder)}", _beyond(breach))
        for breach in worst_first[:MOST_BROKEN]
    ]
    if len(worst_first) > MOST_BROKEN:
        rows.append(("... broken limits", f"{len(worst_first)} in all"))
    return rows


def _beyond(breach: Breach) -> str:
    """For example: 1.0561 pu, limit 1.05 pu."""
    from tieline.reports.numbers import told_apart

    unit = breach.kind.unit
    value = told_apart(breach.value, breach.limit, unit)
    return f"{value}, limit {breach.limit:g} {unit}"


def summary_rows(solution: Solution) -> list[Row]:
    """What is worth knowing of the one scenario of a solution."""
    return [
        *_powers(solution),
        *_voltages(solution),
        *_neutral_voltage(solution),
        *_taps(solution),
        *_banks(solution),
        *_holders(solution),
        *_inverters(solution),
        ("iterations", str(int(solution.iterations[0]))),
    ]


def _powers(solution: Solution) -> Iterator[Row]:
    """Active and reactive powers, of which what comes in is what goes out."""
    feeder = solution.network.feeder
    yield "source", _power(solution.source_kva[0])
    if feeder.current_sources:
        yield "current sources", _power(solution.current_source_kva[0].sum())
    if feeder.ders:
        yield "generation", _power(solution.der_kva[0].sum())
    yield "load", _power(solution.load_kva[0].sum())
    yield "losses", _power(complex(solution.loss_kw[0], solution.loss_kvar[0]))
    if feeder.capacitors or feeder.shunts:
        is_shunt = [
            kind in ("capacitor", "shunt") for kind, _ in solution.network.elements
        ]
        taken_kva = solution.element_loss_kva[0, is_shunt].sum()
        yield "capacitors and shunts", _power(taken_kva)


def _power(kva: complex) -> str:
    # rounded first, and zero added: -0.0 is no number to show
    p_kw = round(kva.real, 3) + 0.0
    q_kvar = round(kva.imag, 3) + 0.0
    return f"{p_kw:.3f} kW  {q_kvar:.3f} kvar"


def _voltages(solution: Solution) -> Iterator[Row]:
    """Lowest and highest voltage with their places, and how many points have none."""
    from tieline.network.voltage_points import voltage_points
    from tieline.reports.places import place_words

    points = voltage_points(solution.network)
    v_pu = points.magnitude_pu(solution.v_pu)[0]
    # without supply the voltage is zero exactly, and no lowest one
    live = np.flatnonzero(v_pu > 0)
    extremes = {"lowest voltage": np.argmin, "highest voltage": np.argmax}
    for name, pick in extremes.items():
        place = int(live[pick(v_pu[live])])
        where = place_words(points.names[place], solution.network.feeder)
        yield name, f"{v_pu[place]:.4f} pu at {where}"
    if len(live) < len(v_pu):
        n_dead = len(v_pu) - len(live)
        yield "without supply", f"{n_dead} of {len(v_pu)} voltage points"


def _neutral_voltage(solution: Solution) -> Iterator[Row]:
    """Highest voltage of a neutral conductor to earth."""
    # heavy: the command line prints help without a network
    from tieline.network.neutrals import neutral_nodes

    network = solution.network
    nodes = neutral_nodes(network)
    if len(nodes) == 0:
        return
    neutral_v: FloatArray = solution.neutral_v[0]
    highest = int(neutral_v.argmax())
    name = network.node_names[nodes[highest]]
    yield "neutral-to-earth voltage", f"up to {neutral_v[highest]:.3f} V at {name}"


def _taps(solution: Solution) -> Iterable[Row]:
    regulators = solution.network.feeder.regulators
    rows = [
        (f"tap of {regulator.name}", f"{tap:+d}")
        for regulator, tap in zip(regulators, solution.taps[0], strict=True)
    ]
    return _shortened(rows, "taps of regulators")


def _banks(solution: Solution) -> Iterable[Row]:
    """Steps in of the banks that a control switches."""
    feeder = solution.network.feeder
    controlled = {control.capacitor for control in feeder.capacitor_controls}
    steps = zip(feeder.capacitors, solution.capacitor_steps[0], strict=True)
    rows = [
        (f"steps in of {bank.name}", f"{round(steps_in)} of {bank.steps}")
        for bank, steps_in in steps
        if bank.name in controlled
    ]
    return _shortened(rows, "steps of banks")


def _holders(solution: Solution) -> Iterable[Row]:
    from tieline.powerflow.held_voltage.told import held_voltages

    rows = [
        (f"voltage held by {holder.name}", str(holder))
        for holder in held_voltages(solution)
    ]
    return _shortened(rows, "voltages held by generators")


def _inverters(solution: Solution) -> Iterable[Row]:
    from tieline.powerflow.inverters.told import following_inverters

    rows = [
        (f"inverter {inverter.name}", str(inverter))
        for inverter in following_inverters(solution)
    ]
    return _shortened(rows, "inverters on their characteristics")


def _shortened(rows: list[Row], words: str) -> list[Row]:
    """The rows, or the first of them and how many there are."""
    if len(rows) <= LISTED:
        return rows
    return [*rows[:LISTED], (f"... {words}", f"{len(rows)} in all")]
