"""The safety step: by hand on two buses, against all allocations of a grid, no touch without need, marks where it cannot help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.agents.decider import RuleDecider
from tieline.agents.safe_search import MARGIN_PU
from tieline.agents.safety import SafeDecider, make_safe
from tieline.envs import Outcome, Task, make_task
from tieline.envs.box import Box
from tieline.envs.reserve.config import ReserveEnvConfig
from tieline.envs.reserve.model import ReserveModel
from tieline.envs.reserve.task import ReserveState, ReserveTask
from tieline.envs.safeguarded import Bounds, Kept, Limited, limited_voltages
from tieline.errors import InputError, ShapeError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import solve

MOST_KW = 8000.0


@dataclass(frozen=True)
class Nothing:
    """A state without content, for a number of episodes."""

    episode: np.ndarray


class PlainTask(Task[Nothing]):
    """One generator beside the load of two buses; nothing is said about limits."""

    name = feeder_name = "two-bus"
    action = Box(("p_kw",), np.zeros(1), np.full(1, MOST_KW))

    def start(self, seeds: np.ndarray) -> Nothing:
        return Nothing(seeds)

    def observe(self, state: Nothing) -> np.ndarray:
        return np.empty((len(state.episode), 0))

    def advance(self, state: Nothing, actions: np.ndarray) -> Outcome[Nothing]:
        raise NotImplementedError


class TwoBusTask(PlainTask):
    """The same with a voltage band."""

    def __init__(self, lowest_pu: float, highest_pu: float):
        self.band_pu = lowest_pu, highest_pu
        self.network = Network.from_feeder(with_generators(two_bus(), 1, MOST_KW))

    def limited(self, state: Nothing, actions: np.ndarray) -> Limited:
        assert self.network is not None
        assert self.band_pu is not None
        solution = solve(self.network, der_kw=actions, der_kvar=[0.0], tolerance=1e-12)
        per_action = np.ones((len(actions), 1))
        return limited_voltages(
            solution,
            voltage_points(self.network),
            self.band_pu,
            "der_kw",
            np.arange(1),
            per_action,
        )

    def carried_out(self, state: Nothing, actions: np.ndarray) -> np.ndarray:
        return actions

    controls_act = False

    def bounds(self, state: Nothing) -> Bounds:
        return Bounds.of(self.action, len(state.episode))

    def kept(self, state: Nothing) -> Kept:
        return Kept.nothing(len(state.episode), 1)


def injection_kw(v_pu: float) -> float:
    """Injection beside the load of 1 MW, 0.5 Mvar at which its voltage is `v_pu`; with consumption P it obeys
    V^4 - (1 - 2 (rP + xQ)) V^2 + (r^2 + x^2) (P^2 + Q^2) = 0.
    """
    r, x, q = 0.5 / 12.66**2, 0.3 / 12.66**2, 0.5
    w, z2 = v_pu**2, r * r + x * x
    consumed_mw = np.roots([z2, 2 * r * w, w * w - (1 - 2 * x * q) * w + z2 * q * q])
    return 1000.0 * (1.0 - float(consumed_mw.real.max()))


def states(count: int) -> Nothing:
    """States of the two-bus task."""
    return Nothing(np.arange(count))


def test_two_buses_by_hand() -> None:
    """Too high, fine, too low: moved to the edge of the band (a margin inside), left alone, moved to the other edge."""
    task = TwoBusTask(0.996, 1.01)
    proposed = np.array([[6000.0], [2500.0], [5.0]])
    low, high = injection_kw(0.996 + MARGIN_PU), injection_kw(1.01 - MARGIN_PU)
    assert 5.0 < low < 2500.0 < high < 6000.0
    safe = make_safe(task, states(3), proposed)
    assert safe.actions[:, 0] == pytest.approx([high, 2500.0, low], abs=0.1)
    assert safe.touched.tolist() == [True, False, True]
    assert safe.moved * MOST_KW == pytest.approx([6000 - high, 0.0, low - 5], abs=0.1)
    assert safe.violation_before[1] == 0.0
    assert (safe.violation_before[[0, 2]] > 1e-5).all()
    assert (safe.violation_after == 0).all()
    assert not safe.is_infeasible.any()
    assert safe.counts["touched"] == safe.counts["violating_before"] == 2
    assert safe.counts["violating_after"] == 0


def test_out_of_reach_takes_the_least_violation_and_is_marked() -> None:
    """No injection up to 8 MW lifts the voltage to 1.05: all of it comes nearest."""
    task = TwoBusTask(1.05, 1.2)
    safe = make_safe(task, states(1), np.array([[100.0]]))
    most_pu = task.limited(states(1), np.array([[MOST_KW]])).value[0, 1]
    assert safe.actions[0, 0] == pytest.approx(MOST_KW, abs=1.0)
    assert safe.is_infeasible[0]
    # the source's own bus, 1 pu, is outside by 0.05 whatever is done; it decides the worst violation
    assert safe.violation_after[0] == pytest.approx(0.05)
    assert most_pu < 1.05
    assert safe.counts["infeasible"] == safe.counts["violating_after"] == 1


def test_outside_the_bounds_is_clipped_without_counting_as_touched() -> None:
    safe = make_safe(TwoBusTask(0.5, 1.5), states(1), np.array([[9000.0]]))
    assert (safe.actions[0, 0], bool(safe.touched[0])) == (MOST_KW, False)


def test_no_solution_is_left_alone_and_counted() -> None:
    task = TwoBusTask(0.95, 1.05)
    task.network = Network.from_feeder(with_generators(two_bus(p_kw=1e6), 1, MOST_KW))
    safe = make_safe(task, states(1), np.array([[100.0]]))
    assert safe.violation_after[0] == np.inf
    assert (safe.touched[0], safe.counts["unsolved"]) == (False, 1)


def test_refusals() -> None:
    with pytest.raises(
        InputError, match=r"'two-bus' does not say which quantities its limits apply to"
    ):
        make_safe(PlainTask(), states(1), np.array([[100.0]]))
    with pytest.raises(ShapeError, match=r"expected \(1, 1\)"):
        make_safe(TwoBusTask(0.9, 1.1), states(1), np.zeros((1, 2)))
    with pytest.raises(InputError, match="'p_kw' of episode 0 is nan"):
        make_safe(TwoBusTask(0.9, 1.1), states(1), np.array([[np.nan]]))
    decider = RuleDecider(lambda task, state: np.zeros((1, 1)), TwoBusTask(0.9, 1.1))
    with pytest.raises(InputError, match="needs the state"):
        SafeDecider(decider, decider.task).act(np.zeros((1, 0)))


@pytest.fixture(scope="module")
def tight() -> ReserveTask:
    """Three DERs on the IEEE 34 feeder, taps held, a lowest voltage that many allocations break."""
    config = ReserveEnvConfig(ders=("844", "890", "834"), lowest_pu=0.93)
    feeder = load_feeder(config.feeder)
    return ReserveTask(config, ReserveModel.of(config, feeder.replace(regulators=())))


def allocations(state: ReserveState, step_kw: float) -> np.ndarray:
    """All shares of one episode's capacity on a grid that meet the request, (allocation, der)."""
    capacity, request = state.capacity_kw[0], state.request_kw[0]
    first, second = (
        np.append(np.arange(0.0, most, step_kw), most) for most in capacity[:2]
    )
    kw = np.array([(a, b, request - a - b) for a in first for b in second])
    return kw[(kw[:, 2] >= 0) & (kw[:, 2] <= capacity[2])] / capacity


