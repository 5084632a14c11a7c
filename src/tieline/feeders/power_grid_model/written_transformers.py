"""Transformers of a feeder as components of a data set.

In a balanced feeder each winding leads through a generic branch to the next, or to a star point if there are more than two; this
says any ratio, shift, charging and resistance. In three phases a unit of two windings is a transformer with its vector group.
Cores stand as shunts on the windings where the feeder has them, as the format would put half of them on either side.
"""

from __future__ import annotations

import math

from tieline.feeders.elements import Bus, Transformer, Winding
from tieline.feeders.power_grid_model.circuits import WYE_N
from tieline.feeders.power_grid_model.windings import DELTA
from tieline.feeders.power_grid_model.written import Written
from tieline.feeders.windings import delta_direction

CLOSED = {"from_status": 1, "to_status": 1}


def write_transformers(written: Written) -> None:
    """All transformers."""
    for unit in written.feeder.transformers:
        if not written.feeder.single_phase_equivalent:
            _write_three_phases(written, unit)
        elif len(unit.windings) == 2:
            _write_branch(written, unit)
            _write_cores(written, unit)
        elif len(unit.windings) == 3:
            _write_star(written, unit)
            _write_cores(written, unit)
        else:
            message = f"it has {len(unit.windings)} windings."
            written.refuse(f"transformer {unit.name}", message)


def _series_pu(unit: Transformer) -> complex:
    """Leakage impedance between the first two windings, per unit of the first one's rating."""
    first, second = unit.windings[:2]
    return complex(first.r_pct + second.r_pct, unit.x_pct[0]) / 100


def _write_branch(written: Written, unit: Transformer) -> None:
    first, second = unit.windings
    second_kv = second.kv * second.tap
    # impedances of the format are those seen from the second side
    base_ohm = second_kv**2 * 1e3 / first.kva
    z_ohm = _series_pu(unit) * base_ohm
    ratio = _ratio(written, first) / _ratio(written, second)
    shift = math.radians(unit.shift_deg)
    _add_branch(written, unit, unit.name, first.bus, second.bus, z_ohm, ratio, shift)


def _ratio(written: Written, winding: Winding) -> float:
    """Voltage of a winding at its tap per rated voltage of its bus."""
    return winding.kv * winding.tap / written.kv(winding.bus)


def _add_branch(
    written: Written,
    unit: Transformer,
    name: str,
    first_bus: str,
    second_bus: str,
    z_ohm: complex,
    ratio: float,
    shift_rad: float,
) -> None:
    rating_kva = unit.rating_kva or unit.windings[0].kva
    written.add(
        "generic_branch",
        name,
        from_node=written.node(first_bus),
        to_node=written.node(second_bus),
        **CLOSED,
        r1=z_ohm.real,
        x1=z_ohm.imag,
        g1=0.0,
        b1=0.0,
        k=ratio,
        theta=shift_rad,
        sn=rating_kva * 1e3,
    )


def _write_star(written: Written, unit: Transformer) -> None:
    """Three windings around a bus at the rated voltage of the first."""
    first = unit.windings[0]
    star = Bus(f"star_of_{unit.name}", (1,), first.kv)
    written.add_node(star)
    reactances = _leg_reactances(unit)
    # 1 % of kV^2 / MVA
    one_pct_ohm = first.kv**2 * 10.0 / first.kva
    # all other windings lag the first one, so that its leg alone is shifted
    shift_rad = math.radians(unit.shift_deg)
    for k, winding in enumerate(unit.windings):
        z_ohm = complex(winding.r_pct, reactances[k]) * one_pct_ohm
        ratio = _ratio(written, winding)
        name = f"{unit.name}_{k + 1}"
        buses = (winding.bus, star.name)
        _add_branch(written, unit, name, *buses, z_ohm, ratio, shift_rad)
        shift_rad = 0.0


def _leg_reactances(unit: Transformer) -> tuple[float, float, float]:
    """Of each winding to the star point, per cent of the first rating: two of them make what is measured between the two."""
    x_12, x_13, x_23 = unit.x_pct
    half_sum = (x_12 + x_13 + x_23) / 2
    return half_sum - x_23, half_sum - x_13, half_sum - x_12


def _write_cores(written: Written, unit: Transformer) -> None:
    """No-load loss and magnetising current of the first two windings."""
    cores = (
        complex(unit.first_noload_loss_pct, -unit.first_magnetizing_pct),
        complex(unit.noload_loss_pct, -unit.magnetizing_pct),
    )
    rated_va = unit.windings[0].kva * 1e3
    for k, core_pct in enumerate(cores):
        winding = unit.windings[k]
        volt = winding.kv * winding.tap * 1e3
        y1_s = core_pct / 100 * rated_va / volt**2
        # a delta takes nothing from a voltage that is the same in all phases
        y0_s = y1_s if winding.connection == "wye" else 0j
        name = f"core_{k + 1}_of_{unit.name}"
        written.add_shunt(name, winding.bus, y1_s, y0_s)


def _write_three_phases(written: Written, unit: Transformer) -> None:
    where = f"transformer {unit.name}"
    problem = _problem(unit)
    if problem:
        written.refuse(where, problem)
        return
    first, second = unit.windings
    series = _series_pu(unit)
    rated_va = first.kva * 1e3
    written.add(
        "transformer",
        unit.name,
        from_node=written.node(first.bus),
        to_node=written.node(second.bus),
        **CLOSED,
        u1=first.kv * first.tap * 1e3,
        u2=second.kv * second.tap * 1e3,
        sn=rated_va,
        uk=abs(series),
        pk=series.real * rated_va,
        i0=0.0,
        p0=0.0,
        winding_from=_kind(first),
        winding_to=_kind(second),
        clock=_clock(unit),
        tap_side=0,
        tap_pos=0,
        tap_min=0,
        tap_max=0,
        tap_nom=0,
        tap_size=0.0,
    )
    _write_cores(written, unit)


def _problem(unit: Transformer) -> str:
    """Why the format cannot say a unit; nothing if it can."""
    if unit.phases != 3 or len(unit.windings) != 2:
        return f"it has {unit.phases} phase(s) and {len(unit.windings)} windings."
    for winding in unit.windings:
        if winding.nodes not in ((1, 2, 3), (1, 2, 3, 0)):
            nodes = ".".join(map(str, winding.nodes))
            return f"a winding has the nodes {nodes}, not 1.2.3 or 1.2.3.0."
    series = _series_pu(unit)
    if series.imag < 0 or abs(series) >= 1:
        return "its short-circuit voltage is not between 0 and 100 %."
    return ""


def _kind(winding: Winding) -> int:
    return WYE_N if winding.connection == "wye" else DELTA


def _clock(unit: Transformer) -> int:
    """Hours by which the second winding lags the first."""
    first, second = unit.windings
    if first.connection == second.connection:
        return 0
    lags = delta_direction(unit) == (1 if first.connection == "wye" else -1)
    return 1 if lags else 11
