"""Energy bought at meters: what is lost on the way to them costs nothing."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import DerInputs, make_problem, replay, solve_lp, solve_nlp, solve_socp
from tieline.opf.meters import Meters
from tieline.powerflow import solve

pytest.importorskip("casadi")


def test_meter_reads_the_power_into_its_element() -> None:
    network = Network.from_feeder(load_feeder("ieee123"))
    solution = solve(network)
    names = ("l115", "reg1a", "xfm1")
    table = solution.branch_table().set_index("name")
    bought = Meters.at(network, names).bought_kw(solution)
    assert bought[0] == pytest.approx(table.loc[list(names), "p_from_kw"].to_numpy())


def test_meter_of_the_only_line_is_the_source() -> None:
    """One line alone: its meter and the source ask the same question."""
    network = Network.from_feeder(with_generators(two_bus(), 1, 2000.0))
    line = network.feeder.lines[0].name
    inputs = DerInputs(cost_square=1e-4, q_min_kvar=0.0, q_max_kvar=0.0)
    at_source = make_problem(network, price=0.2, cost=0.05, v_min_pu=0.8, ders=inputs)
    metered = make_problem(
        network, price=0.2, cost=0.05, v_min_pu=0.8, ders=inputs, meters=[line]
    )
    first, second = solve_nlp(at_source), solve_nlp(metered)
    assert second.der_kw == pytest.approx(first.der_kw, abs=1e-3)
    assert second.objective == pytest.approx(first.objective, rel=1e-9)
    assert second.replay.bought_kw == pytest.approx(second.replay.source_kw, abs=1e-5)


def test_loss_before_the_meter_is_not_paid() -> None:
    network = Network.from_feeder(load_feeder("ieee33-microgrids"))
    pccs = [f"mg{n}_pcc" for n in range(1, 6)]
    load_kw = [load.p_kw / 2 for load in network.feeder.loads]
    load_kvar = [load.q_kvar / 2 for load in network.feeder.loads]
    problem = make_problem(
        network,
        price=0.1,
        load_kw=load_kw,
        load_kvar=load_kvar,
        v_min_pu=0.8,
        v_max_pu=1.2,
        branch_limits=(),
        meters=pccs,
    )
    answer = solve_nlp(problem)
    ders = problem.ders
    marginal = (ders.cost + 2 * ders.cost_square * answer.der_kw)[0, 10:15]
    saved_kw = []
    for generator in range(10, 15):
        more = answer.der_kw.copy()
        more[0, generator] += 1.0
        ends = [
            replay(problem, p_kw, answer.der_kvar) for p_kw in (answer.der_kw, more)
        ]
        saved_kw.append(ends[0].bought_kw[0] - ends[1].bought_kw[0])
    # one kW more costs what it saves at the meters, whatever it saves on the feeder
    assert marginal == pytest.approx(0.1 * np.array(saved_kw), rel=5e-3)
    assert answer.replay.objective == pytest.approx(answer.objective, rel=1e-6)
    assert answer.replay.bought_kw[0] < answer.replay.source_kw[0] - 1000.0


def test_other_formulations_refuse_meters_and_unknown_ones_are_named() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 200.0))
    line = network.feeder.lines[0].name
    problem = make_problem(network, price=0.2, cost=0.1, v_min_pu=0.8, meters=[line])
    for solver in (solve_lp, solve_socp):
        with pytest.raises(InputError, match="buys at the source and knows no meters"):
            solver(problem)
    with pytest.raises(InputError, match="Unknown line or transformer"):
        make_problem(network, price=0.2, cost=0.1, v_min_pu=0.8, meters=["pcc"])
