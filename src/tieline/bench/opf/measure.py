"""One run of the benchmark: every program on every question, timed in turns, judged by the same AC replay."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tieline.bench.machine import describe, versions
from tieline.bench.opf.cases import Question, ask
from tieline.bench.opf.peers import PEERS
from tieline.bench.opf.programs import Program, SetPoints, formulations
from tieline.bench.opf.sensitivities import Sensitivities
from tieline.bench.opf.sensitivities import measure as measure_sensitivities
from tieline.bench.peers import CannotRun
from tieline.feeders import Feeder
from tieline.opf import InfeasibleError, NoOptimumError, Problem, replay

ROUNDS = 3
"""Of all programs in turn, after one that is not counted; the median counts."""

PACKAGES = ("numpy", "scipy", "numba", "highspy", "clarabel", "casadi", "pandapower", "distopf")


@dataclass(frozen=True)
class Speed:
    """One program on one question.

    Attributes:
        program: formulation of tieline, or the peer's name.
        is_peer: of another project.
        cold_s: to build and answer the first problem [s].
        warm_s: to answer one with other load, nothing built anew [s]; None if the program has no way to.
        cost: of its set-points as the program has it [currency/h].
        cost_on_ac: the same on the AC replay.
        missed: by how much AC misses the limit it misses most [pu]; 0 if it keeps all.
        rounds: linearisations, 0 if it has none.
        warm_rounds: of the last warm solve.
    """

    program: str
    is_peer: bool
    cold_s: float
    warm_s: float | None
    cost: float
    cost_on_ac: float
    missed: float
    rounds: int
    warm_rounds: int


@dataclass(frozen=True)
class Case:
    """One feeder: size, question, programs, and why others are left out."""

    feeder: str
    n_nodes: int
    n_ders: int
    v_range_pu: tuple[float, float]
    speeds: tuple[Speed, ...]
    left_out: dict[str, str]
    sensitivities: Sensitivities

    @property
    def best_cost(self) -> float:
        """Cost on AC that the others are held against: of the AC optimum (NLP), or of the LP where there is none."""
        by_name = {speed.program: speed.cost_on_ac for speed in self.speeds}
        return by_name.get("NLP", by_name["LP"])


@dataclass(frozen=True)
class Measurement:
    """All cases with machine, versions and the command that a reader types to do the same."""

    machine: str
    versions: dict[str, str]
    command: str
    seed: int
    cases: tuple[Case, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def run(
    feeders: Sequence[tuple[Feeder, int]], seed: int, command: str, report: Callable[[str], None]
) -> Measurement:
    """Measure on feeders with so many generators each; `report` is told what is measured now.

    Raises:
        InputError: if a feeder has too few buses, or no tree.
    """
    cases = []
    for feeder, n_ders in feeders:
        report(feeder.name)
        cases.append(_measure(feeder, n_ders, seed))
    return Measurement(describe(), versions(PACKAGES), command, seed, tuple(cases))


def _measure(feeder: Feeder, n_ders: int, seed: int) -> Case:
    question = ask(feeder, n_ders, seed, ROUNDS)
    programs, left_out = _able(question)
    return Case(
        feeder=feeder.name,
        n_nodes=question.problem.network.n_nodes,
        n_ders=n_ders,
        v_range_pu=question.v_range_pu,
        speeds=tuple(_take_turns(programs, question)),
        left_out=left_out,
        sensitivities=measure_sensitivities(feeder),
    )


def _able(question: Question) -> tuple[dict[str, Program], dict[str, str]]:
    """Programs that answer the question and its likes, once run, and why the others do not."""
    able, left_out = {}, {}
    own = {
        name: lambda _, program=program: program
        for name, program in formulations(question.problem).items()
    }
    for name, make in (own | PEERS).items():
        try:
            program = make(question.problem)
            _try(program, question)
            able[name] = program
        except (CannotRun, InfeasibleError, NoOptimumError) as error:
            left_out[name] = str(error).splitlines()[0]
    return able, left_out


def _take_turns(programs: dict[str, Program], question: Question) -> list[Speed]:
    """Rounds of all programs: a drift of the machine's speed hits all alike."""
    tries: dict[str, list[_Try]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            tries[name].append(_try(program, question))
    return [_speed(name, question.problem, of_one) for name, of_one in tries.items()]


@dataclass(frozen=True)
class _Try:
    """One build with its first answer, and the answers after it."""

    first: SetPoints
    cold_s: float
    warm_s: float | None
    warm_rounds: int


def _try(program: Program, question: Question) -> _Try:
    began = time.perf_counter()
    first, again = program(question.problem)
    cold_s, warm_s, rounds = time.perf_counter() - began, None, 0
    if again is not None:
        again(
            question.later[0]
        )  # what is loaded or compiled for the second problem is not for the third
        seconds = []
        for later in question.later:
            began = time.perf_counter()
            rounds = again(later).rounds
            seconds.append(time.perf_counter() - began)
        warm_s = median(seconds)
    return _Try(first, cold_s, warm_s, rounds)


def _speed(name: str, problem: Problem, tries: Sequence[_Try]) -> Speed:
    first = tries[-1].first
    here = replay(problem, first.der_kw, first.der_kvar)
    warm = [one.warm_s for one in tries if one.warm_s is not None]
    return Speed(
        program=name,
        is_peer=name in PEERS,
        cold_s=median(one.cold_s for one in tries),
        warm_s=median(warm) if warm else None,
        cost=first.cost,
        cost_on_ac=here.objective,
        missed=here.worst_miss,
        rounds=first.rounds,
        warm_rounds=tries[-1].warm_rounds,
    )
