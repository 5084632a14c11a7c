"""What hangs at the buses of a feeder as appliances of a data set."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from tieline.feeders.connections import phase_pairs
from tieline.feeders.elements import (
    Capacitor,
    Der,
    Generator,
    Load,
    Shunt,
    Source,
    Storage,
)
from tieline.feeders.power_grid_model.grid import THREE
from tieline.feeders.power_grid_model.written import Written
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.units import S_BASE_KVA, SQRT3, base_ohm

TYPES = (1, 2, 0)
"""`type` of each share of a load, in the order of the shares. Source: power-grid-model, `LoadGenType`."""

EXPONENTS = (2, 1, 0)
"""By which power of the voltage each share goes."""

ALIKE = 1e-9
"""Two ratios of R to X that differ by no more than rounding."""


def write_sources(written: Written) -> None:
    """Sources by their short-circuit power; one whose zero sequence has another ratio of R to X stands behind a line."""
    for source in written.feeder.sources:
        if source.phase_v_pu is not None or source.phase_angle_deg is not None:
            message = "its phases have voltages of their own."
            written.refuse(f"source {source.name}", message)
        if _is_plain(written, source):
            _add_source(
                written, source, written.node(source.bus), _plain(written, source)
            )
        else:
            _add_behind_line(written, source)


def refuse_current_sources(written: Written) -> None:
    """A source of the format has a voltage, and a load of constant current follows the angle of its voltage."""
    for source in written.feeder.current_sources:
        message = "it drives a current of fixed angle, which the format does not know."
        remedy = "Write tables or an OpenDSS script, or take it out (feeder.without)."
        written.refuse(f"current source {source.name}", message, remedy)


def _is_plain(written: Written, source: Source) -> bool:
    """Whether the format's own impedance says that of the source."""
    z1_ohm = complex(source.r1_ohm, source.x1_ohm)
    if z1_ohm == 0:
        return True
    # the format states a ratio of R to X, and no reactance would make it infinite
    if source.x1_ohm <= 0:
        return False
    if written.feeder.single_phase_equivalent:
        return True
    ratio = complex(source.r0_ohm, source.x0_ohm) / z1_ohm
    return ratio.real > 0 and abs(ratio.imag) <= ALIKE * ratio.real


def _add_source(
    written: Written, source: Source, node: int, impedance: dict[str, float]
) -> None:
    written.add(
        "source",
        source.name,
        node=node,
        status=1,
        u_ref=source.v_pu * source.kv_ll / written.kv(source.bus),
        u_ref_angle=math.radians(source.angle_deg),
        **impedance,
    )


def _plain(written: Written, source: Source) -> dict[str, float]:
    z1_ohm = math.hypot(source.r1_ohm, source.x1_ohm)
    if z1_ohm == 0:
        return _ideal(written, source)
    z0_ohm = math.hypot(source.r0_ohm, source.x0_ohm)
    return {
        "sk": _short_circuit_va(written, source, z1_ohm),
        "rx_ratio": source.r1_ohm / source.x1_ohm,
        "z01_ratio": z0_ohm / z1_ohm or 1.0,
    }


def _ideal(written: Written, source: Source) -> dict[str, float]:
    z_ohm = smallest_impedance_pu(written.feeder) * base_ohm(source.kv_ll)
    return {"sk": _short_circuit_va(written, source, z_ohm), "rx_ratio": 0.0}


def _add_behind_line(written: Written, source: Source) -> None:
    bus = written.feeder.bus(source.bus)
    behind = f"behind_{source.name}"
    node = written.add_node(replace(bus, name=behind))
    _add_source(written, source, node, _ideal(written, source))
    written.add(
        "line",
        behind,
        from_node=node,
        to_node=written.node(source.bus),
        from_status=1,
        to_status=1,
        r1=source.r1_ohm,
        x1=source.x1_ohm,
        c1=0.0,
        tan1=0.0,
        r0=source.r0_ohm,
        x0=source.x0_ohm,
        c0=0.0,
        tan0=0.0,
    )


def _short_circuit_va(written: Written, source: Source, z_ohm: float) -> float:
    """At the rated voltage of the node, which the format refers to."""
    return base_ohm(written.kv(source.bus)) * S_BASE_KVA * 1e3 / z_ohm


def write_loads(written: Written) -> None:
    """Loads, one for each share of impedance, current and power that they have."""
    for load in written.feeder.loads:
        if load.exponents is not None:
            what = (
                "it follows the voltage by exponents, which the format does not know."
            )
            written.refuse(f"load {load.name}", what)
            continue
        shares = zip(TYPES, EXPONENTS, load.zip_p, load.zip_q, strict=True)
        parts = [share for share in shares if any(share[2:])]
        kv_ratio = _kv_ratio(written, load)
        for kind, exponent, share_p, share_q in parts:
            # one kind alone keeps the name of the load
            name = load.name if len(parts) == 1 else f"{load.name}_{kind}"
            # the format rates a load at the voltage of its node
            factor = kv_ratio**exponent
            p_kw = load.p_kw * share_p * factor
            q_kvar = load.q_kvar * share_q * factor
            _add_power(written, load, name, kind, complex(p_kw, q_kvar), "load")


