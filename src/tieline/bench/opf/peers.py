"""Other programs for optimal power flow, asked the same questions; the translation is part of building them.

Both get single-phase equivalents of lines and constant-power loads, which both represent exactly. One that is not installed, or
cannot represent a feeder, says so.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from tieline.bench.opf.programs import Again, Program, SetPoints
from tieline.bench.peers import CannotRun, import_peer, pandapower_net, require_simple_equivalent
from tieline.opf import Problem
from tieline.units import S_BASE_KVA

MW = 1e-3
"""kW in MW."""


def make_pandapower(problem: Problem) -> Program:
    """pandapower's AC optimum by an interior-point method, from its flat start: from results of before it often ends nowhere."""
    pandapower = import_peer("pandapower", "pandapower")
    require_simple_equivalent(problem.network.feeder, "pandapower", with_ders=True)

    def run(first: Problem) -> tuple[SetPoints, Again]:
        net = _net(first, pandapower)

        def again(later: Problem) -> SetPoints:
            net.load["p_mw"], net.load["q_mvar"] = (
                later.steps.load_kw[0] * MW,
                later.steps.load_kvar[0] * MW,
            )
            try:
                pandapower.runopp(net)
            except pandapower.OPFNotConverged:
                raise CannotRun("pandapower: its optimal power flow did not converge") from None
            found = net.res_sgen
            return SetPoints(
                found[["p_mw"]].to_numpy().T / MW,
                found[["q_mvar"]].to_numpy().T / MW,
                float(net.res_cost),
            )

        return again(first), again

    return run


def make_distopf(problem: Problem) -> Program:
    """DistOPF's linear program: LinDistFlow without losses, solved by scipy's HiGHS. It has no way to go on with other load."""
    distopf = import_peer("distopf", "distopf")
    require_simple_equivalent(problem.network.feeder, "DistOPF", with_ders=True)

    def run(first: Problem) -> tuple[SetPoints, None]:
        model = distopf.LinDistModel(**_tables(first, distopf))
        cost, own = np.zeros(model.n_x), model.pg_map["a"]
        flows = model.x_maps["a"]
        cost[flows.pij[flows.bi == model.swing_bus]] = first.steps.price[0] * S_BASE_KVA
        place = _bus_places(first)
        bus = [place[generator.bus] for generator in first.network.feeder.generators]
        cost[own[bus]] = first.ders.cost[0] * S_BASE_KVA
        found = distopf.lp_solve(model, cost)
        p, q = (
            found.x[own[bus]][None, :] * S_BASE_KVA,
            found.x[model.qg_map["a"][bus]][None, :] * S_BASE_KVA,
        )
        return SetPoints(p, q, float(found.fun)), None

    return run


PEERS = {"pandapower": make_pandapower, "DistOPF": make_distopf}
"""Makers of the peers by name; they raise `CannotRun`."""


def _net(problem: Problem, pandapower: Any) -> Any:
    """A pandapower net with costs and limits."""
    feeder = problem.network.feeder
    net = pandapower_net(feeder.replace(generators=()), pandapower)
    limits = {point.rpartition(".")[0]: k for k, point in enumerate(problem.limits.points.names)}
    rows = [limits.get(bus.name) for bus in feeder.buses]
    for column, limit in (
        ("min_vm_pu", problem.limits.v_min_pu),
        ("max_vm_pu", problem.limits.v_max_pu),
    ):
        net.bus[column] = [feeder.source.v_pu if k is None else limit[k] for k in rows]
    pandapower.create_poly_cost(net, 0, "ext_grid", cp1_eur_per_mw=problem.steps.price[0] / MW)
    place = _bus_places(problem)
    for k, generator in enumerate(feeder.generators):
        box = {
            f"{end}_{name}": getattr(problem.ders, f"{name[0]}_{end}_{unit}")[0, k] * MW
            for end in ("min", "max")
            for name, unit in (("p_mw", "kw"), ("q_mvar", "kvar"))
        }
        unit = pandapower.create_sgen(net, place[generator.bus], p_mw=0.0, controllable=True, **box)
        pandapower.create_poly_cost(net, unit, "sgen", cp1_eur_per_mw=problem.ders.cost[0, k] / MW)
    return net


