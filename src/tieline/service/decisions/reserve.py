"""A request for reserve, split among DERs by the learned policy, or by merit order where none fits; checked on AC.

state   capacity_kw and bid_cents of each DER in the order of the configuration, request_kw
answer  p_kw of each DER by its place; who decided; whether the safety step changed it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tieline.config_files import check_config
from tieline.envs.reserve.model import ReserveModel
from tieline.envs.reserve.task import ReserveTask
from tieline.errors import NoAnswerError
from tieline.feeders import Feeder
from tieline.service.decisions.states import StateError
from tieline.studies.answer import Tell
from tieline.studies.reserve.config import ReserveCase, ReserveConfig
from tieline.studies.reserve.ways.cases import safe_split, state_of
from tieline.studies.reserve.ways.deciders import Splitter, learned, rules
from tieline.studies.reserve.ways.policies import find_policies
from tieline.wording import FieldProblem

NOTICED_PU = 1e-6
"""A violation below this is what the power flow's tolerance leaves."""


class ReserveDecisions:
    """Splits requests on one feeder.

    Args:
        config: DERs, weights, limits.
        feeder: where they stand.
    """

    def __init__(self, config: ReserveConfig, feeder: Feeder) -> None:
        environment = config.environment
        self._places = environment.ders
        self._task = ReserveTask(environment, ReserveModel.of(environment, feeder))
        self._who, self._split = self._splitter(config)

    def _splitter(self, config: ReserveConfig) -> tuple[str, Splitter]:
        trained = find_policies(config, self._task, Tell())
        if trained is None:
            return "merit", rules(self._task)["merit"]
        return "policy", learned(self._task, trained.policies[trained.best])

    def decide(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Safe set-points; see `ask.Decisions`."""
        case, problems = check_config(ReserveCase, {"name": "asked", **state})
        if case is None:
            raise StateError(problems)
        if len(case.capacity_kw) != len(self._places):
            text = (
                f"The state has {len(case.capacity_kw)} capacities for {len(self._places)} DERs ({', '.join(self._places)}). "
                "Give one for each."
            )
            raise StateError([FieldProblem("capacity_kw", text)])
        request = state_of(case)
        safe = safe_split(self._task, request, self._split)
        violation_pu = float(safe.violation_after[0])
        # NaN, where there is no power flow, is no proof of safety
        if not violation_pu <= NOTICED_PU:
            raise NoAnswerError(
                f"No split of {case.request_kw:g} kW keeps the voltage limits of feeder '{self._task.feeder_name}': the nearest "
                f"one misses them by {violation_pu:.4f} pu. Ask for less."
            )
        allocation_kw = self._task.allocation_kw(request, safe.actions)[0]
        return {
            "p_kw": dict(zip(self._places, allocation_kw.tolist(), strict=True)),
            "decided_by": self._who,
            "changed_by_safety_step": bool(safe.touched[0]),
        }