def _kv_ratio(written: Written, load: Load | Shunt) -> float:
    """Rated voltage of the node across a phase per rated voltage of an element there."""
    return _phase_kv(written, load.bus) / load.kv


def _phase_kv(written: Written, bus: str) -> float:
    kv_ll = written.kv(bus)
    # the one phase of a balanced equivalent carries the line-to-line voltage
    if written.feeder.single_phase_equivalent:
        return kv_ll
    return kv_ll / SQRT3


def _add_power(
    written: Written,
    element: Load | Der,
    name: str,
    kind: int,
    kva: complex,
    what: str,
) -> int | None:
    """A load or generator of all phases or, with a power for each, of some; None if it is not to earth."""
    if element.connection != "wye" or element.nodes[-1] != 0:
        message = "it is not between phases and earth."
        written.refuse(f"{what} {element.name}", message)
        return None
    values: dict[str, Any] = {
        "node": written.node(element.bus),
        "status": 1,
        "type": kind,
    }
    phases = element.nodes[:-1]
    p_w = kva.real * 1e3
    q_var = kva.imag * 1e3
    # a symmetric power is that of all phases, an asymmetric one a list of theirs
    if len(phases) == len(written.phases):
        values |= {"p_specified": p_w, "q_specified": q_var}
        return written.add(f"sym_{what}", name, **values)
    count = len(phases)
    for letter, power in (("p", p_w), ("q", q_var)):
        by_phase = [power / count if phase in phases else 0.0 for phase in THREE]
        values[f"{letter}_specified"] = by_phase
    return written.add(f"asym_{what}", name, **values)


def write_ders(written: Written) -> None:
    """DERs as generators of constant power at their snapshot."""
    for der in written.feeder.ders:
        p_kw = _injected_kw(der)
        kva = complex(p_kw, der.q_kvar)
        number = _add_power(written, der, der.name, 0, kva, "gen")
        if isinstance(der, Generator) and der.held_v_pu is not None and number:
            _add_regulator(written, der, number)


def _injected_kw(der: Der) -> float:
    if isinstance(der, Storage):
        return der.p_discharge_kw - der.p_charge_kw
    return der.p_kw


def _add_regulator(written: Written, unit: Generator, number: int) -> None:
    u_ref = (unit.held_v_pu or 0.0) * unit.kv / _phase_kv(written, unit.bus)
    limits = {}
    if unit.held_q_low_kvar is not None and unit.held_q_high_kvar is not None:
        limits["q_min"] = unit.held_q_low_kvar * 1e3
        limits["q_max"] = unit.held_q_high_kvar * 1e3
    written.add(
        "voltage_regulator",
        f"regulator_of_{unit.name}",
        regulated_object=number,
        status=1,
        u_ref=u_ref,
        **limits,
    )


def write_capacitors(written: Written) -> None:
    """Capacitors as shunts with the steps that are in."""
    for bank in written.feeder.capacitors:
        kvar = bank.kvar * bank.steps_on / bank.steps
        kv = bank.kv
        # of several phases in a star the rated voltage is that between them
        if bank.connection == "wye" and len(bank.nodes) > 2:
            kv /= SQRT3
        _add_admittance(written, bank, kv, complex(0.0, -kvar), "capacitor")


def write_shunts(written: Written) -> None:
    """Shunts."""
    for shunt in written.feeder.shunts:
        kva = complex(shunt.p_kw, shunt.q_kvar)
        _add_admittance(written, shunt, shunt.kv, kva, "shunt")


def _add_admittance(
    written: Written, element: Capacitor | Shunt, kv: float, kva: complex, kind: str
) -> None:
    """A shunt of all phases, or a load of constant impedance at some."""
    name = element.name
    bus = element.bus
    n_phases = len(phase_pairs(element.nodes, element.connection))
    per_phase_s = kva.conjugate() / n_phases / kv**2 / 1e3
    is_to_earth = element.nodes[-1] == 0
    if element.connection == "delta" and n_phases == len(THREE):
        # a delta is a star of three times its admittance that no zero sequence sees
        written.add_shunt(name, bus, 3 * per_phase_s, 0j)
    elif is_to_earth and n_phases == len(written.phases):
        written.add_shunt(name, bus, per_phase_s, per_phase_s)
    elif is_to_earth:
        # a shunt of the format has all phases, a load of constant impedance need not
        kv_ratio = _phase_kv(written, bus) / kv
        at_rated = kva * kv_ratio**2
        as_load = Load(name, bus, element.nodes, "wye", kv, 0.0, 0.0)
        _add_power(written, as_load, name, 1, at_rated, "load")
    else:
        message = "it is neither to earth nor a delta of three phases."
        written.refuse(f"{kind} {element.name}", message)