def _tables(problem: Problem, distopf: Any) -> dict[str, Any]:
    """DistOPF's tables of a single-phase equivalent, all of it on phase a; impedances in per unit of the buses."""
    import pandas as pd

    feeder, place = problem.network.feeder, _bus_places(problem)
    load = np.zeros((2, len(feeder.buses)))
    for k, element in enumerate(feeder.loads):
        load[:, place[element.bus]] += (
            np.array([problem.steps.load_kw[0, k], problem.steps.load_kvar[0, k]]) / S_BASE_KVA
        )
    number, base = np.arange(1, len(feeder.buses) + 1), S_BASE_KVA * 1e3
    is_source = np.arange(len(feeder.buses)) == place[feeder.source.bus]
    buses = {
        "id": number,
        "name": [bus.name for bus in feeder.buses],
        "pl_a": load[0],
        "ql_a": load[1],
        "phases": "a",
    }
    buses |= {
        "bus_type": np.where(is_source, "SWING", "PQ"),
        "v_a": feeder.source.v_pu,
        "s_base": base,
        "cvr_p": 0,
        "cvr_q": 0,
    }
    buses |= {
        "v_min": problem.limits.v_min_pu.min(),
        "v_max": problem.limits.v_max_pu.max(),
        "v_ln_base": [b.kv_ll * 1e3 for b in feeder.buses],
    }
    at = [place[generator.bus] for generator in feeder.generators]
    units = {
        "id": number[at],
        "name": [generator.name for generator in feeder.generators],
        "phases": "a",
        "s_base": base,
    }
    units |= {
        "p_a": problem.ders.p_max_kw[0] / S_BASE_KVA,
        "q_a": 0.0,
        "control_variable": distopf.CONTROL_PQ,
        "gen_shape": "PV",
    }
    units |= {
        f"q_a_{end}": getattr(problem.ders, f"q_{end}_kvar")[0] / S_BASE_KVA
        for end in ("min", "max")
    }
    units |= {
        "s_a_max": 2 * problem.ders.kva / S_BASE_KVA
    }  # its octagon lies inside the circle and would cut the box
    tables = {"branch_data": _branches(problem, place), "bus_data": buses, "gen_data": units}
    return {name: pd.DataFrame(_on_three_phases(table)) for name, table in tables.items()}


def _branches(problem: Problem, place: dict[str, int]) -> dict[str, Any]:
    """Lines away from the source."""
    feeder, graph = problem.network.feeder, nx.Graph()
    for line in feeder.lines:
        if line.closed:
            base_ohm = feeder.bus(line.from_bus).kv_ll ** 2 * 1e3 / S_BASE_KVA
            r, x = (
                getattr(line.code, name)[0][0] * line.impedance_factor / base_ohm
                for name in ("r_ohm_per_km", "x_ohm_per_km")
            )
            graph.add_edge(place[line.from_bus], place[line.to_bus], r=r, x=x, name=line.name)
    edges = list(nx.dfs_edges(graph, source=place[feeder.source.bus]))
    ends = np.array(edges) + 1
    columns = {f"{key}_aa": [graph.edges[edge][key] for edge in edges] for key in ("r", "x")}
    names = [graph.edges[edge]["name"] for edge in edges]
    return {
        "fb": ends[:, 0],
        "tb": ends[:, 1],
        "phases": "a",
        "type": "line",
        "name": names,
        "status": "",
        **columns,
    }


def _on_three_phases(table: dict[str, Any]) -> dict[str, Any]:
    """Empty columns of the phases that are not there: DistOPF wants them all."""
    pairs = ("ab", "ac", "bb", "bc", "cc")
    others = (
        {f"{part}_{pair}": 0.0 for part in ("r", "x") for pair in pairs} if "r_aa" in table else {}
    )
    for name in [name for name in table if "_a" in name and not name.endswith("aa")]:
        others |= {name.replace("_a", f"_{phase}", 1): 0.0 for phase in "bc"}
    return table | others


def _bus_places(problem: Problem) -> dict[str, int]:
    """Position of each bus among the feeder's."""
    return {bus.name: k for k, bus in enumerate(problem.network.feeder.buses)}
