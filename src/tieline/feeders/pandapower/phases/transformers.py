"""Transformers with their phases: a delta-wye or delta-delta body for the positive sequence, and what its zero sequence differs.

The zero sequence of Dyn and Yzn ends at the low side: seen from there it is the part of the leakage on that side and behind it
the magnetising branch beside the rest. In the pi circuit of its star of three impedances that is

    Y0 = Y_AB + Y_BN

What the body has of its own is taken off: a shunt between phases and ground beside one of the opposite power between the
phases is an admittance for the zero sequence alone. `runpp_3ph` counts Yzn 2 / sqrt(3) times, with the magnetising branch left
out, and so does this. Source: pandapower documentation, "Transformer", zero sequence parameters; code of `pd2ppc_zero`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tieline.feeders.elements import Nodes, Shunt, Transformer, Winding
from tieline.feeders.pandapower.asymmetric import DELTA, WYE
from tieline.feeders.pandapower.net import Net, Row, number
from tieline.feeders.pandapower.phases.lacking import hour, vector_group
from tieline.units import SQRT3, tidy

ZIGZAG_FACTOR = 1.1547
"""2 / sqrt(3) as `runpp_3ph` has it."""


@dataclass(frozen=True, slots=True)
class Pi:
    """Admittances between the sides and from each to ground, per unit of the transformer's own rating."""

    between: complex
    on_hv: complex
    on_lv: complex


def spread_transformers(
    net: Net, units: Sequence[Transformer]
) -> tuple[tuple[Transformer, ...], tuple[Shunt, ...]]:
    """Three-phase transformers, and the shunts that make their zero sequence."""
    rows = {net.element_name("trafo", row): row for row in net.rows("trafo")}
    spread = []
    corrections: list[Shunt] = []
    for unit in units:
        body = _body(unit)
        spread.append(body)
        missing_pu = _zero_sequence(rows[unit.name]) - _zero_of(body)
        corrections += _zero_shunts(net, body, missing_pu)
    return tuple(spread), tuple(corrections)


def _body(unit: Transformer) -> Transformer:
    """A unit whose connections make its shift."""
    clock = hour(unit.shift_deg) or 0
    high, low = unit.windings
    primary = replace(high, nodes=DELTA, connection="delta")
    if clock % 2 == 0:
        # both deltas: nothing but the order of phases can turn them
        nodes = _turned(DELTA, clock // 4)
        secondary = replace(low, nodes=nodes, connection="delta")
        return replace(unit, phases=3, windings=(primary, secondary), shift_deg=0.0)
    # one hour behind, or one ahead, and further ones by the order of phases
    is_ahead = clock % 4 == 3
    turns = (clock - 11) // 4 % 3 if is_ahead else clock // 4
    secondary = replace(low, nodes=(*_turned(DELTA, turns), 0), connection="wye")
    return replace(
        unit,
        phases=3,
        windings=(primary, secondary),
        shift_deg=0.0,
        # which side lags is said of the one of lower voltage
        low_side_leads=is_ahead == (high.kv >= low.kv),
    )


def _turned(nodes: Nodes, turns: int) -> Nodes:
    """Nodes of the three legs, each voltage `turns` times 120 degrees later."""
    return tuple(nodes[(k - turns) % 3] for k in range(3))


def _zero_of(body: Transformer) -> complex:
    """Zero-sequence admittance of the body at its low side; a delta there has none."""
    if body.windings[1].connection == "delta":
        return 0j
    r_pct = sum(winding.r_pct for winding in body.windings)
    leakage = complex(r_pct, body.x_pct[0]) / 100
    core = complex(body.noload_loss_pct, -body.magnetizing_pct) / 100
    return 1 / leakage + core


def _zero_sequence(row: Row) -> complex:
    """Zero-sequence admittance at the low side, per unit of the transformer's rating."""
    pi = _pi(row)
    if vector_group(row) == "dyn":
        return pi.between + pi.on_lv
    in_series = 1 / (1 / pi.between + 1 / pi.on_hv)
    return ZIGZAG_FACTOR * (in_series + pi.on_lv)


def _pi(row: Row) -> Pi:
    """The star of both leakages and the magnetising branch, as a pi."""
    size = number(row, "vk0_percent") or number(row, "vk_percent")
    real = number(row, "vkr0_percent") or number(row, "vkr_percent")
    reactance = math.copysign(math.sqrt(max(size**2 - real**2, 0.0)), size)
    leakage = complex(real, reactance) / 100
    rx = number(row, "mag0_rx")
    x_core = size / 100 * number(row, "mag0_percent") / 100 / math.sqrt(1 + rx**2)
    core = complex(rx * x_core, x_core)
    high = number(row, "si0_hv_partial") * leakage
    low = leakage - high
    total = high * low + low * core + high * core
    return Pi(between=core / total, on_hv=low / total, on_lv=high / total)


def _zero_shunts(net: Net, body: Transformer, missing_pu: complex) -> Iterator[Shunt]:
    """The shunts that have an admittance for the zero sequence alone at the low side."""
    low: Winding = body.windings[1]
    p_kw = tidy(missing_pu.real * low.kva)
    q_kvar = tidy(-missing_pu.imag * low.kva)
    if p_kw == 0 and q_kvar == 0:
        return
    kv = low.kv * low.tap
    to_ground = net.made_up_name("shunt", f"{body.name}_zero_sequence")
    between = net.made_up_name("shunt", f"{to_ground}_only")
    yield Shunt(to_ground, low.bus, WYE, "wye", kv / SQRT3, p_kw, q_kvar, is_loss=True)
    yield Shunt(between, low.bus, DELTA, "delta", kv, -p_kw, -q_kvar, is_loss=True)
