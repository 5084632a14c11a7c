"""The formulations of tieline, each as a program that answers one question and then others without being built again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tieline.opf import Answer, NlpModel, Problem, solve_lp
from tieline.opf.socp import SocpModel
from tieline.typing import FloatArray

LARGEST_NLP = 1000
"""Nodes up to which the AC program takes part: on 8531 nodes one cold solve takes a minute, and here are many."""


@dataclass(frozen=True)
class SetPoints:
    """What a program proposes: injections (step, der) [kW, kvar], its own cost [currency], rounds of linearisation if any."""

    der_kw: FloatArray
    der_kvar: FloatArray
    cost: float
    rounds: int = 0


Again = Callable[[Problem], SetPoints]
"""Answers a problem with other load, nothing built anew."""

Program = Callable[[Problem], tuple[SetPoints, Again | None]]
"""Builds what it needs, answers, and offers to go on; None if it has no such way."""


def formulations(problem: Problem) -> dict[str, Program]:
    """The formulations that the problem's feeder admits."""
    network = problem.network
    programs: dict[str, Program] = {"LP": _lp}
    if network.feeder.single_phase_equivalent:
        programs["SOCP"] = _socp
    if network.n_nodes <= LARGEST_NLP:
        programs["NLP"] = _nlp
    return programs


def _lp(problem: Problem) -> tuple[SetPoints, Again]:
    first = solve_lp(problem)
    return _proposed(first), lambda changed: _proposed(solve_lp(changed, start=first))


def _socp(problem: Problem) -> tuple[SetPoints, Again]:
    model = SocpModel(problem)
    return _proposed(model.solve()), lambda changed: _proposed(model.solve(changed))


def _nlp(problem: Problem) -> tuple[SetPoints, Again]:
    model = NlpModel(problem)
    first = model.solve()
    return _proposed(first), lambda changed: _proposed(
        model.solve(changed, start=first)
    )


def _proposed(answer: Answer) -> SetPoints:
    return SetPoints(answer.der_kw, answer.der_kvar, answer.objective, answer.rounds)
