"""From shapes of irradiance and temperature to shapes of the power of PV systems, per panel rating.

    panels    irradiance shape(t) f(T(t))                    f: the P-T curve, 1 without one; T: temperature [C]
    inverter  panels e(panels Pmpp / kVA)                    e: its efficiency curve, 1 without one
    power     at most pctPmpp; 0 once panels Pmpp is below the cut-out, until it has reached the cut-in [% of kVA]
    Q         power tan(phi), or the kvar of the file, whichever it states last

The limit of the inverter's kVA is the business of whoever knows its reactive power. Source: `PVsystem.pas` of OpenDSS
(ComputePanelPower, ComputeInverterPower); curves are straight between their points and beyond the last ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tieline.feeders.elements import Shape
from tieline.feeders.opendss.circuit import DssCircuit, Record

MODES = {
    "daily_shape": ("Daily", "TDaily"),
    "yearly_shape": ("Yearly", "TYearly"),
    "duty_shape": ("Duty", "TDuty"),
}
"""Field of a PV system -> the engine's names of its shapes of irradiance and temperature."""

Curve = tuple[list[float], list[float]]
"""Abscissae and ordinates."""


@dataclass
class PvShapes:
    """`made`: shapes of power by name, each once, however many PV systems follow it. `irradiance`: the shapes of the file."""

    circuit: DssCircuit
    irradiance: dict[str, Shape]
    made: dict[str, Shape] = field(default_factory=dict)
    _name_of_points: dict[tuple[object, ...], str] = field(default_factory=dict)

    def names(self, record: Record) -> dict[str, str | None]:
        """The shapes that a PV system follows."""
        return {
            field_name: self._name(record, field_name, *sources)
            for field_name, sources in MODES.items()
        }

    def _name(
        self, record: Record, field_name: str, mode: str, heat_mode: str
    ) -> str | None:
        shape = self.irradiance.get(str(record[mode]).lower())
        if shape is None:
            return None
        power = self._power(record, shape, self._temperatures(record, heat_mode))
        q = _reactive(record, power)
        points = (power, q, shape.step_h, shape.hour)
        # a thousand roofs under one sky are one shape
        name = self._name_of_points.setdefault(
            points, f"{record.name}_{field_name.removesuffix('_shape')}"
        )
        self.made[name] = Shape(name, power, q, shape.step_h, shape.hour)
        return name

    def _temperatures(self, record: Record, mode: str) -> list[float]:
        """Temperature point by point [C]; the one of the snapshot where nothing is said of it."""
        name = str(record[mode]).lower()
        for properties in self.circuit.objects("TShape", full=False):
            if properties["Name"].lower() == name:
                return [float(value) for value in properties["Temp"]]
        return [float(record["Temperature"])]

    def _power(
        self, record: Record, shape: Shape, heat_c: list[float]
    ) -> tuple[float, ...]:
        by_heat = self._curve(record["PTCurve"])
        efficiency = self._curve(record["EffCurve"])
        rated_kva = float(record["kVA"])
        rated_kw = float(record["Pmpp"])
        cut_in_kw = float(record["pctCutIn"]) / 100 * rated_kva
        cut_out_kw = float(record["pctCutOut"]) / 100 * rated_kva
        most_kw = float(record["pctPmpp"]) / 100 * rated_kw
        # kW of the panels in place of shares
        full_kw = 1.0 if shape.is_actual else float(record["Irradiance"]) * rated_kw
        power = []
        is_on = True
        for k, share in enumerate(shape.p):
            # temperatures have points of their own, and begin anew at their end
            panels_kw = share * full_kw * _value(by_heat, heat_c[k % len(heat_c)])
            is_on = panels_kw >= (cut_out_kw if is_on else cut_in_kw)
            inverter_kw = panels_kw * _value(efficiency, panels_kw / rated_kva)
            power.append(min(inverter_kw, most_kw) / rated_kw if is_on else 0.0)
        return tuple(power)

    def _curve(self, name: str | None) -> Curve | None:
        for properties in self.circuit.objects("XYCurve", full=True):
            if name and properties["Name"].lower() == name.lower():
                return properties["XArray"], properties["YArray"]
        return None


def _reactive(record: Record, power: tuple[float, ...]) -> tuple[float, ...]:
    """Q per panel rating, point by point; nothing at unity power factor."""
    stated = [name for name in record.sequence if name in ("PF", "kvar")]
    if stated and stated[-1] == "kvar":
        kvar_share = float(record["kvar"]) / float(record["Pmpp"])
        return (kvar_share,) * len(power)
    factor = float(record["PF"])
    # absorbing where the factor is below zero
    tan_phi = math.copysign(math.tan(math.acos(abs(factor))), factor)
    if abs(factor) == 1:
        return ()
    return tuple(share * tan_phi for share in power)


def _value(curve: Curve | None, x: float) -> float:
    """A curve's value, 1 without one."""
    if curve is None:
        return 1.0
    xs, ys = curve
    if len(xs) < 2:
        return ys[0]
    right = next((k for k in range(1, len(xs) - 1) if xs[k] >= x), len(xs) - 1)
    slope = (ys[right] - ys[right - 1]) / (xs[right] - xs[right - 1])
    return ys[right] + slope * (x - xs[right])
