"""Random controls that act: regulators in one or three phases, forward and reversible, and capacitor controls."""

from __future__ import annotations

from soak.dss.devices import add_generator
from soak.dss.draw import Draw, Spot, at

PT_VOLTS = 120.0


def add_regulator(draw: Draw, start: Spot) -> Spot | None:
    """A regulator to a new bus: one three-phase unit that watches one phase, or a unit for each phase."""
    if start.floats or start.split or start.kv_ln < 1 or len(start.phases) < 3:
        return None
    end = Spot(draw.name("b"), start.phases, start.kv_ln, start.kva * 0.9)
    (_one_unit if draw.chance(0.4) else _three_units)(draw, start, end)
    draw.settle(end)
    if draw.chance(0.4):
        add_generator(draw, end, strength=5.0)
    return end


def add_capacitor_control(draw: Draw, spot: Spot, line: str) -> None:
    """A bank with a control that measures at a line."""
    if spot.floats or spot.split or len(spot.phases) < 3:
        return
    name, kvar = draw.name("bank"), float(f"{spot.kva * draw.between(0.05, 0.2):.4g}")
    pt = round(spot.kv_ln * 1e3 / PT_VOLTS, 4)
    low = draw.between(115, 120, 2)
    settings = {
        "voltage": f"ptratio={pt} onsetting={low} offsetting={low + draw.between(3, 6, 2)}",
        "kvar": f"onsetting={kvar * 0.6:.4g} offsetting={-kvar * 0.5:.4g}",
        "current": f"ctratio=1 onsetting={draw.between(5, 60, 1)} offsetting={draw.between(1, 4, 1)}",
    }
    kind = draw.one_of(list(settings))
    state = draw.one_of(["", " states=[0]"])
    control = f"new capcontrol.{name} capacitor={name} element=line.{line} terminal=1 type={kind} {settings[kind]}"
    draw.add(
        f"new capacitor.{name} bus1={spot.name} phases=3 kv={spot.kv_ll:.6g} kvar={kvar}{state}",
        control,
    )


def _one_unit(draw: Draw, start: Spot, end: Spot) -> None:
    name, kv, kva = draw.name("reg"), f"{start.kv_ll:.6g}", round(2 * start.kva)
    buses = f"buses=[{start.name} {end.name}] conns=[wye wye]"
    unit = f"new transformer.{name} phases=3 {buses} kvs=[{kv} {kv}] kvas=[{kva} {kva}] xhl=0.2 %loadloss=0.01"
    watched = draw.one_of([1, 2, 3])
    draw.add(
        unit,
        f"new regcontrol.{name} transformer={name} winding=2 ptphase={watched} {_settings(draw, start)}",
    )


def _three_units(draw: Draw, start: Spot, end: Spot) -> None:
    settings, kv, kva = _settings(draw, start), f"{start.kv_ln:.6g}", round(start.kva)
    for phase in start.phases:
        name = draw.name("reg")
        buses = f"buses=[{at(start.name, [phase])} {at(end.name, [phase])}]"
        unit = f"new transformer.{name} phases=1 {buses} kvs=[{kv} {kv}] kvas=[{kva} {kva}] xhl=0.2 %loadloss=0.01"
        draw.add(unit, f"new regcontrol.{name} transformer={name} winding=2 {settings}")


def _settings(draw: Draw, start: Spot) -> str:
    pt = round(start.kv_ln * 1e3 / PT_VOLTS, 4)
    told = f"vreg={draw.between(118, 124, 1)} band={draw.between(1.6, 3, 1)} ptratio={pt} delay={draw.one_of([15, 30])}"
    if draw.chance(0.4):
        told += f" ctprim={draw.one_of([100, 300])} r={draw.between(0, 4, 1)} x={draw.between(0, 4, 1)}"
    reverse = draw.one_of(
        ["", "", "revneutral=yes", f"revvreg={draw.between(117, 123, 1)} revband=2"]
    )
    return f"{told} reversible=yes {reverse}".rstrip() if draw.chance(0.4) else told
