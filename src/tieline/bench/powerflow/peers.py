"""Other power-flow programs on our feeders, each solving the same scenarios to the same tolerance.

A program is given a feeder and the load of every scenario, sets up its model once, and is then a call without arguments that
solves them all and returns node voltages and the seconds its solver took. Only the solver is timed: OpenDSS is not charged for
being told the loads one by one; power-grid-model and lightsim2grid get the batch in one call, as they like it. The packages come
with the extra `bench`; one that is missing, or that cannot represent a feeder, says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.feeders import Feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve
from tieline.typing import ComplexArray, FloatArray, IntArray

TOLERANCE = 1e-8
"""Of every program, in its own measure of convergence."""


class CannotRun(Exception):
    """A peer is not installed or cannot represent the feeder; the text says which."""


@dataclass(frozen=True)
class Scenarios:
    """What is solved: the feeder, the load of each scenario (scenario, load) [kW, kvar], and whether regulators act."""

    feeder: Feeder
    network: Network
    load_kw: FloatArray
    load_kvar: FloatArray
    with_controls: bool = False

    def first(self, count: int) -> Scenarios:
        """Only the first scenarios."""
        return Scenarios(
            self.feeder,
            self.network,
            self.load_kw[:count],
            self.load_kvar[:count],
            self.with_controls,
        )


@dataclass(frozen=True)
class Answer:
    """Node voltages (scenario, node) [pu, complex] in the network's order, the seconds the solver took, and the iterations of
    each scenario, (scenario,), where the program says so.
    """

    v_pu: ComplexArray
    seconds: float
    iterations: IntArray | None = None


Program = Callable[[], Answer]
"""Solves all scenarios it was made for."""


def make_tieline(s: Scenarios) -> Program:
    """tieline itself."""

    def run() -> Answer:
        started = time.perf_counter()
        solution = solve(
            s.network,
            load_kw=s.load_kw,
            load_kvar=s.load_kvar,
            controls="feeder" if s.with_controls else "off",
            tolerance=TOLERANCE,
        )
        return Answer(solution.v_pu, time.perf_counter() - started, solution.iterations)

    return run


def make_opendss(s: Scenarios) -> Program:
    """OpenDSS, one scenario after the other, each starting from the voltages of the one before."""
    engine = import_peer("opendssdirect", "opendssdirect.py").dss.NewContext()
    for command in opendss_script(s.feeder).splitlines():
        engine.Text.Command(command)
    mode = "static" if s.with_controls else "off"
    engine.Text.Command(
        f"set tolerance={TOLERANCE} maxiterations=200 maxcontroliter=100 controlmode={mode}"
    )
    engine.Solution.Solve()
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    column = [s.network.node_index[name] for name in names]
    base_volt = s.network.node_kv[column] * 1e3

    def run() -> Answer:
        v_pu, seconds = np.empty((len(s.load_kw), s.network.n_nodes), dtype=complex), 0.0
        for scenario in range(len(s.load_kw)):
            for k in range(len(s.feeder.loads)):
                engine.Loads.Idx(k + 1)
                engine.Loads.kW(float(s.load_kw[scenario, k]))
                engine.Loads.kvar(float(s.load_kvar[scenario, k]))
            if s.with_controls:
                _reset_controls(engine, s.feeder)
            started = time.perf_counter()
            engine.Solution.Solve()
            seconds += time.perf_counter() - started
            parts = np.asarray(engine.Circuit.AllBusVolts())
            v_pu[scenario, column] = (parts[0::2] + 1j * parts[1::2]) / base_volt
        return Answer(v_pu, seconds)

    return run


def _reset_controls(engine: Any, feeder: Feeder) -> None:
    """Taps, capacitor steps and the memory of the controls back to the start, as for every scenario of tieline."""
    engine.Text.Command("reset controls")
    for transformer in feeder.transformers:
        for k, winding in enumerate(transformer.windings, start=1):
            engine.Transformers.Name(transformer.name)
            engine.Transformers.Wdg(k)
            engine.Transformers.Tap(winding.tap)
    for capacitor in feeder.capacitors:
        engine.Capacitors.Name(capacitor.name)
        engine.Capacitors.States(
            [1] * capacitor.steps_on + [0] * (capacitor.steps - capacitor.steps_on)
        )


def make_power_grid_model(s: Scenarios) -> Program:
    """power-grid-model, one batch call on all threads, symmetric calculation by iterative current."""
    pgm = import_peer("power_grid_model", "power-grid-model")
    require_simple_equivalent(s.feeder, "power-grid-model")
    feeder, buses = s.feeder, {bus.name: k for k, bus in enumerate(s.feeder.buses)}
    kind, array = pgm.ComponentType, pgm.initialize_array
    node = array(pgm.DatasetType.input, kind.node, len(buses))
    node["id"], node["u_rated"] = np.arange(len(buses)), [bus.kv_ll * 1e3 for bus in feeder.buses]
    closed = [line for line in feeder.lines if line.closed]
    lines = array(pgm.DatasetType.input, kind.line, len(closed))
    lines["id"] = len(buses) + np.arange(len(closed))
    lines["from_node"], lines["to_node"] = (
        [buses[x.from_bus] for x in closed],
        [buses[x.to_bus] for x in closed],
    )
    lines["from_status"] = lines["to_status"] = 1
    for field, matrix, scale in (
        ("r", "r_ohm_per_km", 1.0),
        ("x", "x_ohm_per_km", 1.0),
        ("c", "c_nf_per_km", 1e-9),
    ):
        values = [
            getattr(line.code, matrix)[0][0] * line.impedance_factor * scale for line in closed
        ]
        lines[f"{field}1"] = lines[f"{field}0"] = values
    lines["tan1"] = lines["tan0"] = 0.0
    source = array(pgm.DatasetType.input, kind.source, 1)
    source["id"], source["node"], source["status"] = 10**6, buses[feeder.source.bus], 1
    source["u_ref"], source["sk"] = feeder.source.v_pu, 1e20
    load = array(pgm.DatasetType.input, kind.sym_load, len(feeder.loads))
    load["id"], load["node"], load["status"] = (
        2 * 10**6 + np.arange(len(feeder.loads)),
        [buses[x.bus] for x in feeder.loads],
        1,
    )
    load["type"] = pgm.LoadGenType.const_power
    load["p_specified"], load["q_specified"] = s.load_kw[0] * 1e3, s.load_kvar[0] * 1e3
    model = pgm.PowerGridModel(
        {kind.node: node, kind.line: lines, kind.source: source, kind.sym_load: load},
        s.feeder.frequency_hz,
    )
    update = array(pgm.DatasetType.update, kind.sym_load, s.load_kw.shape)
    update["id"], update["p_specified"], update["q_specified"] = (
        load["id"],
        s.load_kw * 1e3,
        s.load_kvar * 1e3,
    )

    def run() -> Answer:
        started = time.perf_counter()
        out = model.calculate_power_flow(
            update_data={kind.sym_load: update},
            calculation_method=pgm.CalculationMethod.iterative_current,
            error_tolerance=TOLERANCE,
            max_iterations=100,
            threading=0,
            output_component_types={kind.node: ["u_pu", "u_angle"]},
        )
        seconds = time.perf_counter() - started
        nodes = out[kind.node]
        return Answer(nodes["u_pu"] * np.exp(1j * nodes["u_angle"]), seconds)

    return run


def make_pandapower(s: Scenarios) -> Program:
    """pandapower, one Newton power flow after the other, each from the result of the one before."""
    pandapower = import_peer("pandapower", "pandapower")
    net = pandapower_net(s.feeder, pandapower)

    def run() -> Answer:
        v_pu, seconds = np.empty((len(s.load_kw), s.network.n_nodes), dtype=complex), 0.0
        for scenario in range(len(s.load_kw)):
            net.load["p_mw"], net.load["q_mvar"] = (
                s.load_kw[scenario] / 1e3,
                s.load_kvar[scenario] / 1e3,
            )
            started = time.perf_counter()
            pandapower.runpp(
                net,
                tolerance_mva=TOLERANCE,
                init="results" if scenario else "flat",
                calculate_voltage_angles=True,
            )
            seconds += time.perf_counter() - started
            v_pu[scenario] = net.res_bus["vm_pu"] * np.exp(
                1j * np.radians(net.res_bus["va_degree"])
            )
        return Answer(v_pu, seconds)

    return run


def make_lightsim2grid(s: Scenarios) -> Program:
    """lightsim2grid, its time-series engine in one call."""
    gridmodel = import_peer("lightsim2grid.gridmodel", "lightsim2grid")
    engine = import_peer("lightsim2grid.lightsim2grid_cpp", "lightsim2grid")
    pandapower = import_peer("pandapower", "pandapower")
    net = pandapower_net(s.feeder, pandapower)
    pandapower.runpp(net)
    model = gridmodel.init_from_pandapower(net)
    series = engine.TimeSeriesCPP(model)
    count = len(s.load_kw)
    no_generators = np.zeros((count, len(model.get_generators())))
    nothing = np.zeros((count, len(model.get_static_generators())))
    flat = np.full(s.network.n_nodes, s.feeder.source.v_pu, dtype=complex)

    def run() -> Answer:
        started = time.perf_counter()
        series.compute_Vs(
            no_generators, nothing, s.load_kw / 1e3, s.load_kvar / 1e3, flat, 100, TOLERANCE
        )
        return Answer(np.asarray(series.get_voltages()), time.perf_counter() - started)

    return run


def pandapower_net(feeder: Feeder, pandapower: Any) -> Any:
    """A pandapower net of a balanced feeder, buses and loads in the feeder's order, its DERs left out."""
    require_simple_equivalent(feeder, "pandapower and lightsim2grid")
    net = pandapower.create_empty_network(f_hz=feeder.frequency_hz)
    buses = {bus.name: pandapower.create_bus(net, vn_kv=bus.kv_ll) for bus in feeder.buses}
    for line in feeder.lines:
        if line.closed:
            r, x, c = (
                getattr(line.code, name)[0][0]
                for name in ("r_ohm_per_km", "x_ohm_per_km", "c_nf_per_km")
            )
            ends = buses[line.from_bus], buses[line.to_bus]
            pandapower.create_line_from_parameters(
                net, *ends, line.impedance_factor, r, x, c, max_i_ka=1.0
            )
    pandapower.create_ext_grid(net, buses[feeder.source.bus], vm_pu=feeder.source.v_pu)
    for load in feeder.loads:
        pandapower.create_load(net, buses[load.bus], p_mw=load.p_kw / 1e3, q_mvar=load.q_kvar / 1e3)
    return net


def require_simple_equivalent(feeder: Feeder, who: str, with_ders: bool = False) -> None:
    """Lines and constant-power loads of a single-phase equivalent are what is translated for the balanced peers.

    Raises:
        CannotRun: if the feeder has anything else.
    """
    others = (
        *feeder.transformers,
        *feeder.capacitors,
        *feeder.shunts,
        *(() if with_ders else feeder.ders),
    )
    if not feeder.single_phase_equivalent or others:
        raise CannotRun(
            f"{who}: only balanced feeders of lines and constant-power loads are translated for it"
        )


def import_peer(module: str, package: str) -> Any:
    """A peer's module; raises `CannotRun` if it is not installed."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        raise CannotRun(f"{package} is not installed (extra 'bench')") from None


PEERS: dict[str, Callable[[Scenarios], Program]] = {
    "power-grid-model": make_power_grid_model,
    "lightsim2grid": make_lightsim2grid,
    "pandapower": make_pandapower,
    "opendss": make_opendss,
}
"""Makers of the peers by name, tieline not among them. They raise `CannotRun`."""
