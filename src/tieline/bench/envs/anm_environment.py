"""The voltage-control task as an environment of gym-anm: the same feeder, inverters, day and choice of reactive power.

Source: R. Henry, D. Ernst, "Gym-ANM: Reinforcement learning environments for active network management tasks in electricity
distribution systems", Energy and AI 5, 2021. There a step takes active and reactive set-points of every generator; active
power is asked for in full, as the sun gives it. The limit of a set-point is a polygon around the inverter's circle; the steps
that are compared with tieline's keep inside both.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.typing import FloatArray

BASE_MVA = 10.0
LOAD, SLACK, RENEWABLE = -1, 0, 2
SLACK_BUS, PQ_BUS = 0, 1
"""Codes of gym-anm."""

NO_LIMIT_MVA = 1e3
"""Rating of branches and of the grid: not a limit of this task."""

PENALTY_WEIGHT, DISCOUNT = 100.0, 0.995
"""Of gym-anm's own example task; they change the reward, not the work of a step."""


def make_anm_environment(task: VoltageControlTask, day: int, first_step: int = 0) -> Any:
    """An environment that plays one day of the task's pool again and again, after a reset from `first_step` on.

    Raises:
        ImportError: if gym-anm is missing.
        InputError: if the feeder is not a single-phase equivalent of lines and loads.
    """
    base: Any = import_module("gym_anm").ANMEnv  # a package of the extra `bench` only
    feeder = task.model.network.feeder
    if (
        not feeder.single_phase_equivalent
        or feeder.transformers
        or feeder.capacitors
        or feeder.shunts
    ):
        raise InputError(
            f"Feeder '{feeder.name}' is more than the lines and loads that are translated for gym-anm."
        )
    load_mw = -task.days.load_pu[day, :-1] * np.array([load.p_kw for load in feeder.loads]) / 1e3
    offer_mw = task.inverters.available_kw(task.days.sun_pu[day, :-1, None]) / 1e3
    network = _network(feeder, task)

    class FeederDay(base):
        """Time is the one auxiliary variable."""

        def __init__(self) -> None:
            last = task.days.n_steps - 1
            hours = task.config.profiles.step_minutes / 60
            super().__init__(
                network,
                "state",
                1,
                hours,
                DISCOUNT,
                PENALTY_WEIGHT,
                np.array([[0, last]]),
                (1, 100),
            )

        def init_state(self) -> FloatArray:
            """The step before the first one, without sun and load."""
            size = 2 * self.simulator.N_device + self.simulator.N_non_slack_gen + 1
            state = np.zeros(size)
            state[-1] = (first_step - 1) % task.days.n_steps
            return state

        def next_vars(self, s_t: FloatArray) -> FloatArray:
            """Loads and sun of the next step."""
            step = (int(s_t[-1]) + 1) % task.days.n_steps
            return np.concatenate([load_mw[step], offer_mw[step], [step]])

    return FeederDay()


def anm_action(task: VoltageControlTask, q_kvar: FloatArray) -> FloatArray:
    """All active power and these reactive powers, (inverter,) [kvar], as gym-anm wants an action."""
    return np.concatenate([task.inverters.rated_kw, q_kvar]) / 1e3


def _network(feeder: Feeder, task: VoltageControlTask) -> dict[str, Any]:
    """The tables that gym-anm reads; no regulation of voltage but the slack's."""
    bus = {one.name: k for k, one in enumerate(feeder.buses)}
    lowest, highest = task.config.lowest_pu, task.config.highest_pu
    buses = [
        [k, PQ_BUS if one.name != feeder.source.bus else SLACK_BUS, one.kv_ll, highest, lowest]
        for k, one in enumerate(feeder.buses)
    ]
    slack = [
        0,
        bus[feeder.source.bus],
        SLACK,
        None,
        *(NO_LIMIT_MVA, -NO_LIMIT_MVA) * 2,
        *(None,) * 7,
    ]
    devices = [slack]
    for load in feeder.loads:
        row = [
            len(devices),
            bus[load.bus],
            LOAD,
            load.q_kvar / load.p_kw,
            0.0,
            -10.0 * load.p_kw / 1e3,
            *(None,) * 9,
        ]
        devices.append(row)
    for pv in feeder.pvs:
        p, s = pv.rated_kw / 1e3, pv.inverter_kva / 1e3
        room = (s**2 - p**2) ** 0.5
        devices.append(
            [
                len(devices),
                bus[pv.bus],
                RENEWABLE,
                None,
                p,
                0.0,
                s,
                -s,
                0.0,
                None,
                room,
                -room,
                *(None,) * 3,
            ]
        )
    branches = [
        [bus[x.from_bus], bus[x.to_bus], *_impedance_pu(x, feeder), 0.0, NO_LIMIT_MVA, 1, 0]
        for x in feeder.lines
        if x.closed
    ]
    tables = {"bus": buses, "device": devices, "branch": branches}
    return {"baseMVA": BASE_MVA, **{name: np.array(rows) for name, rows in tables.items()}}


def _impedance_pu(line: Any, feeder: Feeder) -> tuple[float, float]:
    ohm = feeder.bus(line.from_bus).kv_ll ** 2 / BASE_MVA
    r, x = (
        getattr(line.code, name)[0][0] * line.impedance_factor / ohm
        for name in ("r_ohm_per_km", "x_ohm_per_km")
    )
    return r, x
