"""All formulations: against brute force over the AC power flow, and against each other on the bundled feeders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from builders import single_code, two_bus, with_generators
from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Bus, Line, Load, Source, Transformer, Winding
from tieline.network import Network
from tieline.opf import (
    Answer,
    BranchLimit,
    DerInputs,
    FlexibleInputs,
    InfeasibleError,
    NlpModel,
    Problem,
    make_problem,
    replay,
    solve_lp,
    solve_nlp,
    solve_socp,
)

pytest.importorskip("casadi")
pytest.importorskip("clarabel")
pytest.importorskip("highspy")

METHODS: list[Callable[[Problem], Answer]] = [solve_lp, solve_socp, solve_nlp]


def ten_ders(name: str, **limits: Any) -> Problem:
    """A published feeder with ten generators, some cheaper than the source and some dearer."""
    kva = {"ieee33": 300.0, "ieee69": 400.0, "ieee141": 800.0}[name]
    network = Network.from_feeder(with_generators(load_feeder(name), 10, kva))
    return make_problem(
        network,
        price=0.1,
        cost=np.linspace(0.05, 0.11, 10),
        ders=DerInputs(cost_square=1e-5),
        **limits,
    )


def transformer_feeder() -> Feeder:
    """A source behind an impedance, a transformer off its nominal tap, a line written towards the source, a ZIP load."""
    windings = (
        Winding("a", (1, 0), "wye", 11.0, 2000.0, 0.5),
        Winding("b", (1, 0), "wye", 0.4, 2000.0, 0.5, tap=1.03),
    )
    return Feeder(
        name="small",
        buses=(Bus("a", (1,), 11.0), Bus("b", (1,), 0.4), Bus("c", (1,), 0.4)),
        sources=(Source("grid", "a", (1,), 11.0, 1.01, r1_ohm=0.4, x1_ohm=1.2),),
        lines=(Line("cb", "c", "b", (1,), (1,), single_code(0.004, 0.003)),),
        transformers=(Transformer("t", 1, windings, (5.0,)),),
        loads=(
            Load(
                "l",
                "c",
                (1, 0),
                "wye",
                0.4,
                600.0,
                200.0,
                (0.5, 0.0, 0.5),
                (0.5, 0.0, 0.5),
            ),
        ),
        single_phase_equivalent=True,
    )


@pytest.mark.parametrize("method", METHODS)
def test_one_generator_against_a_search_over_the_power_flow(
    method: Callable[[Problem], Answer],
) -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 1500.0))
    problem = make_problem(
        network,
        price=0.1,
        cost=0.08,
        branch_limits=(),
        v_min_pu=0.9,
        ders=DerInputs(cost_square=2e-5, q_min_kvar=0.0, q_max_kvar=0.0),
    )
    nothing = np.zeros((1, 1))
    search: Any = minimize_scalar(
        lambda p: replay(problem, np.array([[p]]), nothing).objective,
        bounds=(0, 1500),
        method="bounded",
        options={"xatol": 1e-6},
    )
    answer = method(problem)
    assert answer.replay.objective == pytest.approx(search.fun, rel=1e-5)
    assert answer.objective == pytest.approx(search.fun, rel=1e-4)
    # a flat optimum
    assert answer.der_kw[0, 0] == pytest.approx(
        search.x, abs=5.0 if answer.method == "lp" else 0.02
    )


@pytest.mark.parametrize("method", [solve_socp, solve_nlp])
def test_a_line_rated_in_kva_carries_that_power_whatever_the_voltage(
    method: Callable[[Problem], Answer],
) -> None:
    """The source stands at 1.05 pu, so that the current of 700 kVA at nominal voltage would be 735 kVA there."""
    feeder = two_bus()
    line = replace(feeder.lines[0], rating_kva=700.0)
    source = replace(feeder.source, v_pu=1.05)
    network = Network.from_feeder(
        with_generators(feeder.replace(lines=(line,), sources=(source,)), 1, 1500.0)
    )
    answer = method(
        make_problem(
            network,
            price=0.1,
            cost=0.2,
            v_max_pu=1.1,
            ders=DerInputs(q_min_kvar=0.0, q_max_kvar=0.0),
        )
    )
    assert abs(answer.replay.solution.source_kva[0]) == pytest.approx(700.0, rel=1e-4)


def test_phases_against_a_search_over_the_power_flow() -> None:
    """IEEE 13: regulators, delta and ZIP loads, a transformer; the generator hangs on one phase."""
    network = Network.from_feeder(with_generators(load_feeder("ieee13"), 1, 400.0))
    problem = make_problem(
        network,
        price=0.1,
        cost=0.09,
        branch_limits=(),
        v_min_pu=0.8,
        v_max_pu=1.2,
        ders=DerInputs(cost_square=2e-5, q_min_kvar=0.0, q_max_kvar=0.0),
    )
    nothing = np.zeros((1, 1))
    search: Any = minimize_scalar(
        lambda p: replay(problem, np.array([[p]]), nothing).objective,
        bounds=(0, 400),
        method="bounded",
        options={"xatol": 1e-6},
    )
    answer = solve_nlp(problem)
    assert answer.objective == pytest.approx(search.fun, rel=1e-7)
    assert answer.der_kw[0, 0] == pytest.approx(search.x, abs=0.5)


@pytest.mark.parametrize("name", ["ieee33", "ieee69", "ieee141"])
def test_ten_ders_all_formulations_agree(name: str) -> None:
    problem = ten_ders(name, branch_limits=())
    nlp, socp, lp = solve_nlp(problem), solve_socp(problem), solve_lp(problem)
    assert socp.objective == pytest.approx(nlp.objective, rel=1e-8)
    assert lp.objective == pytest.approx(nlp.objective, rel=1e-5)
    assert lp.replay.objective == pytest.approx(nlp.objective, rel=1e-7)
    assert socp.relaxation_gap_kw is not None
    assert np.abs(socp.relaxation_gap_kw).max() < 1e-4
    assert lp.replay.violations == nlp.replay.violations == ()
    for answer in (nlp, socp):
        assert answer.replay.vm_pu == pytest.approx(answer.vm_pu, abs=1e-5)
        assert answer.replay.objective == pytest.approx(answer.objective, rel=1e-6)


def test_ieee123_phase_by_phase_with_thirty_ders() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee123"), 30, 60.0))
    problem = make_problem(
        network,
        price=0.1,
        cost=np.linspace(0.05, 0.11, 30),
        v_min_pu=0.965,
        branch_limits=(),
        ders=DerInputs(cost_square=1e-5),
    )
    answer, lp = solve_nlp(problem), solve_lp(problem)
    assert answer.v_pu is not None
    assert np.abs(answer.replay.solution.v_pu - answer.v_pu).max() < 1e-5
    assert answer.replay.violations == ()
    assert answer.duals.voltage.min() < -1.0  # the voltage limit binds
    assert lp.replay.objective == pytest.approx(answer.objective, rel=1e-7)
    assert lp.replay.violations == ()


def test_transformer_source_impedance_and_zip_load() -> None:
    network = Network.from_feeder(with_generators(transformer_feeder(), 1, 500.0))
    limits = (
        BranchLimit("line", "cb", a=500.0),
        BranchLimit("transformer", "t", kva=420.0),
    )
    problem = make_problem(
        network, price=0.1, cost=0.12, v_min_pu=0.9, v_max_pu=1.1, branch_limits=limits
    )
    nlp, socp = solve_nlp(problem), solve_socp(problem)
    assert nlp.objective == pytest.approx(socp.objective, rel=1e-6)
    assert socp.replay.objective == pytest.approx(socp.objective, rel=1e-6)
    assert socp.replay.violations == nlp.replay.violations == ()
    assert nlp.duals.flow.max() > 0.005  # a limit binds
    assert socp.duals.flow.sum() == pytest.approx(nlp.duals.flow.sum(), rel=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_flexible_load_is_served_while_it_is_worth_more_than_energy(
    method: Callable[[Problem], Answer],
) -> None:
    feeder = with_generators(two_bus(), 1, 10.0)
    second = replace(feeder.loads[0], name="second")
    network = Network.from_feeder(feeder.replace(loads=(*feeder.loads, second)))
    problem = make_problem(
        network,
        price=0.1,
        branch_limits=(),
        v_min_pu=0.9,
        flexible=FlexibleInputs(is_flexible=True, value=[0.2, 0.05]),
    )
    answer = method(problem)
    assert answer.served[0] == pytest.approx([1.0, 0.0], abs=1e-6)
    assert answer.replay.objective == pytest.approx(answer.objective, rel=1e-3)


def test_warm_start_of_a_built_model() -> None:
    problem = ten_ders("ieee33", branch_limits=())
    model = NlpModel(problem)
    first = model.solve()
    changed = problem.replace(load_kw=problem.steps.load_kw * 1.02)
    warm, cold = model.solve(changed, start=first), solve_nlp(changed)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-6)
    assert warm.objective > first.objective
    assert warm.iterations < first.iterations
    with pytest.raises(InputError, match="Build a new NlpModel"):
        model.solve(ten_ders("ieee33", branch_limits=()))


@pytest.mark.parametrize("method", METHODS)
def test_infeasible_limits_are_named_with_the_smallest_relaxation(
    method: Callable[[Problem], Answer],
) -> None:
    network = Network.from_feeder(with_generators(two_bus(p_kw=4000.0), 1, 100.0))
    problem = make_problem(network, price=0.1, v_min_pu=0.99, branch_limits=())
    with pytest.raises(
        InfeasibleError, match=r"lowest voltage at b\.1 0\.99 -> 0\.9"
    ) as caught:
        method(problem)
    assert caught.value.exit_code == 3
    # The best the generator can do: everything it has, at the best angle between P and Q.
    angles = np.linspace(0, np.pi / 2, 2001)
    p, q = (100 * part(angles)[:, None] for part in (np.cos, np.sin))
    many = make_problem(
        network, price=np.full(len(angles), 0.1), v_min_pu=0.99, branch_limits=()
    )
    best = replay(many, p, q).vm_pu.max()
    assert caught.value.relaxations[0].needed == pytest.approx(best, abs=2e-5)


@pytest.mark.parametrize("method", METHODS)
def test_limits_of_devices_that_contradict_over_time(
    method: Callable[[Problem], Answer],
) -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    problem = make_problem(
        network,
        price=[0.1, 0.1],
        branch_limits=(),
        v_min_pu=0.9,
        ders=DerInputs(energy_min_kwh=1000.0),
    )
    with pytest.raises(InfeasibleError, match="even without voltage and branch limits"):
        method(problem)


@pytest.mark.parametrize("method", [partial(solve_lp, rounds=1), solve_socp])
def test_a_loop_is_refused_where_a_tree_is_needed(
    method: Callable[[Problem], Answer],
) -> None:
    feeder = load_feeder("ieee33")
    closed = feeder.replace(
        lines=tuple(replace(line, closed=True) for line in feeder.lines)
    )
    problem = make_problem(
        Network.from_feeder(with_generators(closed, 2, 100.0)), price=0.1
    )
    with pytest.raises(InputError, match="meshed"):
        method(problem)


def test_the_lp_refuses_a_price_below_zero() -> None:
    with pytest.raises(InputError, match="prices and quadratic costs of zero or more"):
        solve_lp(ten_ders("ieee33").replace(price=np.array([-0.1])))


def test_the_nlp_spends_where_the_price_is_below_zero() -> None:
    problem = ten_ders("ieee33", branch_limits=(), v_min_pu=0.8).replace(
        price=np.array([-0.1])
    )
    answer, idle = solve_nlp(problem), np.zeros((1, 10))
    assert answer.der_kw.max() < 0.01
    # reactive power makes losses
    assert answer.replay.source_kw[0] > replay(problem, idle, idle).source_kw[0] + 10
    assert answer.objective == pytest.approx(
        -0.1 * answer.replay.source_kw[0], rel=1e-6
    )


def test_phases_are_refused_where_an_equivalent_is_needed() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee13"), 1, 100.0))
    with pytest.raises(InputError, match=r"has phases\. Use the NLP or the LP"):
        solve_socp(make_problem(network, price=0.1))


def test_the_nlp_takes_loops() -> None:
    feeder = load_feeder("ieee33")
    closed = feeder.replace(
        lines=tuple(replace(line, closed=True) for line in feeder.lines)
    )
    problem = make_problem(
        Network.from_feeder(with_generators(closed, 2, 100.0)),
        price=0.1,
        v_min_pu=0.9,
        branch_limits=(),
    )
    answer = solve_nlp(problem)
    assert answer.replay.objective == pytest.approx(answer.objective, rel=1e-8)


@pytest.mark.parametrize("method", [solve_nlp, solve_lp])
def test_a_source_with_unequal_phases_against_a_search_over_the_power_flow(
    method: Callable[[Problem], Answer],
) -> None:
    """IEEE 13 with the phases of its source apart; the generator hangs on one phase."""
    feeder = with_generators(load_feeder("ieee13"), 1, 400.0)
    source = replace(feeder.source, phase_v_pu=(1.04, 0.99, 1.01))
    unequal, balanced = (
        make_problem(
            Network.from_feeder(question),
            price=0.1,
            cost=0.09,
            branch_limits=(),
            v_min_pu=0.8,
            v_max_pu=1.2,
            ders=DerInputs(cost_square=2e-5, q_min_kvar=0.0, q_max_kvar=0.0),
        )
        for question in (feeder.replace(sources=(source,)), feeder)
    )
    nothing = np.zeros((1, 1))
    search: Any = minimize_scalar(
        lambda p: replay(unequal, np.array([[p]]), nothing).objective,
        bounds=(0, 400),
        method="bounded",
        options={"xatol": 1e-6},
    )
    answer = method(unequal)
    assert answer.replay.objective == pytest.approx(search.fun, rel=1e-6)
    assert answer.der_kw[0, 0] == pytest.approx(search.x, abs=5.0)
    # Taken for balanced, the source would give another cost.
    assert abs(method(balanced).objective / search.fun - 1) > 1e-4
