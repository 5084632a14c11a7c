"""`Answer`: set-points of an optimiser with duals and the AC replay that judges them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices import Reduction
from tieline.devices.battery import split
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay, replay_decisions
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Duals:
    """What one unit more of a limit or of demand changes the objective by.

    Attributes:
        voltage: per pu at each voltage point, above zero where the upper limit binds, below where the lower does, (step, point).
        flow: per A or kVA of each row of branch limits, (step, row).
        node_kw, node_kvar: price of consumption at each node as the solver has it, (step, node) [currency/kWh,
            currency/kvarh]; NaN where the formulation has none.
    """

    voltage: FloatArray
    flow: FloatArray
    node_kw: FloatArray
    node_kvar: FloatArray


@dataclass(frozen=True, eq=False)
class Answer:
    """Optimal set-points by one formulation.

    Attributes:
        method: "lp", "socp" or "nlp".
        status: what the solver said.
        problem: what was asked.
        u: the decision variables, see `Decisions`.
        decisions: where they stand in u.
        objective: optimal cost by the formulation's own model [currency].
        duals: prices of limits and demand.
        vm_pu: voltage at the problem's points by the formulation's own model, (step, point) [pu].
        start: the solver's state, from which a solve of a similar problem starts.
        iterations, solve_s: work done; time in the solver alone [s].
        rounds: AC solutions at which the formulation was linearised or judged on the way; 0 if it has no rounds.
        relaxation_gap_kw: loss of each branch that the relaxation has and AC would not, r (l - (P^2 + Q^2) / v), (step, branch);
            None if nothing is relaxed.
        gap_names: the branches of `relaxation_gap_kw`.
        approximations: what the formulation changed or left out, in words.
        v_pu: complex node voltages by the formulation's own model, (step, node) [pu]; None if it has none.
        replay_at_hand: the AC replay at u, where the formulation has made it on the way.
    """

    method: str
    status: str
    problem: Problem
    u: FloatArray
    decisions: Decisions
    objective: float
    duals: Duals
    vm_pu: FloatArray
    start: object
    iterations: int
    solve_s: float
    rounds: int = 0
    relaxation_gap_kw: FloatArray | None = None
    gap_names: tuple[str, ...] = ()
    approximations: tuple[str, ...] = ()
    v_pu: ComplexArray | None = None
    replay_at_hand: Replay | None = None

    @property
    def der_kw(self) -> FloatArray:
        """Injection of every DER, (step, der) [kW]."""
        return self.u[self.decisions.p] * S_BASE_KVA

    @property
    def der_kvar(self) -> FloatArray:
        """Reactive injection of every DER, (step, der) [kvar]."""
        return self.u[self.decisions.q] * S_BASE_KVA

    @property
    def charge_kw(self) -> FloatArray:
        """Charging of every storage, never beside discharging, (step, storage) [kW]."""
        charge_kw, _ = split(self.der_kw[:, self.problem.storage.der])
        return charge_kw

    @property
    def discharge_kw(self) -> FloatArray:
        """Discharging of every storage, (step, storage) [kW]."""
        _, discharge_kw = split(self.der_kw[:, self.problem.storage.der])
        return discharge_kw

    @cached_property
    def stored_kwh(self) -> FloatArray:
        """Stored energy after each step by `charge_kw` and `discharge_kw`, (step, storage) [kWh]."""
        # Worked out anew: the relaxed optimum may charge and discharge at once, which loses energy that these powers keep.
        storage = self.problem.storage
        return storage.batteries.stored_after_steps(
            storage.stored_kwh,
            self.charge_kw,
            self.discharge_kw,
            self.problem.steps.hours,
        )

    @property
    def both_kw(self) -> float:
        """Largest power that the relaxed optimum charges and discharges at once [kW]; 0 if it never does."""
        charge = self.u[self.decisions.charge]
        discharge = self.u[self.decisions.discharge]
        smaller = np.minimum(charge, discharge)
        return float(smaller.max(initial=0.0)) * S_BASE_KVA

    @cached_property
    def served(self) -> FloatArray:
        """Served share of every load, (step, load); 1 for loads that are not flexible."""
        return self.decisions.served(self.u, len(self.problem.flexible.is_flexible))

    @property
    def reduction(self) -> Reduction:
        """What is taken off loads with a rebound: curtailed and shifted, (step, device) each [kW]."""
        return self.decisions.reduction(self.u)

    @property
    def curtailed_kw(self) -> FloatArray:
        """Power curtailed, (step, device) [kW]."""
        return self.reduction.curtailed_kw

    @property
    def shifted_kw(self) -> FloatArray:
        """Power shifted out of each step, (step, device) [kW]."""
        return self.reduction.shifted_kw

    @cached_property
    def returned_kw(self) -> FloatArray:
        """Shifted power that comes back in each step, (step, device) [kW]."""
        returned, _ = self.problem.rebounds.returned(self.reduction)
        return returned

    @cached_property
    def owed_kw(self) -> FloatArray:
        """What is still to come back in the steps after the last, (device, lag) [kW]."""
        _, owed = self.problem.rebounds.returned(self.reduction)
        return owed

    @cached_property
    def replay(self) -> Replay:
        """The set-points on the AC power flow: violations and true cost."""
        if self.replay_at_hand is not None:
            return self.replay_at_hand
        # from no load, not from the formulation's own voltages: the replay judges those too
        return replay_decisions(self.problem, self.decisions, self.u)
