"""A feeder as an OpenDSS script: `opendss_script(feeder) -> str`, the way back of the reader.

Loads keep their ZIP model at any voltage (`vminpu`, `vmaxpu` far out); DERs become generators of constant power at their snapshot. A
single-phase equivalent becomes a one-phase circuit, so powers are totals and voltages line-to-line. An ideal source gets a millionth of an
ohm. Left out: coordinates, ratings, voltage bases (the script solves without them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Capacitor,
    CapacitorControl,
    Der,
    Line,
    Load,
    Matrix,
    Nodes,
    Regulator,
    Shunt,
    Source,
    Storage,
    Transformer,
)
from tieline.feeders.feeder import Feeder
from tieline.units import SQRT3

ALMOST_IDEAL_OHM = 1e-6
MODELS = {CONSTANT_POWER: 1, CONSTANT_IMPEDANCE: 2, CONSTANT_CURRENT: 5}


def opendss_script(feeder: Feeder) -> str:
    """Commands that define the feeder, one per line."""
    return "\n".join(_commands(feeder)) + "\n"


def _commands(feeder: Feeder) -> Iterator[str]:
    yield "clear"
    yield f"set defaultbasefrequency={feeder.frequency_hz!r}"
    yield _source(feeder, feeder.source)
    yield from (_line(line) for line in feeder.lines)
    yield from (f"open line.{line.name} 1" for line in feeder.lines if not line.closed)
    yield from (command for transformer in feeder.transformers for command in _transformer(transformer))
    yield from (_regulator(regulator) for regulator in feeder.regulators)
    yield from (_capacitor(capacitor) for capacitor in feeder.capacitors)
    yield from (_capacitor_control(feeder, control) for control in feeder.capacitor_controls)
    yield from (_load(load) for load in feeder.loads)
    yield from (_shunt(shunt) for shunt in feeder.shunts)
    yield from (_generator(der) for der in feeder.ders)


def _source(feeder: Feeder, source: Source) -> str:
    kv = source.kv_ll if feeder.single_phase_equivalent or len(source.nodes) > 1 else source.kv_ll / SQRT3
    x1, x0 = source.x1_ohm, source.x0_ohm
    if source.r1_ohm == 0 and x1 == 0:
        x1 = x0 = ALMOST_IDEAL_OHM
    return (
        f"new circuit.{feeder.name} bus1={_at(source.bus, source.nodes)} phases={len(source.nodes)} basekv={kv!r} pu={source.v_pu!r} "
        f"angle={source.angle_deg!r} z1=({source.r1_ohm!r} {x1!r}) z0=({source.r0_ohm!r} {x0!r})"
    )


def _at(bus: str, nodes: Iterable[int]) -> str:
    return ".".join([bus, *map(str, nodes)])


def _triangle(matrix: Matrix) -> str:
    return " | ".join(" ".join(map(repr, row)) for row in matrix)


def _line(line: Line) -> str:
    code = line.code
    return (
        f"new line.{line.name} phases={len(line.from_nodes)} bus1={_at(line.from_bus, line.from_nodes)} "
        f"bus2={_at(line.to_bus, line.to_nodes)} rmatrix=({_triangle(code.r_ohm_per_km)}) xmatrix=({_triangle(code.x_ohm_per_km)}) "
        f"cmatrix=({_triangle(code.c_nf_per_km)}) units=km length={line.length_km!r}"
    )


def _transformer(transformer: Transformer) -> Iterator[str]:
    x_names = ("xhl", "xht", "xlt")
    reactances = " ".join(f"{name}={x!r}" for name, x in zip(x_names, transformer.x_pct, strict=False))
    yield (
        f"new transformer.{transformer.name} phases={transformer.phases} windings={len(transformer.windings)} {reactances} "
        f"%noloadloss={transformer.noload_loss_pct!r} %imag={transformer.magnetizing_pct!r} "
        f"ppm_antifloat={transformer.antifloat_ppm!r} leadlag={'lead' if transformer.low_side_leads else 'lag'}"
    )
    for k, winding in enumerate(transformer.windings, start=1):
        yield (
            f"~ wdg={k} bus={_at(winding.bus, winding.nodes)} conn={winding.connection} kv={winding.kv!r} kva={winding.kva!r} "
            f"%r={winding.r_pct!r} maxtap={winding.tap_max!r} mintap={winding.tap_min!r} numtaps={winding.tap_steps} tap={winding.tap!r}"
        )


def _regulator(regulator: Regulator) -> str:
    remote = f" bus={_at(regulator.remote_bus, [regulator.remote_node or 1])}" if regulator.remote_bus else ""
    return (
        f"new regcontrol.{regulator.name} transformer={regulator.transformer} winding={regulator.winding} vreg={regulator.v_set_v!r} "
        f"band={regulator.band_v!r} ptratio={regulator.pt_ratio!r} ctprim={regulator.ct_primary_a!r} r={regulator.r_v!r} "
        f"x={regulator.x_v!r} delay={regulator.delay_s!r} ptphase={regulator.phase} maxtapchange={regulator.max_tap_change}{remote}"
    )


def _capacitor(capacitor: Capacitor) -> str:
    phases = capacitor.nodes[:-1] if capacitor.connection == "wye" else capacitor.nodes
    neutral = f" bus2={_at(capacitor.bus, [capacitor.nodes[-1]] * len(phases))}" if capacitor.connection == "wye" else ""
    states = [1] * capacitor.steps_on + [0] * (capacitor.steps - capacitor.steps_on)
    each = [capacitor.kvar / capacitor.steps] * capacitor.steps
    return (
        f"new capacitor.{capacitor.name} bus1={_at(capacitor.bus, phases)}{neutral} phases={len(phases)} conn={capacitor.connection} "
        f"kv={capacitor.kv!r} numsteps={capacitor.steps} kvar=({' '.join(map(repr, each))}) states=({' '.join(map(str, states))})"
    )


def _capacitor_control(feeder: Feeder, control: CapacitorControl) -> str:
    kind = "line" if any(line.name == control.element for line in feeder.lines) else "transformer"
    return (
        f"new capcontrol.{control.name} capacitor={control.capacitor} element={kind}.{control.element} terminal={control.terminal} "
        f"type={control.kind} onsetting={control.on_setting!r} offsetting={control.off_setting!r} ctphase={control.phase} "
        f"ptphase={control.phase} ptratio={control.pt_ratio!r} ctratio={control.ct_ratio!r} delay={control.delay_on_s!r} "
        f"delayoff={control.delay_off_s!r} voltoverride={control.voltage_override} vmin={control.v_min_v!r} vmax={control.v_max_v!r}"
    )


def _load(load: Load) -> str:
    model = MODELS.get(load.zip_p) if load.zip_p == load.zip_q else None
    shares = " ".join(map(repr, (*load.zip_p, *load.zip_q, 0.0)))
    stated = f"model={model}" if model else f"model=8 zipv=({shares})"
    power = f"kw={load.p_kw!r} kvar={load.q_kvar!r}"
    return f"new load.{load.name} {_hung(load.bus, load.nodes, load.connection, load.kv)} {power} {stated} vminpu=0.1 vmaxpu=3 vlowpu=0"


def _hung(bus: str, nodes: Nodes, connection: str, kv: float) -> str:
    """Bus, phases, connection and rated voltage of an element with power."""
    phases = len(nodes) - 1 if connection == "wye" or len(nodes) == 2 else len(nodes)
    rated = kv * SQRT3 if connection == "wye" and phases > 1 else kv
    return f"bus1={_at(bus, nodes)} phases={phases} conn={connection} kv={rated!r}"


def _shunt(shunt: Shunt) -> str:
    power = f"kw={shunt.p_kw!r} kvar={shunt.q_kvar!r}"
    return f"new load.shunt_{shunt.name} {_hung(shunt.bus, shunt.nodes, shunt.connection, shunt.kv)} {power} model=2 vminpu=0.1 vmaxpu=3"


def _generator(der: Der) -> str:
    p_kw = der.p_discharge_kw - der.p_charge_kw if isinstance(der, Storage) else der.p_kw
    power = f"kw={p_kw!r} kvar={der.q_kvar!r}"
    return f"new generator.{der.name} {_hung(der.bus, der.nodes, der.connection, der.kv)} {power} model=1 vminpu=0.1 vmaxpu=3"
