"""Two-winding transformers of a pandapower net.

They follow pandapower's T model: half of the leakage impedance on either side of the core, or as the leakage ratios say. A
star-delta change turns it into a series impedance and one shunt on each winding, which is exact. If the net asks for the pi
model, half of the core stands on each winding. Source: pandapower documentation, "Transformer", equations of the electric model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tieline.feeders.elements import Transformer, Winding
from tieline.feeders.pandapower.net import TO_GROUND, Net, Row, kilo, name_some, number
from tieline.feeders.pandapower.options import Options
from tieline.feeders.pandapower.taps import read_ratio, tap_range
from tieline.units import tidy


@dataclass(frozen=True, slots=True)
class Circuit:
    """Series impedance and the shunt admittances on the two windings, per unit of the transformer's own rating."""

    series: complex
    on_hv: complex
    on_lv: complex


def read_transformers(net: Net, options: Options) -> tuple[Transformer, ...]:
    """Transformers in service and closed at both ends."""
    rows = [
        row for row in net.rows("trafo") if row["index"] not in net.open_switches["t"]
    ]
    dropped = len(net.all_rows("trafo")) - len(rows)
    if dropped:
        net.warn(
            "TRAFO_OPEN",
            "trafo",
            f"{dropped} transformer(s) out of service or open at an end are left out, with their core losses.",
        )
    _note_negative_currents(net, rows)
    return tuple(_transformer(net, row, options) for row in rows)


def _note_negative_currents(net: Net, rows: list[Row]) -> None:
    """Name the transformers of which `runpp` takes the magnetising current as its magnitude."""
    names = [
        net.element_name("trafo", row) for row in rows if number(row, "i0_percent") < 0
    ]
    if names:
        net.warn(
            "MAGNETISING_SIGN",
            f"trafo {name_some(names)}",
            "i0_percent is below zero and taken as its magnitude, as in runpp.",
            "Write it without a sign.",
        )


def _transformer(net: Net, row: Row, options: Options) -> Transformer:
    ratio = read_ratio(net, row, options)
    circuit = _circuit(row, options)
    kva = kilo(number(row, "sn_mva") * number(row, "parallel", 1.0))
    windings = (
        _winding(net, row, "hv", kva, 100 * circuit.series.real, ratio.hv),
        # in one phase only the sum of both resistances matters
        _winding(net, row, "lv", kva, 0.0, ratio.lv),
    )
    return Transformer(
        net.element_name("trafo", row),
        1,
        windings,
        x_pct=(tidy(100 * circuit.series.imag),),
        noload_loss_pct=tidy(100 * circuit.on_lv.real),
        magnetizing_pct=tidy(-100 * circuit.on_lv.imag),
        first_noload_loss_pct=tidy(100 * circuit.on_hv.real),
        first_magnetizing_pct=tidy(-100 * circuit.on_hv.imag),
        shift_deg=ratio.shift_deg,
        rating_kva=tidy(kva * number(row, "df", 1.0)),
    )


def _circuit(row: Row, options: Options) -> Circuit:
    """The equivalent circuit of one transformer."""
    vk = number(row, "vk_percent") / 100
    vkr = number(row, "vkr_percent") / 100
    # a voltage below zero states a negative reactance
    leakage = complex(vkr, math.copysign(math.sqrt(max(vk**2 - vkr**2, 0.0)), vk))
    core = _core(row)
    # an ideal core has no impedance to put between the two halves
    if core == 0:
        return Circuit(leakage, 0j, 0j)
    if options.is_pi_model:
        return Circuit(leakage, core / 2, core / 2)
    hv = complex(
        leakage.real * number(row, "leakage_resistance_ratio_hv", 0.5),
        leakage.imag * number(row, "leakage_reactance_ratio_hv", 0.5),
    )
    return _star_to_delta(hv, leakage - hv, 1 / core)


def _core(row: Row) -> complex:
    """No-load loss and magnetising current as an admittance."""
    # 0 is refused with all else that is wrong
    kva = number(row, "sn_mva") * 1e3 or math.inf
    conductance = number(row, "pfe_kw") / kva
    admittance = number(row, "i0_percent") / 100
    # the square drops the sign, of which a note speaks
    susceptance = math.sqrt(max(admittance**2 - conductance**2, 0.0))
    return complex(conductance, -susceptance)


def _star_to_delta(z_hv: complex, z_lv: complex, z_core: complex) -> Circuit:
    total = z_hv * z_lv + z_hv * z_core + z_lv * z_core
    if total == 0:  # no leakage: refused with all else that is wrong
        return Circuit(0j, 0j, 1 / z_core)
    return Circuit(total / z_core, z_lv / total, z_hv / total)


def _winding(
    net: Net, row: Row, side: str, kva: float, r_pct: float, tap: float
) -> Winding:
    tap_min, tap_max, steps = tap_range(row, side, tap)
    bus = net.bus_names[row[f"{side}_bus"]]
    kv = number(row, f"vn_{side}_kv")
    return Winding(
        bus=bus,
        nodes=TO_GROUND,
        connection="wye",
        kv=kv,
        kva=kva,
        r_pct=tidy(r_pct),
        tap=tap,
        tap_min=tap_min,
        tap_max=tap_max,
        tap_steps=steps,
    )
