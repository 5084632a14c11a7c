"""Random loads of all models, PV, storage, generators, capacitors, shunt reactors, current sources; bands wide and narrow."""

from __future__ import annotations

from dataclasses import dataclass

from soak.dss.draw import NEUTRAL, Draw, Spot, at

LOAD_MODELS = (1, 1, 1, 2, 3, 4, 5, 6, 7, 8)
JUMPING = (3, 4)
"""Models whose power jumps at the edge of the band: there two solutions may stand, and each program finds one."""

WIDE_BAND = " vminpu=0.7 vmaxpu=1.3"
SHARES = (
    "0.2 0.3 0.5 0.4 0.1 0.5 0",
    "0 0 1 1 0 0 0",
    "0.5 0.5 0 0 0.3 0.7 0",
    "1 0 0 0 0 1 0",
)


@dataclass(frozen=True)
class Tie:
    """How a device hangs on a bus: its nodes, connection, and the rated voltage that OpenDSS wants for it."""

    nodes: tuple[int, ...]
    phases: int
    connection: str
    kv: float

    def text(self, bus: str) -> str:
        """The properties that say so."""
        return f"phases={self.phases} bus1={at(bus, self.nodes)} conn={self.connection} kv={self.kv:.6g}"


def add_load(draw: Draw, spot: Spot) -> None:
    """A load of 1 to 12 per cent of what the bus can carry."""
    tie = _tie(draw, spot)
    kw = _size(draw, spot, 0.01, 0.12)
    power = draw.one_of(
        [f"pf={draw.between(0.8, 1)}", f"kvar={draw.between(-0.2, 0.6) * kw:.5g}"]
    )
    model = draw.one_of(LOAD_MODELS)
    band = WIDE_BAND if model in JUMPING else _band(draw)
    told = f"kw={kw} {power} model={model}{_model(draw, model)}{band}"
    draw.add(f"new load.{draw.name('load')} {tie.text(spot.name)} {told}")


def add_pv(draw: Draw, spot: Spot, strength: float = 1.0) -> None:
    """A PV system."""
    tie = _tie(draw, spot)
    kva = _size(draw, spot, 0.03 * strength, 0.2 * strength)
    sun = draw.one_of([1.0, draw.between(0.1, 1.0)])
    extra = draw.one_of(
        [
            "",
            f" pf={draw.between(0.9, 1)}",
            f" kvar={draw.between(-0.3, 0.3) * kva:.5g}",
            f" %pmpp={draw.between(50, 100)}",
        ]
    )
    panels = f"pmpp={draw.between(0.5, 0.9) * kva:.5g} irradiance={sun}"
    draw.add(
        f"new pvsystem.{draw.name('pv')} {tie.text(spot.name)} kva={kva} {panels}{extra}{_der_band(draw, tie)}"
    )


def add_storage(draw: Draw, spot: Spot) -> None:
    """A battery that charges, discharges, or idles, with and without loss."""
    tie = _tie(draw, spot)
    kw = _size(draw, spot, 0.03, 0.15)
    state = draw.one_of(["charging", "discharging", "idling"])
    share = {
        "charging": f" %charge={draw.between(20, 100)}",
        "discharging": f" %discharge={draw.between(20, 100)}",
        "idling": "",
    }
    idling = draw.one_of([0, 0, 1])
    energy = f"kwrated={kw} kwhrated={3 * kw:.5g} kwhstored={1.5 * kw:.5g} kva={1.2 * kw:.5g}"
    extra = draw.one_of(
        ["", f" kvar={draw.between(-0.2, 0.2) * kw:.5g}", f" pf={draw.between(0.9, 1)}"]
    )
    told = (
        f"state={state}{share[state]} %idlingkw={idling}{extra}{_der_band(draw, tie)}"
    )
    draw.add(f"new storage.{draw.name('bat')} {tie.text(spot.name)} {energy} {told}")


def add_generator(draw: Draw, spot: Spot, strength: float = 1.0) -> None:
    """A generator, mostly of constant power."""
    tie = _tie(draw, spot)
    kw = _size(draw, spot, 0.03 * strength, 0.2 * strength)
    power = draw.one_of(
        [f"pf={draw.between(0.85, 1)}", f"kvar={draw.between(-0.3, 0.3) * kw:.5g}"]
    )
    model = draw.one_of([1] * 9 + [7])
    told = f"kw={kw} {power} kva={1.3 * kw:.5g} model={model}{_der_band(draw, tie)}"
    draw.add(f"new generator.{draw.name('gen')} {tie.text(spot.name)} {told}")