def repeated(state: ReserveState, count: int) -> ReserveState:
    """The same episode many times."""
    return ReserveState(
        *(
            np.repeat(array, count, axis=0)
            for array in (state.capacity_kw, state.bid_cents, state.request_kw)
        )
    )


@pytest.mark.parametrize("request_kw", [250.0, 400.0])
def test_the_nearest_of_all_allocations(tight: ReserveTask, request_kw: float) -> None:
    """No allocation of a 4 kW grid within limits is nearer than the one taken, and one is about as near."""
    state = ReserveState(
        np.array([[200.0, 220.0, 180.0]]), np.full((1, 3), 10.0), np.array([request_kw])
    )
    shares = allocations(state, 4.0)
    replayed = tight.limited(repeated(state, len(shares)), shares)
    lowest = replayed.value.min(axis=1)
    limit = float(np.quantile(lowest, 0.7))
    task = ReserveTask(
        tight.config.model_copy(update={"lowest_pu": limit}), tight.model
    )
    proposed = shares[[lowest.argmin()]]
    safe = make_safe(task, state, proposed)
    allocation_kw = task.allocation_kw(state, safe.actions)
    distance = np.linalg.norm(shares - proposed, axis=1)[lowest >= limit]
    assert safe.violation_after[0] == 0.0
    assert allocation_kw.sum() == pytest.approx(request_kw, abs=1e-9)
    assert safe.moved[0] <= distance.min() + 1e-3
    assert safe.moved[0] >= distance.min() - 4.0 / 180.0 * np.sqrt(3)
    assert safe.moved[0] > 0.1


