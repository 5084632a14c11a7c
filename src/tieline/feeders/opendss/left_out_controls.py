"""Controls that tieline does not have: what they make of the snapshot is asked from the engine.

It solves the snapshot without them and with them, while the feeder's other controls act until they rest. DERs are read with the
power at which their controls (volt-var and others) settle there, and hold it; all other controls are left out. Either is noted
with what it changes. The engine is left as it ends, so this comes after all other reading.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.ders import Power, powers_now
from tieline.feeders.opendss.leftovers import DER_CONTROLS, PROTECTION_KINDS
from tieline.feeders.opendss.options import STATIC, option

NOTHING_PU = 1e-6
"""A smaller change of all voltages is none."""

MAX_CONTROL_ITERATIONS = 200

Voltages = dict[str, complex]
"""Voltage of each node [pu]."""


def settle_left_out_controls(
    feeder: Feeder, circuit: DssCircuit, modelled: set[str], report: Report
) -> Feeder:
    """The feeder with its DERs where their controls settle; says by how much voltages hang on the controls that tieline lacks.

    `modelled` are full names of controls that tieline has. Nothing happens if there are no others, or if the file switches
    controls off.
    """
    of_ders = [name for name in _names(circuit, DER_CONTROLS) if name not in modelled]
    of_lines = _names(circuit, PROTECTION_KINDS)
    has_controls = bool(of_ders or of_lines)
    # switched off they do not act, and along a clock they never come to rest
    if not has_controls or option(circuit.engine, "controlmode").lower() != STATIC:
        return feeder
    circuit.engine.Text.Command(f"set maxcontroliter={MAX_CONTROL_ITERATIONS}")
    # three solutions, each with one kind of control more, tell the kinds apart
    uncontrolled = _solved_pu(circuit, disabled=[*of_ders, *of_lines])
    settled = uncontrolled
    if of_ders:
        settled = _solved_pu(circuit, enabled=of_ders)
        feeder = (
            _with_powers(feeder, powers_now(circuit)) if settled is not None else feeder
        )
        report.headline(
            "DER_CONTROLS_HELD", _list(of_ders), _held(_change(uncontrolled, settled))
        )
    if of_lines:
        change = _change(settled, _solved_pu(circuit, enabled=of_lines))
        is_idle = change is not None and change < NOTHING_PU
        note = report.info if is_idle else report.headline
        note("CONTROLS_LEFT_OUT", _list(of_lines), _left_out(change))
    return feeder


def _names(circuit: DssCircuit, classes: tuple[str, ...]) -> list[str]:
    """Full names of the enabled controls of some classes."""
    kinds = [circuit.kinds[low] for low in classes if low in circuit.kinds]
    return [
        f"{kind}.{record.name}" for kind in kinds for record in circuit.records(kind)
    ]


def _list(names: list[str]) -> str:
    """For example: 3 controls (InvControl and ExpControl)."""
    kinds = " and ".join(dict.fromkeys(name.partition(".")[0] for name in names))
    return f"{len(names)} control{'s' if len(names) > 1 else ''} ({kinds})"


def _held(change_pu: float | None) -> str:
    if change_pu is None:
        return "OpenDSS finds no solution with them; DERs keep the power of the file."
    size = (
        f"voltages of the snapshot by up to {change_pu:.2g} pu"
        if change_pu >= NOTHING_PU
        else "no voltage of the snapshot"
    )
    return (
        f"DERs hold the power at which these settle in OpenDSS, which changes {size}; they do not "
        "follow the voltage from there."
    )


def _left_out(change_pu: float | None) -> str:
    if change_pu is None:
        return "Left out; what they change is not known: OpenDSS finds no solution with them."
    if change_pu < NOTHING_PU:
        return "Left out; in OpenDSS they change no voltage of the snapshot."
    return f"Left out; in OpenDSS they change voltages of the snapshot by up to {change_pu:.2g} pu."


def _solved_pu(
    circuit: DssCircuit,
    enabled: list[str] | None = None,
    disabled: list[str] | None = None,
) -> Voltages | None:
    """Voltages of the engine's snapshot once some controls are enabled and others disabled; None if it has no answer."""
    from opendssdirect import DSSException

    engine = circuit.engine
    try:
        for name in enabled or []:
            engine.Text.Command(f"enable {name}")
        for name in disabled or []:
            engine.Text.Command(f"disable {name}")
        engine.Solution.Solve()
    except DSSException:  # too many control iterations, a singular matrix
        return None
    if not engine.Solution.Converged():
        return None
    nodes = engine.Circuit.AllNodeNames()
    parts = engine.Circuit.AllBusVolts()
    volts = map(complex, parts[0::2], parts[1::2])
    return {
        node: volt / _base_volt(engine, node)
        for node, volt in zip(nodes, volts, strict=True)
    }


def _base_volt(engine: Any, node: str) -> float:
    """Base of a node [V]; where the engine has none, no change of voltage counts."""
    engine.Circuit.SetActiveBus(node.rpartition(".")[0])
    return float(engine.Bus.kVBase()) * 1e3 or math.inf


def _change(before: Voltages | None, after: Voltages | None) -> float | None:
    """Largest change of a node voltage [pu]; None if either is missing."""
    if before is None or after is None:
        return None
    return max(
        (abs(after[node] - volt) for node, volt in before.items() if node in after),
        default=0.0,
    )


def _with_powers(feeder: Feeder, powers: dict[str, dict[str, Power]]) -> Feeder:
    """The feeder with other powers of its DERs, by class and name; a generator of fixed Q keeps it, and DERs that follow their
    voltage keep what they are asked for.
    """
    follows = {(one.der_kind, one.der) for one in feeder.inverter_controls}
    pvs = [
        replace(
            pv,
            p_kw=powers["PVSystem"][pv.name][0],
            q_kvar=powers["PVSystem"][pv.name][1],
        )
        if ("pv", pv.name) not in follows
        else pv
        for pv in feeder.pvs
    ]
    storages = []
    for storage in feeder.storages:
        if ("storage", storage.name) in follows:
            storages.append(storage)
            continue
        p_kw, q_kvar = powers["Storage"][storage.name]
        storages.append(
            replace(
                storage,
                p_charge_kw=max(-p_kw, 0.0),
                p_discharge_kw=max(p_kw, 0.0),
                q_kvar=q_kvar,
            )
        )
    generators = []
    for unit in feeder.generators:
        p_kw, q_kvar = powers["Generator"][unit.name]
        generators.append(
            replace(
                unit,
                p_kw=p_kw,
                q_kvar=unit.q_kvar if unit.q_impedance_outside else q_kvar,
            )
        )
    return feeder.replace(
        pvs=tuple(pvs), storages=tuple(storages), generators=tuple(generators)
    )
