"""Other programs for optimal power flow, asked the same questions; the translation is part of building them.

Both get single-phase equivalents of lines and constant-power loads, which both represent exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from tieline.bench.kit.peers import (
    CannotRun,
    import_peer,
    pandapower_net,
    require_simple_equivalent,
)
from tieline.bench.opf.programs import Again, Program, SetPoints
from tieline.feeders import Feeder
from tieline.opf import Problem
from tieline.units import S_BASE_KVA

if TYPE_CHECKING:
    import pandas as pd

MW = 1e-3
"""kW in MW."""


def make_pandapower(problem: Problem) -> Program:
    """pandapower's AC optimum by an interior-point method, from its flat start: from results of before it often ends nowhere."""
    pandapower = import_peer("pandapower", "pandapower")
    require_simple_equivalent(problem.network.feeder, with_ders=True)

    def run(first: Problem) -> tuple[SetPoints, Again]:
        net = _net(first, pandapower)

        def again(changed: Problem) -> SetPoints:
            net.load["p_mw"] = changed.steps.load_kw[0] * MW
            net.load["q_mvar"] = changed.steps.load_kvar[0] * MW
            try:
                pandapower.runopp(net)
            except pandapower.OPFNotConverged:
                raise CannotRun("its optimal power flow did not converge") from None
            der_kw = net.res_sgen[["p_mw"]].to_numpy().T / MW
            der_kvar = net.res_sgen[["q_mvar"]].to_numpy().T / MW
            return SetPoints(der_kw, der_kvar, float(net.res_cost))

        return again(first), again

    return run


def make_distopf(problem: Problem) -> Program:
    """DistOPF's linear program: LinDistFlow without losses, solved by scipy's HiGHS. It has no way to go on with other load."""
    distopf = import_peer("distopf", "distopf")
    require_simple_equivalent(problem.network.feeder, with_ders=True)

    def run(first: Problem) -> tuple[SetPoints, None]:
        model = distopf.LinDistModel(**_tables(first, distopf))
        buses = _generator_places(first)
        p_columns = model.pg_map["a"][buses]
        q_columns = model.qg_map["a"][buses]
        flows = model.x_maps["a"]
        from_source = flows.bi == model.swing_bus
        # energy is bought where it leaves the source; the program has no variable for its injection
        cost = np.zeros(model.n_x)
        cost[flows.pij[from_source]] = first.steps.price[0] * S_BASE_KVA
        cost[p_columns] = first.ders.cost[0] * S_BASE_KVA
        answer = distopf.lp_solve(model, cost)
        p_pu = answer.x[p_columns]
        q_pu = answer.x[q_columns]
        # one step: the axis of time comes first
        der_kw = p_pu[None, :] * S_BASE_KVA
        der_kvar = q_pu[None, :] * S_BASE_KVA
        return SetPoints(der_kw, der_kvar, float(answer.fun)), None

    return run


PEERS = {"pandapower": make_pandapower, "DistOPF": make_distopf}
"""Makers of the peers by name; they raise `CannotRun`."""


def _net(problem: Problem, pandapower: Any) -> Any:
    """A pandapower net with costs and limits."""
    feeder = problem.network.feeder
    # generators are made below, with limits and costs, which the translation does not know
    net = pandapower_net(feeder.replace(generators=()), pandapower)
    _set_voltage_limits(net, problem)
    pandapower.create_poly_cost(
        net, 0, "ext_grid", cp1_eur_per_mw=problem.steps.price[0] / MW
    )
    for k, place in enumerate(_generator_places(problem)):
        unit = pandapower.create_sgen(
            net,
            place,
            p_mw=0.0,
            controllable=True,
            min_p_mw=problem.ders.p_min_kw[0, k] * MW,
            max_p_mw=problem.ders.p_max_kw[0, k] * MW,
            min_q_mvar=problem.ders.q_min_kvar[0, k] * MW,
            max_q_mvar=problem.ders.q_max_kvar[0, k] * MW,
        )
        pandapower.create_poly_cost(
            net, unit, "sgen", cp1_eur_per_mw=problem.ders.cost[0, k] / MW
        )
    return net


def _set_voltage_limits(net: Any, problem: Problem) -> None:
    """Limits of every bus; the source, which has no point in the problem, is held at its own voltage."""
    feeder = problem.network.feeder
    point_of_bus = {
        point.rpartition(".")[0]: k
        for k, point in enumerate(problem.limits.points.names)
    }
    points = [point_of_bus.get(bus.name) for bus in feeder.buses]
    source_pu = feeder.source.v_pu
    limits = {
        "min_vm_pu": problem.limits.v_min_pu,
        "max_vm_pu": problem.limits.v_max_pu,
    }
    for column, limit in limits.items():
        net.bus[column] = [source_pu if k is None else limit[k] for k in points]