def test_a_batch_gets_what_each_episode_gets_alone(tight: ReserveTask) -> None:
    state = tight.start(np.arange(12))
    proposed = np.random.default_rng(0).uniform(size=(12, 3))
    task = ReserveTask(tight.config.model_copy(update={"lowest_pu": 0.9}), tight.model)
    together = make_safe(task, state, proposed)
    assert together.touched.any()
    for k in range(12):
        alone = ReserveState(
            state.capacity_kw[[k]], state.bid_cents[[k]], state.request_kw[[k]]
        )
        assert make_safe(task, alone, proposed[[k]]).actions[0] == pytest.approx(
            together.actions[k], abs=1e-7
        )


SMALL: dict[str, dict[str, Any]] = {
    "microgrids": {"pool_days": 4},
    "reserve": {"ders": ("844", "890")},
    "restoration": {},
    "voltage-control": {"pool_days": 4},
}
"""Configurations of the tasks that the safety step can correct, for quick tests."""


@pytest.mark.parametrize("name", sorted(SMALL))
def test_slopes_of_every_task_against_central_differences(name: str) -> None:
    task: Any = make_task(name, **SMALL[name])
    state = task.start(np.arange(3))
    actions = task.carried_out(state, np.full((3, task.action.size), 0.4))
    exact = task.limited(state, actions).slopes(np.array([2, 0]))
    capacity = getattr(state, "capacity_kw", None)
    for k in range(1 if name == "reserve" else task.action.size):
        change = np.zeros((3, task.action.size))
        change[:, k] = 1e-3
        if capacity is not None:
            # the sum is kept: what one DER gives more the other gives less
            change[:, 1] = -1e-3 * capacity[:, 0] / capacity[:, 1]
        after, before = (
            task.limited(state, actions + sign * change).value for sign in (1, -1)
        )
        along = exact @ change[[2, 0], :, None]
        assert along[..., 0] == pytest.approx((after - before)[[2, 0]] / 2, abs=2e-7)


def test_safe_actions_hold_the_band_over_a_day() -> None:
    from tieline.agents.evaluate import evaluate
    from tieline.envs.voltage_control.config import VoltageControlEnvConfig
    from tieline.envs.voltage_control.rules import DoNothing
    from tieline.envs.voltage_control.task import VoltageControlTask

    task = VoltageControlTask(VoltageControlEnvConfig(pool_days=4))
    decider = DoNothing(task)
    plain, safe = (
        evaluate(decider, task, np.arange(2), safe=is_safe, timed=0).metrics
        for is_safe in (False, True)
    )
    assert plain["undervoltage_pu_share_above"] > 0.05
    assert (
        safe["undervoltage_pu_share_above"] == safe["overvoltage_pu_share_above"] == 0.0
    )
    assert safe["violation_max_before_pu"] > 0.01
    assert 0.05 < safe["touched_share"] < 0.95
