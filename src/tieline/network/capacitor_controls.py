"""`CapacitorControlTable`: where each capacitor control measures, and its settings, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.feeders.elements import Capacitor, CapacitorControl
from tieline.feeders.feeder import Feeder
from tieline.feeders.metering import (
    GROUND,
    looks_at_voltage,
    metered_kind,
    metered_names,
    voltage_conductors,
)
from tieline.network.devices import GROUND as GROUND_NODE
from tieline.typing import FloatArray, IntArray

KINDS = ("voltage", "current", "kvar", "power-factor", "time")
VOLTAGE, CURRENT, KVAR, POWER_FACTOR, TIME = range(5)

Pair = tuple[int, int]
"""Nodes between which a voltage is measured; the second may be ground."""


@dataclass(frozen=True)
class CapacitorControlTable:
    """Arrays over the feeder's capacitor controls, (control,).

    Attributes:
        capacitor: index of the bank.
        kind: index into `KINDS`.
        voltages: the pairs of nodes whose voltage each control looks at, one or those of all phases; none if it looks at none.
        currents: the terminal conductors whose current it looks at, indices into `Network.terminals`, likewise.
        power: the conductors of the metered terminal whose powers together are the one it looks at.
        on, off: settings; volts and amperes on the secondary side, kvar, power factor from 0 to 2. A clock wants its bank in
            where `on` is below zero, and out where `off` is above.
        pt_ratio, ct_ratio: transformer ratios of the meter.
        delay_on_s, delay_off_s: a smaller delay acts first.
        v_min_v, v_max_v: override limits on the secondary side; -inf and inf without override, which a control by voltage does
            not have.
    """

    capacitor: IntArray
    kind: IntArray
    voltages: tuple[tuple[Pair, ...], ...]
    currents: tuple[IntArray, ...]
    power: tuple[IntArray, ...]
    on: FloatArray
    off: FloatArray
    pt_ratio: FloatArray
    ct_ratio: FloatArray
    delay_on_s: FloatArray
    delay_off_s: FloatArray
    v_min_v: FloatArray
    v_max_v: FloatArray


def capacitor_control_table(
    feeder: Feeder,
    node_index: dict[tuple[str, int], int],
    terminal_node: IntArray,
    terminals_of: Callable[[tuple[str, str], int], IntArray],
) -> CapacitorControlTable:
    """Build the table.

    Args:
        feeder: a sound one.
        node_index: node of (bus, node number).
        terminal_node: node of each terminal conductor.
        terminals_of: terminal conductors of one side of an element, (kind, name).
    """
    index = {capacitor.name: k for k, capacitor in enumerate(feeder.capacitors)}
    controls = feeder.capacitor_controls
    banks = [index[control.capacitor] for control in controls]
    names = metered_names(feeder)
    voltages: list[tuple[Pair, ...]] = []
    currents: list[IntArray] = []
    power: list[IntArray] = []
    for control, place in zip(controls, banks, strict=True):
        bank = feeder.capacitors[place]
        kind = metered_kind(control, names) or "line"
        conductors = terminals_of((kind, control.element), control.terminal)
        n_phases = _n_phases(feeder, kind, control.element, conductors)
        phases = conductors[:n_phases]
        nodes = terminal_node[phases]
        if control.override_bus is not None:
            nodes = _override_nodes(control, node_index)
        voltages.append(_voltages(control, bank, nodes))
        currents.append(_currents(control, bank, conductors))
        # the engine counts the neutral conductor of a line or transformer in, while that of a bank is another terminal
        power.append(phases if kind == "capacitor" else conductors)
    return _with_settings(controls, banks, voltages, currents, power)


def _with_settings(
    controls: Sequence[CapacitorControl],
    banks: list[int],
    voltages: list[tuple[Pair, ...]],
    currents: list[IntArray],
    power: list[IntArray],
) -> CapacitorControlTable:
    """The table of controls, of which it is known where they measure."""
    has_override = np.array(
        [_has_override(control) for control in controls], dtype=bool
    )
    on_off = np.array([_settings(control) for control in controls]).reshape(-1, 2)

    def column(name: str) -> FloatArray:
        """One number of every control, (control,)."""
        return np.array([getattr(control, name) for control in controls], dtype=float)

    return CapacitorControlTable(
        capacitor=np.array(banks, dtype=np.int64),
        kind=np.array([KINDS.index(c.kind) for c in controls], dtype=np.int64),
        voltages=tuple(voltages),
        currents=tuple(currents),
        power=tuple(power),
        on=on_off[:, 0],
        off=on_off[:, 1],
        pt_ratio=column("pt_ratio"),
        ct_ratio=column("ct_ratio"),
        delay_on_s=column("delay_on_s"),
        delay_off_s=column("delay_off_s"),
        v_min_v=np.where(has_override, column("v_min_v"), -np.inf),
        v_max_v=np.where(has_override, column("v_max_v"), np.inf),
    )


def _has_override(control: CapacitorControl) -> bool:
    return control.voltage_override and control.kind != "voltage"


def _n_phases(feeder: Feeder, kind: str, name: str, conductors: IntArray) -> int:
    """How many conductors of a terminal carry phases; the neutral of a wye comes last."""
    if kind == "transformer":
        return next(unit.phases for unit in feeder.transformers if unit.name == name)
    if kind == "capacitor":
        bank = next(bank for bank in feeder.capacitors if bank.name == name)
        is_wye = bank.connection == "wye"
        return len(bank.nodes) - (1 if is_wye else 0)
    return len(conductors)


def _override_nodes(
    control: CapacitorControl, node_index: dict[tuple[str, int], int]
) -> IntArray:
    bus = control.override_bus or ""
    numbers = control.override_nodes or (control.phase,)
    return np.array([node_index[bus, number] for number in numbers], dtype=np.int64)


def _voltages(
    control: CapacitorControl, bank: Capacitor, nodes: IntArray
) -> tuple[Pair, ...]:
    """Pairs of nodes that a control looks at; `nodes` are those of the phases where it measures."""
    if not looks_at_voltage(control):
        return ()
    if control.voltage_rule != "one":
        # of several phases the engine takes the voltages to ground, whatever the bank
        return tuple((int(node), GROUND_NODE) for node in nodes)
    conductor, opposite = voltage_conductors(control, bank)
    node = int(nodes[conductor - 1])
    if opposite == GROUND:
        return ((node, GROUND_NODE),)
    return ((node, int(nodes[opposite - 1])),)


def _currents(
    control: CapacitorControl, bank: Capacitor, conductors: IntArray
) -> IntArray:
    """Terminal conductors whose current a control looks at; of several phases as many as its bank has."""
    if control.kind != "current":
        return conductors[:0]
    if control.current_rule == "one":
        place = (control.current_phase or control.phase) - 1
        return conductors[place : place + 1]
    n_phases = bank_phases(bank)
    return conductors[:n_phases]


def bank_phases(bank: Capacitor) -> int:
    """Phases of a bank as its meters count them: a branch between two nodes is one."""
    if bank.connection == "wye":
        return len(bank.nodes) - 1
    return 1 if len(bank.nodes) == 2 else len(bank.nodes)


def _settings(control: CapacitorControl) -> tuple[float, float]:
    """Settings at which a control acts; those of a clock at hour 0, at which a power flow stands."""
    hour_on = control.on_setting
    hour_off = control.off_setting
    if control.kind != "time":
        return hour_on, hour_off
    # one that is to be in until the next day comes in at its hour, and not before
    is_in = hour_on <= 0 and (hour_off > 0 or hour_off <= hour_on)
    is_out = not is_in and (hour_off > hour_on or hour_off <= 0)
    on = -1.0 if is_in else 1.0
    off = 1.0 if is_out else -1.0
    return on, off
