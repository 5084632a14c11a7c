"""Current sources in power flows and all that is made of one: by hand, by laws, and refused where they are not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from builders import KV_LL, electrode, random_feeder, two_bus, two_wire, with_generators
from tieline.errors import InputError, NotConvergedError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Bus, CurrentSource, Generator
from tieline.feeders.findings import FeederError
from tieline.linear import dc, lindistflow, lpf, tangent_model
from tieline.network import Network
from tieline.network.forming import with_forming_buses
from tieline.network.partition import partition
from tieline.opf import make_problem, replay, solve_lp, solve_nlp, solve_socp
from tieline.powerflow import Solution, solve
from tieline.powerflow.decoupled import decouple, solve_decoupled
from tieline.powerflow.derivatives.gradients import loss_gradient, tangent
from tieline.powerflow.interval.flow import interval_power_flow


def with_sources(feeder: Feeder, *sources: CurrentSource) -> Feeder:
    return feeder.replace(current_sources=sources)


def spread_over(feeder: Feeder, count: int, current_a: float) -> Feeder:
    """The feeder with current sources at some buses, each at its own angle, at all phases of its bus."""
    step = len(feeder.buses) // count
    sources = []
    for k, bus in enumerate(feeder.buses[::-step][:count]):
        phases = tuple(node for node in bus.phases if node <= 3)
        sources.append(CurrentSource(f"k{k}", bus.name, phases, current_a, 40.0 * k))
    return with_sources(feeder, *sources)


THREE_PHASES = spread_over(load_feeder("ieee13"), 4, 15.0)


def missing_kva(solution: Solution) -> float:
    """What comes in and goes nowhere."""
    is_passive = [kind != "source" for kind, _ in solution.network.elements]
    given = solution.source_kva + solution.current_source_kva.sum(axis=1)
    taken = solution.load_kva.sum(axis=1) - solution.der_kva.sum(axis=1)
    taken = taken + solution.element_loss_kva[:, is_passive].sum(axis=1)
    return float(np.abs(given - taken).max())


def test_one_line_by_hand() -> None:
    """Without load the voltage rises by Z I, and the source takes in what the line does not lose."""
    feeder = two_bus(p_kw=0.0, q_kvar=0.0, r_ohm=0.5, x_ohm=0.3)
    base = feeder.buses[0].kv_ll * 1e3
    end = feeder.lines[0].to_bus
    driven = with_sources(feeder, CurrentSource("k", end, (1,), 100.0, -20.0))
    solution = driven.solve(tolerance=1e-12)
    current = 100.0 * np.exp(-1j * np.radians(20.0))
    # the one node stands for three phases: its voltage is line-to-line
    rise = (0.5 + 0.3j) * current * np.sqrt(3) / base
    before = feeder.solve(tolerance=1e-12).v_pu[0]
    assert solution.v_pu[0, 1] - before[1] == pytest.approx(rise, abs=1e-10)
    assert solution.loss_kw[0] == pytest.approx(3 * 100.0**2 * 0.5 / 1e3, rel=1e-9)
    assert missing_kva(solution) < 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_power_balances(seed: int) -> None:
    feeder = spread_over(random_feeder(seed, 40), 5, 4.0)
    solution = solve(feeder, controls="off", load_scale=[[0.0], [0.3]])
    assert solution.converged.all()
    assert missing_kva(solution) < 1e-4
    assert solution.kcl_residual_pu.max() < 1e-6
    assert np.abs(solution.current_source_kva).min() > 0


def test_neither_the_scale_of_loads_nor_the_voltage_of_the_source_changes_its_current() -> (
    None
):
    """Without loads the circuit is linear: what the source adds to the voltages is the same at any voltage of the other."""
    volts = [[0.95], [1.05], [np.exp(0.3j)]]
    quiet = THREE_PHASES.replace(loads=())
    alone = with_sources(quiet)
    added = []
    for source_pu in volts:
        options = {"source_pu": np.array([source_pu]), "controls": "off"}
        with_current = solve(quiet, tolerance=1e-12, **options).v_pu
        without_current = solve(alone, tolerance=1e-12, **options).v_pu
        added.append(with_current - without_current)
    assert np.abs(added[0]).max() > 1e-3
    assert added[1] == pytest.approx(added[0], abs=1e-9)
    assert added[2] == pytest.approx(added[0], abs=1e-9)
    # the same batch through the lanes of the solver, mixed with scales of loads that are not there
    batch = solve(quiet, source_pu=np.array(volts[:2]), load_scale=[[0.2], [3.0]])
    assert batch.converged.all()


def test_an_ideal_source_takes_what_is_driven_into_its_own_bus() -> None:
    feeder = two_bus()
    bus = feeder.source.bus
    driven = with_sources(feeder, CurrentSource("k", bus, (1,), 50.0, 30.0))
    before, after = (
        one.solve(tolerance=1e-12)
        for one in (feeder.replace(current_sources=()), driven)
    )
    assert after.v_pu == pytest.approx(before.v_pu, abs=1e-12)
    taken = before.source_kva - after.source_kva
    assert taken == pytest.approx(after.current_source_kva[:, 0], rel=1e-9)


def test_it_is_a_third_of_a_kind_of_scenario_with_regulators_acting() -> None:
    plain = solve(with_sources(THREE_PHASES), load_scale=[[0.4], [1.0]])
    driven = solve(THREE_PHASES, load_scale=[[0.4], [1.0]])
    assert driven.converged.all()
    assert (driven.taps != plain.taps).any()
    held = solve(
        THREE_PHASES, controls="off", taps=driven.taps, load_scale=[[0.4], [1.0]]
    )
    assert held.v_pu == pytest.approx(driven.v_pu, abs=1e-7)


def test_an_earthed_part_of_its_own() -> None:
    """10 A into an electrode of 2 ohm, which nothing else feeds, make 20 V."""
    feeder = two_wire()
    pole = Bus("pole", (1,), KV_LL)
    shunt = replace(electrode("pole", 2.0), nodes=(1, 0))
    earthed = feeder.replace(
        buses=(*feeder.buses, pole),
        shunts=(*feeder.shunts, shunt),
        current_sources=(CurrentSource("k", "pole", (1,), 10.0, 90.0),),
    )
    solution = earthed.solve(tolerance=1e-12)
    node = solution.network.node_index["pole.1"]
    volts = solution.v_pu[0, node] * solution.network.node_kv[node] * 1e3
    assert volts == pytest.approx(20j, abs=1e-7)
    assert missing_kva(solution) < 1e-9
    with pytest.raises(FeederError, match="nothing earths"):
        earthed.replace(shunts=feeder.shunts).solve()


def test_cut_off_it_has_no_answer_and_says_why() -> None:
    feeder = with_sources(
        two_bus(), CurrentSource("k", two_bus().lines[0].to_bus, (1,), 10.0)
    )
    solution = solve(feeder, line_closed=[[0], [1]])
    assert solution.converged.tolist() == [False, True]
    assert "current source drives into bus" in solution.reason(0)
    with pytest.raises(NotConvergedError, match="nothing earths"):
        solve(feeder, line_closed=[0])


def test_derivatives_do_not_know_of_it() -> None:
    """They are those at its voltages: a central difference says so, and a source of no size leaves them as they are."""
    n_loads = len(THREE_PHASES.loads)
    direction = np.linspace(-1.0, 1.0, n_loads)
    base_kw = np.array([load.p_kw for load in THREE_PHASES.loads])
    base_kvar = np.array([load.q_kvar for load in THREE_PHASES.loads])

    def solved(step: float) -> Solution:
        powers = {"load_kw": base_kw + step * direction, "load_kvar": base_kvar}
        return solve(THREE_PHASES, controls="off", tolerance=1e-13, **powers)

    up, down, middle = (solved(step) for step in (1.0, -1.0, 0.0))
    exact = tangent(middle, load_kw=direction)
    difference = (up.v_pu - down.v_pu) / 2
    assert exact == pytest.approx(difference, abs=1e-5 * np.abs(difference).max())
    loss = loss_gradient(middle).load_kw[0] @ direction
    assert loss == pytest.approx((up.loss_kw - down.loss_kw)[0] / 2, rel=1e-5)


def test_held_voltages_stand_beside_it() -> None:
    feeder = load_feeder("ieee33")
    kv = feeder.buses[0].kv_ll
    unit = Generator("g", "18", (1, 0), "wye", kv, 3e3, 300.0, held_v_pu=1.0)
    driven = with_sources(
        feeder.replace(generators=(unit,)), CurrentSource("k", "33", (1,), 20.0, -10.0)
    )
    held = solve(driven, tolerance=1e-11)
    node = held.network.node_index["18.1"]
    assert held.vm_pu[0, node] == pytest.approx(1.0, abs=1e-9)
    der_kvar = -held.q_kvar[:, held.network.devices.n_loads :]
    plain = solve(driven, der_kvar=der_kvar, tolerance=1e-11)
    assert plain.v_pu == pytest.approx(held.v_pu, abs=1e-9)


@pytest.mark.parametrize("make", [lindistflow, None])
def test_linear_models_begin_with_it(make: Callable[[Network], object] | None) -> None:
    """Without loads a linear model is exact, and so its voltages are those of AC with the current in them."""
    quiet = THREE_PHASES.replace(loads=())
    network = quiet.network
    exact = solve(network, controls="off", tolerance=1e-12)
    model = lindistflow(network) if make else tangent_model(exact)
    expected = model.points.magnitude_pu(exact.v_pu)
    assert model.evaluate().vm_pu == pytest.approx(expected, abs=1e-8)


def test_regions_that_tell_each_other_their_borders() -> None:
    network = Network.from_feeder(THREE_PHASES)
    whole = solve(network, controls="off")
    divided = partition(THREE_PHASES, microgrids=2)
    parts = solve_decoupled(decouple(network, divided))
    assert parts.v_pu == pytest.approx(whole.v_pu, abs=5e-6)
    assert parts.source_kva == pytest.approx(whole.source_kva, abs=5e-3)


def test_a_section_without_ground_is_not_cut_beside_one() -> None:
    feeder = load_feeder("ieee37")
    bus = feeder.buses[-1].name
    driven = with_sources(feeder, CurrentSource("k", bus, (1, 2, 3), 1.0))
    divided = partition(driven, microgrids=4)
    with pytest.raises(InputError, match="nothing grounds"):
        decouple(Network.from_feeder(driven), divided)


def test_an_interval_holds_what_is_drawn_inside() -> None:
    feeder = spread_over(load_feeder("ieee33"), 3, 10.0)
    flow = interval_power_flow(Network.from_feeder(feeder), load_pct=20.0, order=1)
    low, high = solve(feeder, load_scale=[[0.8], [1.2]]).v_pu
    for v_pu in (low, high):
        size = flow.points.magnitude_pu(v_pu[None])[0]
        assert (size >= flow.voltage.low - 1e-7).all()
        assert (size <= flow.voltage.high + 1e-7).all()


@pytest.fixture(scope="module")
def problem_network() -> Network:
    feeder = spread_over(load_feeder("ieee33"), 3, 15.0)
    return Network.from_feeder(with_generators(feeder, 3, 400.0))


def test_optima_count_on_it(problem_network: Network) -> None:
    """LP and NLP agree, and the program's own voltages are those of the power flow with the current in it."""
    problem = make_problem(problem_network, price=[0.1], v_min_pu=0.9, v_max_pu=1.1)
    by_nlp = solve_nlp(problem)
    by_lp = solve_lp(problem)
    replayed = replay(problem, by_nlp.der_kw, by_nlp.der_kvar)
    assert replayed.solution.converged.all()
    assert by_nlp.v_pu == pytest.approx(replayed.solution.v_pu, abs=1e-6)
    assert by_nlp.objective == pytest.approx(replayed.objective, rel=1e-6)
    assert by_lp.objective == pytest.approx(by_nlp.objective, rel=1e-3)


REFUSALS: dict[str, Callable[[Network], object]] = {
    "The lpf model": lpf,
    "The dc model": dc,
    "The branch flow model": lambda network: solve_socp(
        make_problem(network, price=[0.1])
    ),
    "An island of droop units": lambda network: with_forming_buses(network, ["1"]),
}


@pytest.mark.parametrize("who", REFUSALS)
def test_who_does_not_know_it_says_so(who: str, problem_network: Network) -> None:
    with pytest.raises(InputError, match=f"{who} does not know current sources, as k0"):
        REFUSALS[who](problem_network)
