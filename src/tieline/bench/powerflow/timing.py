"""Fair timing of several programs: short calls are repeated, and programs take turns.

Within a round every program is called until its calls add up to `AT_LEAST_S`, a slow one once, and the median call counts. All
programs have their turn before the next round begins, so that a drift of the machine's speed hits all alike; ratios are taken
within a round, and the median over rounds is reported.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from tieline.bench.powerflow.peers import Answer, Program

Name = TypeVar("Name", bound=Hashable)

ROUNDS = 5
AT_LEAST_S = 0.2
"""Seconds of solving per program and round: hundreds of switches of the operating system's scheduler."""


@dataclass(frozen=True)
class Timed:
    """Seconds of the median call of each round, (round,), and the last answer."""

    seconds: tuple[float, ...]
    answer: Answer

    @property
    def solves_per_s(self) -> float:
        """Scenarios per second, median over rounds."""
        return len(self.answer.v_pu) / median(self.seconds)

    def times_faster_than(self, peer: Timed) -> float:
        """How many scenarios this one solves in the time of one of the peer, median over rounds."""
        scenarios_ratio = len(self.answer.v_pu) / len(peer.answer.v_pu)
        ratios = []
        for self_s, peer_s in zip(self.seconds, peer.seconds, strict=True):
            ratios.append(peer_s / self_s * scenarios_ratio)
        return median(ratios)


def take_turns(
    programs: Mapping[Name, Program], rounds: int = ROUNDS
) -> dict[Name, Timed]:
    """Time programs against each other; the first call of each is not counted, it loads what is loaded late."""
    answers = {name: program() for name, program in programs.items()}
    seconds: dict[Name, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            call_s, answers[name] = median_call(program)
            seconds[name].append(call_s)
    return {name: Timed(tuple(seconds[name]), answers[name]) for name in programs}


def median_call(program: Program) -> tuple[float, Answer]:
    """Seconds of the median of as many calls as add up to `AT_LEAST_S`, at least one, and the last answer."""
    seconds: list[float] = []
    while True:
        answer = program()
        seconds.append(answer.seconds)
        if sum(seconds) >= AT_LEAST_S:
            return median(seconds), answer
