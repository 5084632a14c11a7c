"""How much the controls that are left out would change: the engine solves the snapshot without them and with them.

Both times the feeder's other controls act until they rest. The engine is left as it ends, so this comes after all reading.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.controls import KINDS
from tieline.feeders.opendss.leftovers import ACTING
from tieline.feeders.opendss.options import CONTROLS_THAT_REST, option
from tieline.typing import ComplexArray

NOTHING_PU = 1e-6
"""A smaller change of all voltages is none."""

MAX_CONTROL_ITERATIONS = 200


def note_left_out_controls(circuit: DssCircuit, report: Report) -> None:
    """Say by how much voltages differ for want of the controls that are left out; nothing if there are none that would act."""
    names = _left_out(circuit)
    if not names or option(circuit.engine, "controlmode").lower() not in CONTROLS_THAT_REST[:1]:
        return
    size = _change(circuit, names)
    kinds = ", ".join(dict.fromkeys(name.partition(".")[0] for name in names))
    component = f"{len(names)} control{'s' if len(names) > 1 else ''} ({kinds})"
    if size is None:
        what = "What they change in the snapshot is not known: OpenDSS finds no solution with them."
    elif size < NOTHING_PU:
        what = "In OpenDSS they change no voltage of the snapshot."
    else:
        what = f"Left out; in OpenDSS they change voltages of the snapshot by up to {size:.2g} pu."
    report.warning("CONTROLS_LEFT_OUT", component, what)


def _left_out(circuit: DssCircuit) -> list[str]:
    """Full names of enabled controls that OpenDSS would let act and tieline does not."""
    names = [f"{kind}.{record.name}" for low in ACTING if (kind := circuit.kinds.get(low)) for record in circuit.records(kind)]
    banks = [record for record in circuit.records("CapControl") if str(record["Type"]).lower() not in KINDS]
    return names + [f"CapControl.{record.name}" for record in banks]


def _change(circuit: DssCircuit, names: list[str]) -> float | None:
    """Largest change of a node voltage [pu]; None if the engine has no answer without the controls or with them."""
    from opendssdirect import DSSException

    try:
        circuit.engine.Text.Command(f"set controlmode=static maxcontroliter={MAX_CONTROL_ITERATIONS}")
        without = _solved_pu(circuit, "disable", names)
        controlled = _solved_pu(circuit, "enable", names)
    except DSSException:  # too many control iterations, a singular matrix
        return None
    if without is None or controlled is None:
        return None
    return float(np.abs(controlled - without).max(initial=0.0))


def _solved_pu(circuit: DssCircuit, command: str, names: list[str]) -> ComplexArray | None:
    """Node voltages of the engine's snapshot once the controls are enabled or disabled [pu]; None if it has no answer."""
    engine = circuit.engine
    for name in names:
        engine.Text.Command(f"{command} {name}")
    engine.Solution.Solve()
    if not engine.Solution.Converged():
        return None
    volts = np.array(engine.Circuit.AllBusVolts())
    base = np.array([_base_volt(engine, name) for name in engine.Circuit.AllNodeNames()])
    return (volts[0::2] + 1j * volts[1::2]) / base


def _base_volt(engine: Any, node: str) -> float:
    engine.Circuit.SetActiveBus(node.rpartition(".")[0])
    return float(engine.Bus.kVBase()) * 1e3
