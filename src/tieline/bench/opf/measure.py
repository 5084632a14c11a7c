"""One run of the benchmark: every program on every question, timed in turns, judged by the same AC replay."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tieline.bench.kit.left_out import reason_from
from tieline.bench.kit.options import with_count
from tieline.bench.kit.peers import CannotRun
from tieline.bench.opf.cases import Question, ask
from tieline.bench.opf.options import DEFAULT_GENERATORS, Options
from tieline.bench.opf.peers import PEERS
from tieline.bench.opf.programs import Program, SetPoints, formulations
from tieline.bench.opf.sensitivities import Sensitivities, measure_sensitivities
from tieline.feeders import Feeder, load_feeder
from tieline.opf import InfeasibleError, NoOptimumError, Problem, replay

ROUNDS = 3
"""Of all programs in turn, after one that is not counted; the median counts."""


@dataclass(frozen=True)
class ProgramTimes:
    """One program on one question.

    Attributes:
        program: formulation of tieline, or the peer's name.
        cold_s: to build and answer the first problem [s].
        warm_s: to answer one with other load, nothing built anew [s]; None if the program has no way to.
        cost: of its set-points as the program has it [currency/h].
        cost_on_ac: the same on the AC replay.
        missed: by how much AC misses the limit it misses most [pu]; 0 if it keeps all.
        rounds: linearisations, 0 if it has none.
        warm_rounds: of the last warm solve.
    """

    program: str
    cold_s: float
    warm_s: float | None
    cost: float
    cost_on_ac: float
    missed: float
    rounds: int
    warm_rounds: int


@dataclass(frozen=True)
class Case:
    """One feeder.

    Attributes:
        feeder: its name.
        n_nodes, n_ders: nodes, and generators placed.
        v_range_pu: voltages asked for [pu].
        speeds: programs that answered.
        left_out: why others did not, by name.
        sensitivities: derivatives beside differences.
    """

    feeder: str
    n_nodes: int
    n_ders: int
    v_range_pu: tuple[float, float]
    speeds: tuple[ProgramTimes, ...]
    left_out: dict[str, str]
    sensitivities: Sensitivities

    @property
    def best_cost(self) -> float:
        """Cost on AC that all are held against: of the AC optimum (NLP), of the LP where there is none, or the lowest."""
        costs = {times.program: times.cost_on_ac for times in self.speeds}
        for program in ("NLP", "LP"):
            if program in costs:
                return costs[program]
        return min(costs.values())


@dataclass(frozen=True)
class OpfTimes:
    """All cases, drawn from one seed."""

    seed: int
    cases: tuple[Case, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(options: Options, tell: Callable[[str], None] = lambda _: None) -> OpfTimes:
    """Measure on feeders with generators placed by the seed.

    Args:
        options: feeders with their numbers of generators, and the seed.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known, has too few buses, or no tree.
    """
    counts = [with_count(text, DEFAULT_GENERATORS) for text in options.feeders]
    feeders = [(load_feeder(name), count) for name, count in counts]
    cases = []
    for feeder, n_ders in feeders:
        tell(feeder.name)
        cases.append(_measure(feeder, n_ders, options.seed))
    return OpfTimes(options.seed, tuple(cases))


def _measure(feeder: Feeder, n_ders: int, seed: int) -> Case:
    question = ask(feeder, n_ders, seed, ROUNDS)
    programs, left_out = _able_programs(question)
    return Case(
        feeder=feeder.name,
        n_nodes=question.problem.network.n_nodes,
        n_ders=n_ders,
        v_range_pu=question.v_range_pu,
        speeds=tuple(_take_turns(programs, question)),
        left_out=left_out,
        sensitivities=measure_sensitivities(feeder),
    )


def _able_programs(question: Question) -> tuple[dict[str, Program], dict[str, str]]:
    """Programs that answer the question and its likes, once run, and why the others do not."""
    programs: dict[str, Program] = {}
    left_out: dict[str, str] = {}
    problem = question.problem
    own_programs = formulations(problem)
    for name in [*own_programs, *PEERS]:
        try:
            program = own_programs.get(name) or PEERS[name](problem)
            # a try that is not counted: it compiles, and a program that fails is not among those that take turns
            _try(program, question)
            programs[name] = program
        except (CannotRun, InfeasibleError, NoOptimumError) as error:
            left_out[name] = reason_from(error)
    return programs, left_out


def _take_turns(programs: dict[str, Program], question: Question) -> list[ProgramTimes]:
    """Rounds of all programs: a drift of the machine's speed hits all alike."""
    tries: dict[str, list[_Try]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            tries[name].append(_try(program, question))
    times = []
    for name, tries_of_program in tries.items():
        times.append(_times(name, question.problem, tries_of_program))
    return times


@dataclass(frozen=True)
class _Try:
    """One build with its first answer, and the answers after it."""

    first: SetPoints
    cold_s: float
    warm_s: float | None = None
    warm_rounds: int = 0


def _try(program: Program, question: Question) -> _Try:
    start_s = time.perf_counter()
    first, answer_again = program(question.problem)
    cold_s = time.perf_counter() - start_s
    if answer_again is None:
        return _Try(first, cold_s)
    # loads and compiles what only a second problem needs
    answer_again(question.next_problems[0])
    seconds = []
    rounds = 0
    for problem in question.next_problems:
        start_s = time.perf_counter()
        rounds = answer_again(problem).rounds
        seconds.append(time.perf_counter() - start_s)
    return _Try(first, cold_s, median(seconds), rounds)


def _times(name: str, problem: Problem, tries: Sequence[_Try]) -> ProgramTimes:
    last = tries[-1]
    on_ac = replay(problem, last.first.der_kw, last.first.der_kvar)
    warm = [one.warm_s for one in tries if one.warm_s is not None]
    warm_s = None
    if warm:
        warm_s = median(warm)
    return ProgramTimes(
        program=name,
        cold_s=median(one.cold_s for one in tries),
        warm_s=warm_s,
        cost=last.first.cost,
        cost_on_ac=on_ac.objective,
        missed=on_ac.worst_miss,
        rounds=last.first.rounds,
        warm_rounds=last.warm_rounds,
    )
