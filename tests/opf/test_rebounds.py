"""Loads with a rebound in all formulations: by hand, against a plain linear program, against a search over the power flow."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from scipy.optimize import linprog

from builders import two_bus
from tieline.devices import ReboundLoads, Reduction, equal_parts
from tieline.errors import InputError, ShapeError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import CONSTANT_IMPEDANCE
from tieline.network import Network
from tieline.opf import (
    Answer,
    FlexibleInputs,
    InfeasibleError,
    NlpModel,
    Problem,
    ReboundInputs,
    make_problem,
    replay,
    run_horizon,
    solve_lp,
    solve_nlp,
    solve_socp,
)
from tieline.opf.prices import from_duals
from tieline.typing import FloatArray

pytest.importorskip("casadi")
pytest.importorskip("clarabel")

METHODS: list[Callable[[Problem], Answer]] = [solve_lp, solve_socp, solve_nlp]

each_method = pytest.mark.parametrize("method", METHODS)

NO_DERS = np.zeros((1, 0))

HALVES = equal_parts(2)


def lossless(*p_kw: float) -> Feeder:
    """A source and loads beside each other behind a line that loses next to nothing."""
    feeder = two_bus(r_ohm=1e-6, x_ohm=1e-6)
    load = feeder.loads[0]
    loads = [
        replace(load, name=f"load{k}", p_kw=p, q_kvar=p / 2) for k, p in enumerate(p_kw)
    ]
    return feeder.replace(loads=tuple(loads))


def on_two_buses(
    price: list[float],
    kernel: FloatArray = HALVES,
    caps_kw: tuple[float, float] = (0.0, 100.0),
    feeder: Feeder | None = None,
    within_load: bool = False,
    at_power_factor: bool = False,
    load_kw: Any = None,
    **asked: Any,
) -> Problem:
    """One device at the load of `lossless`, which may curtail and shift by its caps."""
    one_load = feeder or lossless(1000.0)
    devices = ReboundLoads.make(
        [one_load.loads[0].name],
        *caps_kw,
        kernel,
        within_load=within_load,
        at_power_factor=at_power_factor,
    )
    return make_problem(
        Network.from_feeder(one_load),
        price=price,
        load_kw=load_kw,
        v_min_pu=0.8,
        branch_limits=(),
        rebounds=ReboundInputs(devices, **asked),
    )


@each_method
def test_power_is_shifted_out_of_the_dear_step_and_comes_back_in_parts(
    method: Callable[[Problem], Answer],
) -> None:
    answer = method(on_two_buses([0.1, 0.3, 0.1, 0.2, 0.2], at_end="closed"))
    # Out of the dear step; out of step 0 nothing, since half of it would come back in it; no later step returns more cheaply.
    assert answer.shifted_kw[:, 0] == pytest.approx([0, 100, 0, 0, 0], abs=1e-3)
    assert answer.returned_kw[:, 0] == pytest.approx([0, 0, 50, 50, 0], abs=1e-3)
    # 100 kWh at 0.3 against 50 kWh at 0.1 and 50 kWh at 0.2
    all_load = 1000.0 * (0.1 + 0.3 + 0.1 + 0.2 + 0.2)
    assert answer.objective == pytest.approx(all_load - 30 + 15, abs=1e-2)
    assert answer.replay.objective == pytest.approx(answer.objective, abs=1e-2)


@each_method
def test_what_a_shift_costs_decides_whether_it_is_worth_it(
    method: Callable[[Problem], Answer],
) -> None:
    price = [0.3, 0.1, 0.1, 0.25]
    # what is shifted out of step 0 saves 0.2 per kWh
    for shift_cost, shifted_kw in ((0.19, 100.0), (0.21, 0.0)):
        problem = on_two_buses(price, shift_cost=shift_cost, at_end="closed")
        assert method(problem).shifted_kw[0, 0] == pytest.approx(shifted_kw, abs=1e-3)


@each_method
def test_curtailment_is_for_the_steps_that_are_dearer_than_its_cost(
    method: Callable[[Problem], Answer],
) -> None:
    problem = on_two_buses([0.1, 0.3, 0.2], caps_kw=(70.0, 0.0), curtail_cost=0.25)
    answer = method(problem)
    assert answer.curtailed_kw[:, 0] == pytest.approx([0, 70, 0], abs=1e-3)
    assert answer.objective == pytest.approx(600 - 0.05 * 70, abs=1e-2)


@each_method
@pytest.mark.parametrize(
    ("at_end", "after_cost", "shifted_kw"),
    [
        ("lost", None, [100, 100]),
        ("closed", None, [0, 0]),
        ("owed", 0.05, [100, 100]),
        ("owed", 0.21, [100, 0]),
        ("owed", 0.24, [0, 0]),
        ("owed", [[0.05, 0.5]], [100, 0]),
        ("owed", [[0.5, 0.05]], [0, 0]),
    ],
)
def test_what_would_return_after_the_last_step(
    method: Callable[[Problem], Answer],
    at_end: Literal["lost", "closed", "owed"],
    after_cost: Any,
    shifted_kw: list[float],
) -> None:
    # Two thirds return a step later, a third two steps later. Out of step 0 that costs 0.127 in step 1 and a third of the first
    # cost after it, against 0.2; out of step 1 two thirds of the first and a third of the second, against 0.19.
    problem = on_two_buses(
        [0.2, 0.19],
        kernel=np.array([2 / 3, 1 / 3]),
        at_end=at_end,
        after_cost=after_cost,
    )
    answer = method(problem)
    assert answer.shifted_kw[:, 0] == pytest.approx(shifted_kw, abs=1e-3)
    assert answer.objective == pytest.approx(answer.replay.objective, abs=1e-2)


def test_cost_of_what_is_owed_by_hand() -> None:
    problem = on_two_buses(
        [0.2, 0.2],
        kernel=np.array([0.5, 0.3]),
        after_cost=[[0.4, 0.6]],
        shift_cost=0.01,
    )
    # out of step 0: 0.3 in the first step after the last; out of step 1: 0.5 in the first and 0.3 in the second
    in_all = problem.rebounds.shift_cost_in_all[:, 0]
    assert in_all == pytest.approx([0.01 + 0.3 * 0.4, 0.01 + 0.5 * 0.4 + 0.3 * 0.6])
    reduction = Reduction(np.zeros((2, 1)), np.array([[10.0], [20.0]]))
    with_them = replay(problem, NO_DERS[[0, 0]], NO_DERS[[0, 0]], reduction=reduction)
    assert with_them.returned_kw[:, 0] == pytest.approx([0.0, 5.0])
    after = 3 * 0.4 + 10 * 0.4 + 6 * 0.6
    in_steps = 0.2 * (990 + 985) + 0.01 * 30
    assert with_them.objective == pytest.approx(in_steps + after, abs=1e-3)


@each_method
def test_energy_under_way_returns_whatever_is_decided(
    method: Callable[[Problem], Answer],
) -> None:
    problem = on_two_buses([0.1, 0.1], caps_kw=(0.0, 0.0), owed_kw=[[30.0, 20.0]])
    answer = method(problem)
    assert answer.returned_kw[:, 0] == pytest.approx([30.0, 20.0])
    bought_kw = answer.replay.source_kw
    assert bought_kw == pytest.approx([1030.0, 1020.0], abs=1e-2)


@each_method
def test_no_more_is_taken_off_than_the_load_and_what_comes_back(
    method: Callable[[Problem], Answer],
) -> None:
    # 40 kW of load against caps of 30 and 80: all of it goes in step 0, then what comes back as well
    problem = on_two_buses(
        [0.3, 0.3, 0.05],
        caps_kw=(30.0, 80.0),
        within_load=True,
        load_kw=40.0,
        kernel=np.array([1.0]),
        owed_kw=[[5.0]],
        after_cost=0.05,
    )
    answer = method(problem)
    taken_off = (answer.curtailed_kw + answer.shifted_kw)[:, 0]
    assert taken_off[0] == pytest.approx(45.0, abs=1e-3)
    change_kw = answer.returned_kw[:, 0] - taken_off
    assert change_kw[:2] == pytest.approx([-40.0, -40.0], abs=1e-3)


@each_method
@pytest.mark.parametrize(("follows", "kvar"), [(True, 450.0), (False, 500.0)])
def test_reactive_power_stays_or_follows(
    method: Callable[[Problem], Answer], follows: bool, kvar: float
) -> None:
    problem = on_two_buses(
        [0.3], caps_kw=(100.0, 0.0), at_power_factor=follows, at_end="lost"
    )
    source_kva = method(problem).replay.solution.source_kva[0]
    assert source_kva.real == pytest.approx(900.0, abs=1e-2)
    assert source_kva.imag == pytest.approx(kvar, abs=1e-2)


def plain_optimum(problem: Problem) -> float:
    """The least cost without a network, by rows of its own: one matrix for the whole return of each device."""
    rebounds = problem.rebounds
    steps = problem.steps
    n_steps = problem.n_steps
    load_kw = steps.load_kw[:, rebounds.load]
    kernel = rebounds.devices.kernel
    total = float(steps.price @ steps.load_kw.sum(axis=1))
    for k in range(rebounds.n_devices):
        long = np.zeros((n_steps + kernel.shape[1], n_steps))
        for step, lag in itertools.product(range(n_steps), range(kernel.shape[1])):
            long[step + 1 + lag, step] = kernel[k, lag]
        within, after = long[:n_steps], long[n_steps:]
        owed = np.zeros(n_steps)
        n_owed = min(n_steps, kernel.shape[1])
        owed[:n_owed] = rebounds.owed_kw[k, :n_owed]
        by_curtail = rebounds.curtail_cost[:, k] - steps.price
        by_shift = rebounds.shift_cost[:, k] - steps.price
        by_shift = by_shift + within.T @ steps.price + after.T @ rebounds.after_cost[k]
        taken_off = np.hstack([np.eye(n_steps), np.eye(n_steps) - within])
        caps = [*rebounds.curtail_max_kw[:, k], *rebounds.shift_max_kw[:, k]]
        solved = linprog(
            [*by_curtail, *by_shift],
            A_ub=taken_off if rebounds.devices.within_load else None,
            b_ub=load_kw[:, k] + owed if rebounds.devices.within_load else None,
            bounds=[(0.0, cap) for cap in caps],
        )
        assert solved.status == 0
        total += float(solved.fun + steps.price @ owed)
    return steps.hours * total


@pytest.mark.parametrize("seed", range(6))
def test_random_problems_against_a_plain_linear_program(seed: int) -> None:
    random = np.random.default_rng(seed)
    n_steps = int(random.integers(1, 9))
    n_lags = int(random.integers(1, 5))
    n_devices = 3
    kernel = random.uniform(0, 0.5, (n_devices, n_lags))
    kernel[random.random(kernel.shape) < 0.3] = 0.0
    at_end = ("lost", "closed", "owed")[seed % 3]
    devices = ReboundLoads.make(
        [f"load{k}" for k in range(n_devices)],
        random.uniform(0, 60, n_devices),
        random.uniform(0, 60, n_devices),
        kernel,
        within_load=seed % 2 == 0,
    )
    problem = make_problem(
        Network.from_feeder(lossless(50.0, 60.0, 70.0)),
        price=random.uniform(0.05, 0.5, n_steps),
        hours=0.5,
        load_kw=random.uniform(20, 80, (n_steps, n_devices)),
        branch_limits=(),
        rebounds=ReboundInputs(
            devices,
            curtail_cost=random.uniform(0.1, 0.6, (n_steps, n_devices)),
            shift_cost=random.uniform(0, 0.1, n_devices),
            owed_kw=random.uniform(0, 20, kernel.shape),
            at_end=at_end,
            after_cost=random.uniform(0, 0.4, n_devices) if at_end == "owed" else None,
        ),
    )
    plain = plain_optimum(problem)
    for method in METHODS:
        answer = method(problem)
        assert answer.objective == pytest.approx(plain, rel=2e-6)
        assert answer.replay.objective == pytest.approx(plain, rel=2e-6)


def test_no_shift_of_a_grid_costs_less_on_ac() -> None:
    """Three steps with real losses: the optimum against every shift on a grid, replayed."""
    problem = on_two_buses(
        [0.11, 0.1, 0.1],
        kernel=np.array([0.7, 0.2]),
        caps_kw=(0.0, 400.0),
        feeder=two_bus(r_ohm=8.0, x_ohm=4.0),
        load_kw=[[1000.0], [600.0], [700.0]],
        after_cost=0.1,
        shift_cost=0.02,
    )
    grid_kw = np.linspace(0, 400, 9)
    shifts = np.array(list(itertools.product(grid_kw, repeat=3)))
    costs = [
        replay(
            problem,
            NO_DERS[[0, 0, 0]],
            NO_DERS[[0, 0, 0]],
            reduction=Reduction(np.zeros((3, 1)), shift[:, None]),
        ).objective
        for shift in shifts[::2]
    ]
    best = shifts[::2][np.argmin(costs)]
    for method in METHODS:
        answer = method(problem)
        assert answer.replay.objective <= min(costs) + 1e-6
        # the grid's best lies within a step of it, and the optimum inside the caps: losses decide
        assert answer.shifted_kw[:, 0] == pytest.approx(best, abs=60.0)
        assert 5.0 < answer.shifted_kw[0, 0] < 395.0


def day_on_ieee33(v_min_pu: float = 0.925) -> Problem:
    """Six devices on the 33-bus feeder over twelve steps, with a voltage limit that binds at the peak."""
    feeder = load_feeder("ieee33")
    load_of = {load.bus: load.name for load in feeder.loads}
    caps_kw = np.array([165.0, 110.0, 110.0, 88.0, 132.0, 110.0])
    devices = ReboundLoads.make(
        [load_of[bus] for bus in ("6", "14", "18", "22", "28", "33")],
        caps_kw,
        caps_kw,
        equal_parts(4),
        within_load=True,
        at_power_factor=True,
    )
    shape = 0.7 + 0.3 * np.sin(np.arange(12) / 11 * np.pi)
    return make_problem(
        Network.from_feeder(feeder),
        price=0.1 + 0.1 * shape,
        load_kw=shape[:, None] * [load.p_kw for load in feeder.loads],
        load_kvar=shape[:, None] * [load.q_kvar for load in feeder.loads],
        branch_limits=(),
        rebounds=ReboundInputs(
            devices, curtail_cost=0.3, shift_cost=0.01, at_end="closed"
        ),
        v_min_pu=v_min_pu,
    )


def test_all_formulations_agree_and_the_relaxation_is_tight() -> None:
    problem = day_on_ieee33()
    nlp, socp, lp = solve_nlp(problem), solve_socp(problem), solve_lp(problem)
    # the relaxation is a bound, to the solvers' tolerance
    assert socp.objective <= nlp.objective * (1 + 1e-8)
    assert socp.objective == pytest.approx(nlp.objective, rel=1e-7)
    assert socp.relaxation_gap_kw is not None
    assert np.abs(socp.relaxation_gap_kw).max() < 1e-4
    assert lp.replay.objective == pytest.approx(nlp.objective, rel=1e-6)
    assert nlp.duals.voltage.min() < -1.0  # the voltage limit binds
    for answer in (nlp, socp, lp):
        assert answer.replay.violations == ()
        assert answer.replay.vm_pu == pytest.approx(answer.vm_pu, abs=1e-5)
        assert answer.curtailed_kw.sum() > 1.0
        assert answer.shifted_kw.sum() > 1.0
        # closed: all that went out came back
        assert answer.returned_kw.sum() == pytest.approx(answer.shifted_kw.sum())
        assert not answer.owed_kw.any() or answer.owed_kw.max() < 1e-6


@pytest.mark.parametrize("method", [solve_socp, solve_nlp])
def test_one_kw_more_of_load_costs_the_price_at_its_node(
    method: Callable[[Problem], Answer],
) -> None:
    problem = day_on_ieee33()
    answer = method(problem)
    prices = from_duals(answer).total
    assert prices == pytest.approx(answer.duals.node_kw, abs=2e-5)
    load = problem.rebounds.load[2]
    node = problem.network.devices.plus[load]
    step = 6
    more = problem.steps.load_kw.copy()
    more[step, load] += 1.0
    dearer = method(problem.replace(load_kw=more)).objective - answer.objective
    assert dearer == pytest.approx(answer.duals.node_kw[step, node], rel=0.02)


@pytest.mark.parametrize("method", [solve_lp, solve_nlp])
def test_phases_and_voltage_dependent_loads(
    method: Callable[[Problem], Answer],
) -> None:
    """IEEE 13: a load between phases and one of constant impedance shift out of the dear step."""
    feeder = load_feeder("ieee13")
    names = [
        next(load.name for load in feeder.loads if load.connection == "delta"),
        next(load.name for load in feeder.loads if load.zip_p == CONSTANT_IMPEDANCE),
    ]
    devices = ReboundLoads.make(names, 0.0, 20.0, equal_parts(2), at_power_factor=True)
    problem = make_problem(
        Network.from_feeder(feeder),
        price=[0.3, 0.1, 0.1],
        v_min_pu=0.8,
        v_max_pu=1.2,
        branch_limits=(),
        rebounds=ReboundInputs(devices, at_end="closed"),
    )
    answer = method(problem)
    assert answer.shifted_kw == pytest.approx(
        np.array([[20, 20], [0, 0], [0, 0.0]]), abs=1e-3
    )
    assert answer.replay.objective == pytest.approx(answer.objective, rel=1e-5)


def test_relaxation_with_loads_that_depend_on_voltage_tells_what_it_left_out() -> None:
    feeder = two_bus(r_ohm=4.0, zip_p=CONSTANT_IMPEDANCE, zip_q=CONSTANT_IMPEDANCE)
    problem = on_two_buses(
        [0.3, 0.1, 0.1], feeder=feeder, at_end="closed", caps_kw=(0.0, 50.0)
    )
    socp, nlp = solve_socp(problem), solve_nlp(problem)
    assert any("rebound" in note for note in socp.approximations)
    # the load itself depends on voltage in both; only 50 kW of change count as at rated voltage
    assert socp.objective == pytest.approx(nlp.objective, rel=5e-3)
    assert socp.shifted_kw == pytest.approx(nlp.shifted_kw, abs=1e-2)


@each_method
def test_limits_that_no_shift_keeps_are_named(
    method: Callable[[Problem], Answer],
) -> None:
    with pytest.raises(InfeasibleError, match="lowest voltage at 33"):
        method(day_on_ieee33(v_min_pu=0.95))


def by_socp(problem: Problem, before: Answer | None) -> Answer:
    """The relaxation in every window."""
    del before
    return solve_socp(problem)


def test_windows_that_see_the_end_do_as_well_as_the_whole() -> None:
    problem = day_on_ieee33()
    whole = solve_socp(problem)
    run = run_horizon(problem, 12, by_socp)
    assert run.replay.objective == pytest.approx(whole.replay.objective, rel=1e-6)
    # which of two devices or two steps like each other shifts is all the same
    total_kw = run.reduction.shifted_kw.sum()
    assert total_kw == pytest.approx(whole.shifted_kw.sum(), rel=1e-3)


def test_short_windows_carry_on_what_is_under_way() -> None:
    problem = day_on_ieee33()
    run = run_horizon(problem, 3, by_socp)
    shifted = run.reduction.shifted_kw
    assert shifted.sum() > 1.0
    # closed by the end of all steps, although no window but the last sees it
    assert not shifted[-4:].any()
    by_hand = np.zeros(shifted.shape)
    for lag in range(1, 5):
        by_hand[lag:] += 0.25 * shifted[:-lag]
    assert run.replay.returned_kw == pytest.approx(by_hand)
    # no window sees all that the whole sees, and each pays for what it leaves behind
    least = solve_socp(problem).replay.objective
    assert least < run.replay.objective < 1.02 * least


def test_a_window_that_shifts_past_its_end_pays_the_price_of_those_steps() -> None:
    # Out of step 0 into step 2: worth it at 0.1, not at 0.3. A window of one step sees neither.
    for last, shifted_kw in ((0.1, 100.0), (0.3, 0.0)):
        problem = on_two_buses([0.2, 0.15, last], kernel=np.array([0.0, 1.0]))
        run = run_horizon(problem, 1, by_socp)
        assert run.reduction.shifted_kw[0, 0] == pytest.approx(shifted_kw, abs=1e-3)


def test_what_the_load_does_not_have_is_not_applied() -> None:
    problem = on_two_buses(
        [0.3, 0.1], within_load=True, load_kw=40.0, kernel=np.array([1.0])
    )

    def believe_in_more(step: int, window: Problem) -> Problem:
        del step
        return window.replace(load_kw=window.steps.load_kw * 2)

    run = run_horizon(problem, 2, by_socp, believe_in_more)
    assert run.reduction.shifted_kw[0, 0] == pytest.approx(40.0, abs=1e-6)


def test_a_model_is_for_the_loads_it_was_built_for() -> None:
    feeder = lossless(100.0, 100.0)
    network = Network.from_feeder(feeder)

    def at_load(name: str, price: float) -> Problem:
        devices = ReboundLoads.make([name], 50.0, 0.0, [1.0])
        inputs = ReboundInputs(devices, curtail_cost=0.2)
        return make_problem(network, price=price, branch_limits=(), rebounds=inputs)

    model = NlpModel(at_load("load0", 0.1))
    dearer = model.solve(at_load("load0", 0.3), start=model.solve())
    assert dearer.curtailed_kw[0, 0] == pytest.approx(50.0, abs=1e-3)
    with pytest.raises(InputError, match="another structure"):
        model.solve(at_load("load1", 0.3))


def test_published_rules_make_full_curtailment_optimal_and_a_bound_by_load_does_not() -> (
    None
):
    """Losses alone, curtailment free of further cost: the optimum curtails all it may, as the constant rule does."""
    problem = day_on_ieee33(v_min_pu=0.8)
    n_steps = problem.n_steps
    share = problem.rebounds.devices.returned_share(n_steps)
    of_losses = problem.replace(
        price=np.ones(n_steps),
        curtail_cost=np.ones((n_steps, 6)),
        shift_cost=1.0 - share,
    )
    free = replace(of_losses.rebounds.devices, within_load=False)
    caps_kw = of_losses.rebounds.curtail_max_kw
    unbounded = of_losses.replace(
        devices=free,
        shift_max_kw=caps_kw.copy(),
        after_cost=np.zeros((6, 4)),
    )
    answer = solve_socp(unbounded)
    assert answer.curtailed_kw == pytest.approx(caps_kw, abs=1e-2)
    load_kwh = problem.steps.load_kw.sum()
    all_curtailed = replay(
        unbounded,
        np.zeros((n_steps, 0)),
        np.zeros((n_steps, 0)),
        reduction=Reduction(caps_kw, np.zeros(caps_kw.shape)),
    )
    nothing = replay(unbounded, np.zeros((n_steps, 0)), np.zeros((n_steps, 0)))
    loss_kwh = [
        case.objective - load_kwh for case in (answer.replay, all_curtailed, nothing)
    ]
    assert loss_kwh[0] < loss_kwh[1] < loss_kwh[2]
    bounded = solve_socp(of_losses)
    assert loss_kwh[1] < bounded.objective - load_kwh < loss_kwh[2]


def test_bad_numbers_come_in_one_error() -> None:
    feeder = two_bus()
    devices = ReboundLoads.make(["load"], 10.0, 10.0, HALVES, at_power_factor=True)
    with pytest.raises(InputError) as caught:
        make_problem(
            Network.from_feeder(feeder),
            price=[0.1, 0.1],
            load_kw=[[5.0], [0.0]],
            flexible=FlexibleInputs(is_flexible=True),
            rebounds=ReboundInputs(
                devices,
                curtail_max_kw=[[1.0], [-1.0]],
                shift_max_kw=np.inf,
                owed_kw=np.nan,
                curtail_cost=np.nan,
            ),
        )
    text = str(caught.value)
    assert "curtail_cost has a value that is not a finite number" in text
    assert "flexible load 'load', step 1: curtail_max_kw must be 0 or more" in text
    assert "flexible load 'load', step 0: shift_max_kw must be" in text
    assert "flexible load 'load', step 0: owed_kw must be" in text
    assert "step 0: its load may be shed as well" in text
    assert "step 1: its load has kvar and no kW" in text


def test_unknown_and_repeated_loads() -> None:
    devices = ReboundLoads.make(["laod"], 1.0, 1.0, HALVES)
    network = Network.from_feeder(two_bus())
    with pytest.raises(InputError, match=r"Did you mean 'load'.*needs one of 0 kW"):
        make_problem(network, price=0.1, rebounds=ReboundInputs(devices))
    two = ReboundLoads.make(["x", "y"], 1.0, 1.0, HALVES)
    with pytest.raises(InputError, match="stand at load 'load'; one load takes one"):
        make_problem(
            network, price=0.1, rebounds=ReboundInputs(two, loads=["load", "load"])
        )
    with pytest.raises(ShapeError, match=r"There are 2 .* but 1 names in `loads`"):
        make_problem(network, price=0.1, rebounds=ReboundInputs(two, loads=["load"]))


def test_ends_that_do_not_go_together() -> None:
    with pytest.raises(InputError, match="at_end must be one of 'lost', 'closed'"):
        on_two_buses([0.1], at_end="gone")
    with pytest.raises(InputError, match="after_cost is for energy that is owed"):
        on_two_buses([0.1], at_end="lost", after_cost=0.1)
    with pytest.raises(ShapeError, match="after_cost has shape"):
        on_two_buses([0.1], after_cost=np.ones((3, 2)))
