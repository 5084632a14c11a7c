"""Steps of a battery run that have no power-flow solution: how many, which first and why, and what cannot be said then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tieline.errors import NotConvergedError
from tieline.powerflow import Solution
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.plant import Plant
from tieline.studies.battery.world.question import Question
from tieline.studies.unjudged import why_unsolved


def require_one_solved(question: Question, solution: Solution, number: int) -> None:
    """Refuse to conclude from nothing.

    Args:
        question: the day as it is asked.
        solution: its power flow with idle batteries.
        number: of the day, from 0.

    Raises:
        NotConvergedError: if no step has a solution; says why, and under which load and sun.
    """
    if solution.converged.any():
        return
    day = question.day
    load_kw = float(day.load_kw[0].sum())
    nominal_kw = question.plant.feeder.peak_load_kw
    raise NotConvergedError(
        f"Nothing could be judged on day {number + 1}: without batteries none of its {day.n_steps} steps has a power-flow "
        f"solution. {_first(day, solution)}. The load there is {load_kw:,.4g} kW ({nominal_kw:,.4g} kW nominal), PV at "
        f"{day.sun_pu[0]:.3g} times its rating."
    )


def require_rest(plant: Plant, day: Day, solution: Solution) -> None:
    """Regulators and capacitors are held all day where they rest under the highest sun: there must be such a place.

    Args:
        plant: the feeder with its batteries.
        day: load, sun and price.
        solution: its sunniest step, with idle batteries and free controls.

    Raises:
        NotConvergedError: if that step has no solution and something can move.
    """
    if solution.converged[0] or not plant.feeder.has_controls:
        return
    when = day.times[int(np.argmax(day.sun_pu))]
    raise NotConvergedError(
        f"Nothing could be judged: under the highest sun, {when:%Y-%m-%d %H:%M}, the power flow without batteries "
        f"{why_unsolved(int(solution.outcome[0]))}. Regulators and capacitors are held where they rest then; --controls off "
        "holds them as the feeder states them."
    )


def tell_unsolved(day: Day, solutions: Mapping[str, Solution]) -> Iterator[str]:
    """A sentence on the steps that were not judged, one for all cases with the same ones; `solutions` by case."""
    cases_by_outcome: dict[bytes, list[str]] = {}
    for name, solution in solutions.items():
        if not solution.converged.all():
            cases_by_outcome.setdefault(solution.outcome.tobytes(), []).append(name)
    for names in cases_by_outcome.values():
        solution = solutions[names[0]]
        unsolved = int((~solution.converged).sum())
        plural = ""
        if len(names) > 1:
            plural = "s"
        yield (
            f"Case{plural} {', '.join(names)}: {unsolved} of {day.n_steps} steps have no power-flow solution "
            f"and were not judged; their voltages, violations and costs are not known. {_first(day, solution)}."
        )


def _first(day: Day, solution: Solution) -> str:
    """The first step without a solution, and why; without full stop."""
    step = int(np.argmin(solution.converged))
    return f"The first one, {day.times[step]:%Y-%m-%d %H:%M}, {why_unsolved(int(solution.outcome[step]))}"
