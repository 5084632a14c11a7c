"""`CapacitorControlTable`: where each capacitor control measures, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.feeders.elements import Capacitor, CapacitorControl
from tieline.feeders.feeder import Feeder
from tieline.feeders.metering import GROUND, voltage_conductors
from tieline.typing import FloatArray, IntArray

KINDS = ("voltage", "current", "kvar")
VOLTAGE, CURRENT, KVAR = range(3)

TO_GROUND = -1


@dataclass(frozen=True)
class CapacitorControlTable:
    """Arrays over the feeder's capacitor controls, (control,).

    Attributes:
        capacitor: index of the bank.
        kind: index into `KINDS`.
        terminals: the conductors of the metered terminal, indices into `Network.terminals`, one array per control.
        conductor: which of them gives voltage and current, counted from 0; reactive power is that of all together.
        opposite: which of them the voltage is measured against; `TO_GROUND` for none.
        on, off: settings; volts and amperes on the secondary side, kvar.
        pt_ratio, ct_ratio: transformer ratios of the meter.
        delay_on_s, delay_off_s: a smaller delay acts first.
        v_min_v, v_max_v: override limits on the secondary side; -inf and inf without override, which a control by voltage does
            not have.
    """

    capacitor: IntArray
    kind: IntArray
    terminals: tuple[IntArray, ...]
    conductor: IntArray
    opposite: IntArray
    on: FloatArray
    off: FloatArray
    pt_ratio: FloatArray
    ct_ratio: FloatArray
    delay_on_s: FloatArray
    delay_off_s: FloatArray
    v_min_v: FloatArray
    v_max_v: FloatArray


def capacitor_control_table(
    feeder: Feeder, terminals_of: Callable[[tuple[str, str], int], IntArray]
) -> CapacitorControlTable:
    """Build the table; `terminals_of(element, side)` gives the terminal conductors of one side of an element."""
    index = {capacitor.name: k for k, capacitor in enumerate(feeder.capacitors)}
    line_names = {line.name for line in feeder.lines}
    controls = feeder.capacitor_controls
    banks = [index[control.capacitor] for control in controls]
    opposites: list[int] = []
    terminals: list[IntArray] = []
    for control, bank in zip(controls, banks, strict=True):
        opposites.append(_opposite(control, feeder.capacitors[bank]))
        kind = "transformer"
        if control.element in line_names:
            kind = "line"
        terminals.append(terminals_of((kind, control.element), control.terminal))
    has_override = np.array(
        [_has_override(control) for control in controls], dtype=bool
    )

    def column(name: str) -> FloatArray:
        """One number of every control, (control,)."""
        return np.array([getattr(control, name) for control in controls], dtype=float)

    return CapacitorControlTable(
        capacitor=np.array(banks, dtype=np.int64),
        kind=np.array([KINDS.index(c.kind) for c in controls], dtype=np.int64),
        terminals=tuple(terminals),
        conductor=np.array([c.phase - 1 for c in controls], dtype=np.int64),
        opposite=np.array(opposites, dtype=np.int64),
        on=column("on_setting"),
        off=column("off_setting"),
        pt_ratio=column("pt_ratio"),
        ct_ratio=column("ct_ratio"),
        delay_on_s=column("delay_on_s"),
        delay_off_s=column("delay_off_s"),
        v_min_v=np.where(has_override, column("v_min_v"), -np.inf),
        v_max_v=np.where(has_override, column("v_max_v"), np.inf),
    )


def _has_override(control: CapacitorControl) -> bool:
    return control.voltage_override and control.kind != "voltage"


def _opposite(control: CapacitorControl, bank: Capacitor) -> int:
    """Conductor that the voltage is measured against, counted from 0, if it is measured at all."""
    # a control by current says nothing of voltage, and its bank may have no pair of conductors for it
    measures_voltage = control.kind == "voltage" or control.voltage_override
    _, conductor = voltage_conductors(control, bank)
    if measures_voltage and conductor != GROUND:
        return conductor - 1
    return TO_GROUND
