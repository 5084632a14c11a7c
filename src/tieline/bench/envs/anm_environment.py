"""The voltage-control task as an environment of gym-anm: the same feeder, inverters, day and choice of reactive power.

Source: R. Henry, D. Ernst, "Gym-ANM: Reinforcement learning environments for active network management tasks in electricity
distribution systems", Energy and AI 5, 2021. There a step takes active and reactive set-points of every generator; active
power is asked for in full, as the sun gives it. The limit of a set-point is a polygon around the inverter's circle; the steps
that are compared with tieline's keep inside both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.bench.kit.peers import import_peer, require_simple_equivalent
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.feeders import Feeder
from tieline.typing import FloatArray

BASE_MVA = 10.0
LOAD = -1
SLACK = 0
RENEWABLE = 2
SLACK_BUS = 0
PQ_BUS = 1
"""Codes of gym-anm."""

DEVICE_COLUMNS = (
    "BUS_ID",
    "DEV_TYPE",
    "Q/P",
    "PMAX",
    "PMIN",
    "QMAX",
    "QMIN",
    "P+",
    "P-",
    "Q+",
    "Q-",
    "SOC_MAX",
    "SOC_MIN",
    "EFF",
)
"""Of its table of devices, behind their number; P+, Q+ and Q- are the corner from which on Q is cut."""

LARGEST_LOAD = 10.0
"""Lowest power of a load, as a multiple of its nominal load: not a limit of this task."""

NO_LIMIT_MVA = 1e3
"""Rating of branches and of the grid: not a limit of this task."""

PENALTY_WEIGHT = 100.0
DISCOUNT = 0.995
"""Of gym-anm's own example task; they change the reward, not the work of a step."""


def make_anm_environment(
    task: VoltageControlTask, day: int, first_step: int = 0
) -> Any:
    """An environment that plays one day of the task's pool again and again, after a reset from `first_step` on.

    Raises:
        CannotRun: if gym-anm is missing, or the feeder is not a single-phase equivalent of lines and loads.
    """
    base: Any = import_peer("gym_anm", "gym-anm").ANMEnv
    feeder = task.model.network.feeder
    require_simple_equivalent(feeder, with_ders=True)
    load_mw = (
        -task.days.load_pu[day, :-1]
        * np.array([load.p_kw for load in feeder.loads])
        / 1e3
    )
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
            simulator = self.simulator
            n_powers = 2 * simulator.N_device
            size = n_powers + simulator.N_non_slack_gen + 1
            # the peer's layout: P and Q of devices, what generators could give, and our step at the end
            state = np.zeros(size)
            state[-1] = (first_step - 1) % task.days.n_steps
            return state

        def next_vars(self, s_t: FloatArray) -> FloatArray:
            """Loads and sun of the next step."""
            last_step = int(s_t[-1])
            step = (last_step + 1) % task.days.n_steps
            parts = [load_mw[step], offer_mw[step], [step]]
            return np.concatenate(parts)

    return FeederDay()


def anm_action(task: VoltageControlTask, q_kvar: FloatArray) -> FloatArray:
    """All active power and these reactive powers, (inverter,) [kvar], as gym-anm wants an action."""
    return np.concatenate([task.inverters.rated_kw, q_kvar]) / 1e3


def _network(feeder: Feeder, task: VoltageControlTask) -> dict[str, Any]:
    """The tables that gym-anm reads; no regulation of voltage but the slack's."""
    bus_id = {bus.name: k for k, bus in enumerate(feeder.buses)}
    return {
        "baseMVA": BASE_MVA,
        "bus": np.array(_bus_rows(feeder, task)),
        "device": np.array(_device_rows(feeder, bus_id)),
        "branch": np.array(_branch_rows(feeder, bus_id)),
    }


def _bus_rows(feeder: Feeder, task: VoltageControlTask) -> list[list[float]]:
    config = task.config
    lowest = config.lowest_pu
    highest = config.highest_pu
    rows = []
    for k, bus in enumerate(feeder.buses):
        kind = PQ_BUS
        if bus.name == feeder.source.bus:
            kind = SLACK_BUS
        rows.append([k, kind, bus.kv_ll, highest, lowest])
    return rows


def _device_rows(feeder: Feeder, bus_id: dict[str, int]) -> list[list[float | None]]:
    """The grid, loads and inverters, numbered in this order."""
    rows = [
        _device(
            BUS_ID=bus_id[feeder.source.bus],
            DEV_TYPE=SLACK,
            PMAX=NO_LIMIT_MVA,
            PMIN=-NO_LIMIT_MVA,
            QMAX=NO_LIMIT_MVA,
            QMIN=-NO_LIMIT_MVA,
        )
    ]
    for load in feeder.loads:
        columns: dict[str, float] = {"Q/P": load.q_kvar / load.p_kw}
        lowest_mw = -LARGEST_LOAD * load.p_kw / 1e3
        rows.append(
            _device(
                BUS_ID=bus_id[load.bus],
                DEV_TYPE=LOAD,
                PMAX=0.0,
                PMIN=lowest_mw,
                **columns,
            )
        )
    for pv in feeder.pvs:
        p_mw = pv.rated_kw / 1e3
        s_mva = pv.inverter_kva / 1e3
        at_rating_mvar = (s_mva**2 - p_mw**2) ** 0.5
        corner = {"P+": 0.0, "Q+": at_rating_mvar, "Q-": -at_rating_mvar}
        rows.append(
            _device(
                BUS_ID=bus_id[pv.bus],
                DEV_TYPE=RENEWABLE,
                PMAX=p_mw,
                PMIN=0.0,
                QMAX=s_mva,
                QMIN=-s_mva,
                **corner,
            )
        )
    return [[k, *row] for k, row in enumerate(rows)]


def _device(**columns: float) -> list[float | None]:
    """A row of the device table without its number; None where a device has no such thing."""
    return [columns.get(name) for name in DEVICE_COLUMNS]


def _branch_rows(feeder: Feeder, bus_id: dict[str, int]) -> list[list[float]]:
    """Closed lines: ends, impedance, no shunt, no limit, no transformer."""
    rows = []
    for line in feeder.lines:
        if not line.closed:
            continue
        start = feeder.bus(line.from_bus)
        base_ohm = start.kv_ll**2 / BASE_MVA
        # one phase stands for three: the peer knows balanced feeders only
        r_ohm_per_km = line.code.r_ohm_per_km[0][0]
        x_ohm_per_km = line.code.x_ohm_per_km[0][0]
        r_pu = r_ohm_per_km * line.impedance_factor / base_ohm
        x_pu = x_ohm_per_km * line.impedance_factor / base_ohm
        ends = [bus_id[line.from_bus], bus_id[line.to_bus]]
        rows.append([*ends, r_pu, x_pu, 0.0, NO_LIMIT_MVA, 1, 0])
    return rows