def add_capacitor(draw: Draw, spot: Spot) -> None:
    """A bank, with steps or without, perhaps open."""
    if spot.neutral:
        return  # to ground it would push its current through the electrode, and it has no other neutral
    tie = _tie(draw, spot, to_ground=True)
    kvar = _size(draw, spot, 0.02, 0.15)
    name = draw.name("cap")
    stepped = f" numsteps=3 kvar=[{kvar} {draw.one_of([1, 1, 2]) * kvar:.5g} {kvar}] states=[1 {draw.one_of([0, 1])} 0]"
    # a delta is read as one step
    steps = stepped if tie.connection == "wye" and draw.chance(0.4) else ""
    lines = [f"new capacitor.{name} {tie.text(spot.name)} kvar={kvar}{steps}"]
    if draw.chance(0.1):
        lines.append(f"open capacitor.{name} 1")
    draw.add(*lines)


def add_shunt(draw: Draw, spot: Spot) -> None:
    """A shunt reactor; on a floating part it is what ties the phases to ground."""
    if spot.split or spot.neutral:
        return
    tie = _tie(draw, spot, to_ground=True)
    if draw.chance(0.5):
        nodes = draw.one_of(spot.phases)
        ohm = spot.kv_ln**2 * 1e3 / max(spot.kva, 1) * draw.between(10, 100)
        draw.add(
            f"new reactor.{draw.name('sh')} phases=1 bus1={at(spot.name, [nodes])} r={ohm:.5g} x={ohm:.5g}"
        )
    else:
        draw.add(
            f"new reactor.{draw.name('sh')} {tie.text(spot.name)} kvar={_size(draw, spot, 0.01, 0.06)}"
        )


def add_current_source(draw: Draw, spot: Spot) -> None:
    """A current source of any sequence; on a floating part its current returns at another phase."""
    amps = _size(draw, spot, 0.01, 0.1) / spot.kv_ln
    head = f"new isource.{draw.name('cs')}"
    told = f"amps={amps:.5g} angle={draw.between(-180, 180)}"
    if spot.floats or draw.chance(0.3):
        if len(spot.phases) < 2:
            return
        first, second = draw.some_of(spot.phases, 2)
        ends = f"bus1={at(spot.name, [first])} bus2={at(spot.name, [second])}"
        draw.add(f"{head} phases=1 {ends} {told}")
        return
    count = len(spot.phases)
    sequence = draw.one_of(["pos", "neg", "zero"])
    # the engine grounds as many conductors as it has phases when it meets the bus
    place = f"phases={count} bus1={at(spot.name, spot.phases)}"
    draw.add(f"{head} {place} {told} sequence={sequence}")


def _tie(draw: Draw, spot: Spot, *, to_ground: bool = False) -> Tie:
    """Any connection that a bus allows: between phases where it floats, else also to the neutral, or to ground without one.

    Power that returned through an electrode of some ohm would be more than a low voltage can push through it.
    """
    count = len(spot.phases)
    between = spot.floats or (count > 1 and draw.chance(0.3))
    if spot.split and between:
        return Tie((1, 2), 1, "delta" if draw.chance(0.5) else "wye", spot.kv_ll)
    if between and count == 3 and draw.chance(0.5):
        return Tie((1, 2, 3), 3, "delta", spot.kv_ll)
    if between:
        return Tie(
            draw.some_of(spot.phases, 2), 1, draw.one_of(["delta", "wye"]), spot.kv_ll
        )
    neutral = () if to_ground or not spot.neutral else (NEUTRAL,)
    phases = (
        spot.phases
        if not spot.split and draw.chance(0.4)
        else (draw.one_of(spot.phases),)
    )
    kv = spot.kv_ln if len(phases) == 1 else spot.kv_ll
    return Tie((*phases, *neutral), len(phases), "wye", kv)


def _size(draw: Draw, spot: Spot, low: float, high: float) -> float:
    return float(f"{spot.kva * draw.between(low, high):.5g}")


def _model(draw: Draw, model: int) -> str:
    if model == 8:
        return f" zipv=[{draw.one_of(SHARES)}]"
    if model == 4:
        return f" cvrwatts={draw.one_of([0, 1, 2])} cvrvars={draw.one_of([0, 1, 2])}"
    return ""


def _band(draw: Draw) -> str:
    """Mostly wide, sometimes the engine's own, sometimes so narrow that the load leaves it."""
    return draw.one_of(
        [
            WIDE_BAND,
            WIDE_BAND,
            "",
            f" vminpu={draw.between(0.9, 1.0)} vmaxpu={draw.between(1.01, 1.1)}",
        ]
    )


def _der_band(draw: Draw, tie: Tie) -> str:
    """As `_band`. OpenDSS gives one branch between phases a third of its power outside the band: near the edge that jump has two
    solutions, so these keep a wide one.
    """
    wide = " vminpu=0.5 vmaxpu=1.5"
    if tie.connection == "delta" and tie.phases == 1:
        return wide
    return draw.one_of(
        [
            wide,
            wide,
            "",
            f" vminpu={draw.between(0.95, 1.0)} vmaxpu={draw.between(1.005, 1.05)}",
        ]
    )
