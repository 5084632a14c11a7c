"""`Planned`: the plans of a bound, one a draw; a draw without a plan has a reason in its place, and all others stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from tieline.errors import NoAnswerError
from tieline.opf.restoration.plan import Plan
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray


class Program(Protocol):
    """Plans all steps of a draw at once."""

    def solve(self, state: IslandState, available_kw: FloatArray, /) -> Plan:
        """The plan; raises `NoAnswerError` if there is none."""
        ...


class Planned(NamedTuple):
    """By draw: a plan, or why there is none."""

    plans: Mapping[int, Plan]
    reasons: Mapping[int, NoAnswerError]


def plan_draws(program: Program, state: IslandState, actual_kw: FloatArray) -> Planned:
    """Plan every draw.

    Args:
        program: of the whole horizon.
        state: of one island at the start.
        actual_kw: available power, (draw, step, renewable) [kW].
    """
    plans: dict[int, Plan] = {}
    reasons: dict[int, NoAnswerError] = {}
    for draw, of_draw in enumerate(actual_kw):
        # a bound that cannot be had says nothing against those who decide without it
        try:
            plans[draw] = program.solve(state, of_draw)
        except NoAnswerError as error:
            reasons[draw] = error
    return Planned(plans, reasons)