def _tables(problem: Problem, distopf: Any) -> dict[str, pd.DataFrame]:
    """DistOPF's tables of a single-phase equivalent, all of it on phase a; impedances in per unit of the buses."""
    import pandas as pd

    tables = {
        "branch_data": _branch_table(problem),
        "bus_data": _bus_table(problem),
        "gen_data": _generator_table(problem, distopf),
    }
    return {
        name: pd.DataFrame(_on_three_phases(table)) for name, table in tables.items()
    }


def _bus_table(problem: Problem) -> dict[str, Any]:
    feeder = problem.network.feeder
    places = _bus_places(problem)
    load = np.zeros((2, len(feeder.buses)))
    steps = problem.steps
    for k, element in enumerate(feeder.loads):
        load[0, places[element.bus]] += steps.load_kw[0, k] / S_BASE_KVA
        load[1, places[element.bus]] += steps.load_kvar[0, k] / S_BASE_KVA
    is_source = np.arange(len(feeder.buses)) == places[feeder.source.bus]
    return {
        "id": np.arange(1, len(feeder.buses) + 1),
        "name": [bus.name for bus in feeder.buses],
        "pl_a": load[0],
        "ql_a": load[1],
        "phases": "a",
        "bus_type": np.where(is_source, "SWING", "PQ"),
        "v_a": feeder.source.v_pu,
        "s_base": S_BASE_KVA * 1e3,
        "cvr_p": 0,
        "cvr_q": 0,
        "v_min": problem.limits.v_min_pu.min(),
        "v_max": problem.limits.v_max_pu.max(),
        "v_ln_base": [bus.kv_ll * 1e3 for bus in feeder.buses],
    }


def _generator_table(problem: Problem, distopf: Any) -> dict[str, Any]:
    return {
        "id": np.array(_generator_places(problem)) + 1,
        "name": [generator.name for generator in problem.network.feeder.generators],
        "phases": "a",
        "s_base": S_BASE_KVA * 1e3,
        "p_a": problem.ders.p_max_kw[0] / S_BASE_KVA,
        "q_a": 0.0,
        "control_variable": distopf.CONTROL_PQ,
        "gen_shape": "PV",
        "q_a_min": problem.ders.q_min_kvar[0] / S_BASE_KVA,
        "q_a_max": problem.ders.q_max_kvar[0] / S_BASE_KVA,
        # twice the rating: DistOPF's octagon lies inside the circle and would cut the box
        "s_a_max": 2 * problem.ders.kva / S_BASE_KVA,
    }


def _branch_table(problem: Problem) -> dict[str, Any]:
    """Lines away from the source."""
    feeder = problem.network.feeder
    places = _bus_places(problem)
    graph = nx.Graph()
    for start, end, data in _closed_lines(feeder):
        graph.add_edge(places[start], places[end], **data)
    # lines must point away from the source, whatever the feeder's file says
    edges = list(nx.dfs_edges(graph, source=places[feeder.source.bus]))
    ends = np.array(edges) + 1
    return {
        "fb": ends[:, 0],
        "tb": ends[:, 1],
        "phases": "a",
        "type": "line",
        "name": [graph.edges[edge]["name"] for edge in edges],
        "status": "",
        "r_aa": [graph.edges[edge]["r"] for edge in edges],
        "x_aa": [graph.edges[edge]["x"] for edge in edges],
    }


def _closed_lines(feeder: Feeder) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Ends of every closed line, its name and its impedance [pu]."""
    for line in feeder.lines:
        if not line.closed:
            continue
        start = feeder.bus(line.from_bus)
        base_ohm = start.kv_ll**2 * 1e3 / S_BASE_KVA
        r_ohm_per_km = line.code.r_ohm_per_km[0][0]
        x_ohm_per_km = line.code.x_ohm_per_km[0][0]
        r_pu = r_ohm_per_km * line.impedance_factor / base_ohm
        x_pu = x_ohm_per_km * line.impedance_factor / base_ohm
        yield line.from_bus, line.to_bus, {"r": r_pu, "x": x_pu, "name": line.name}


def _on_three_phases(table: dict[str, Any]) -> dict[str, Any]:
    """A table with empty columns for the phases that are not there: DistOPF wants them all."""
    empty: dict[str, float] = {}
    if "r_aa" in table:
        for pair in ("ab", "ac", "bb", "bc", "cc"):
            empty |= {f"r_{pair}": 0.0, f"x_{pair}": 0.0}
    for name in table:
        if "_a" in name and not name.endswith("aa"):
            empty |= {name.replace("_a", f"_{phase}", 1): 0.0 for phase in "bc"}
    return table | empty


def _generator_places(problem: Problem) -> list[int]:
    """Position of each generator's bus."""
    places = _bus_places(problem)
    return [places[generator.bus] for generator in problem.network.feeder.generators]


def _bus_places(problem: Problem) -> dict[str, int]:
    """Position of each bus among the feeder's."""
    return {bus.name: k for k, bus in enumerate(problem.network.feeder.buses)}
