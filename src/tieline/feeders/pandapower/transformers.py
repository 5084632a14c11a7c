"""Two-winding transformers of a pandapower net.

They follow pandapower's T model: half of the leakage impedance on either side of the core, or as the leakage ratios say. A
star-delta change turns it into a series impedance and one shunt on each winding, which is exact. If the net asks for the pi
model, half of the core stands on each winding. Source: pandapower documentation, "Transformer", equations of the electric model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tieline.feeders.elements import Shunt, Transformer, Winding
from tieline.feeders.pandapower.net import TO_GROUND, Net, Row, kilo, name_some, number
from tieline.feeders.pandapower.options import Options
from tieline.feeders.pandapower.tap_tables import at_position
from tieline.feeders.pandapower.taps import read_ratio, tap_range
from tieline.units import tidy


@dataclass(frozen=True, slots=True)
class Circuit:
    """Series impedance and the shunt admittances on the two windings, per unit of the transformer's own rating."""

    series: complex
    on_hv: complex
    on_lv: complex


@dataclass(frozen=True, slots=True)
class Unit:
    """A two-winding transformer to be made of a row of the columns of `trafo`, between two buses of ours; `where` as findings
    name it. `open_ends` of it are not connected.
    """

    name: str
    where: str
    row: Row
    hv_bus: str
    lv_bus: str
    open_ends: frozenset[str] = frozenset()


def read_transformers(
    net: Net, options: Options
) -> tuple[tuple[Transformer, ...], tuple[Shunt, ...]]:
    """Transformers in service; one that is open at an end is the shunt that it is at the other."""
    rows = net.rows("trafo")
    dropped = len(net.all_rows("trafo")) - len(rows)
    if dropped:
        net.warn(
            "TRAFO_OUT_OF_SERVICE",
            "trafo",
            f"{dropped} transformer(s) out of service are left out.",
        )
    _note_negative_currents(net, rows)
    return make_units(net, (_unit(net, row) for row in rows), options)


def make_units(
    net: Net, units: Iterable[Unit], options: Options
) -> tuple[tuple[Transformer, ...], tuple[Shunt, ...]]:
    """The transformers, and the shunts that stand for those that are open at one end."""
    transformers = []
    shunts = []
    for unit in units:
        transformer = _transformer(net, unit, options)
        if not unit.open_ends:
            transformers.append(transformer)
        elif len(unit.open_ends) == 1 and not options.drop_open_lines:
            shunts += _idle_shunt(net, unit, transformer)
    return tuple(transformers), tuple(shunts)


def _unit(net: Net, row: Row) -> Unit:
    name = net.element_name("trafo", row)
    where = f"trafo {name}"
    open_at = net.open_switches["t"].get(row["index"], set())
    open_ends = frozenset(
        side for side in ("hv", "lv") if row[f"{side}_bus"] in open_at
    )
    row_at_tap = at_position(net, where, row)
    hv_bus, lv_bus = (net.bus_names[row[f"{side}_bus"]] for side in ("hv", "lv"))
    return Unit(name, where, row_at_tap, hv_bus, lv_bus, open_ends)


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


def _transformer(net: Net, unit: Unit, options: Options) -> Transformer:
    row = unit.row
    ratio = read_ratio(net, unit.where, row, options)
    circuit = _circuit(row, options)
    kva = kilo(number(row, "sn_mva") * number(row, "parallel", 1.0))
    windings = (
        _winding(unit, "hv", kva, 100 * circuit.series.real, ratio.hv),
        # in one phase only the sum of both resistances matters
        _winding(unit, "lv", kva, 0.0, ratio.lv),
    )
    return Transformer(
        unit.name,
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


def _idle_shunt(net: Net, unit: Unit, transformer: Transformer) -> Iterator[Shunt]:
    """What a transformer that is open at one end takes at the other: half of its core, and the other half behind the leakage."""
    high, low = transformer.windings
    on_hv = complex(
        transformer.first_noload_loss_pct, -transformer.first_magnetizing_pct
    )
    on_lv = complex(transformer.noload_loss_pct, -transformer.magnetizing_pct)
    winding, near, far = high, on_hv, on_lv
    if "hv" in unit.open_ends:
        winding, near, far = low, on_lv, on_hv
    # all in percent of the rating: 100 % is one per unit
    leakage = complex(high.r_pct, transformer.x_pct[0]) / 100
    idle = near / 100 + (1 / (leakage + 100 / far) if far else 0)
    if idle == 0:
        return
    yield Shunt(
        net.made_up_name("shunt", f"idle_{unit.name}"),
        winding.bus,
        TO_GROUND,
        "wye",
        winding.kv * winding.tap,
        p_kw=tidy(idle.real * winding.kva),
        q_kvar=tidy(-idle.imag * winding.kva),
        is_loss=True,
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


def _winding(unit: Unit, side: str, kva: float, r_pct: float, tap: float) -> Winding:
    tap_min, tap_max, steps = tap_range(unit.row, side, tap)
    kv = number(unit.row, f"vn_{side}_kv")
    return Winding(
        bus=unit.hv_bus if side == "hv" else unit.lv_bus,
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
