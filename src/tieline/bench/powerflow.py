"""Power-flow speed beside the peers: the same random loads, the same tolerance, one run, answers compared.

Every program solves each case several times in turn, so that a drift of the machine's speed hits all alike; medians are
reported. tieline solves whole batches, slower programs the first scenarios of the same batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from tieline.bench.peers import PEERS, Answer, CannotRun, Scenarios, run_tieline
from tieline.feeders import load_feeder
from tieline.network import Network

DEFAULT_FEEDERS = ("ieee33", "ieee34", "ieee123", "case141")
BATCH_NUMBERS = 2_000_000
"""Node voltages in tieline's batch of a case; fewer scenarios of larger feeders."""
SHARE = {"power-grid-model": 0.2, "lightsim2grid": 0.05, "pandapower": 2e-4, "opendss": 3e-3}
"""Part of the batch that a peer solves, so that all take seconds."""
ROUNDS = 5
LOAD_RANGE = (0.3, 1.0)
"""Each load is drawn evenly from this range of its nominal power, its power factor kept."""


@dataclass(frozen=True)
class Row:
    """What one program did on one case; `note` says why if it did not."""

    case: str
    program: str
    solves_per_s: float | None = None
    tieline_is_faster: float | None = None
    largest_difference_pu: float | None = None
    scenarios: int = 0
    note: str = ""


def run(feeders: Sequence[str], seed: int, report: Callable[[str], None] = lambda _: None) -> list[Row]:
    """Measure every program on every feeder, and with controls where the feeder has regulators."""
    rows = []
    for name in feeders:
        feeder = load_feeder(name)
        network = Network.from_feeder(feeder)
        for with_controls in (False, True) if feeder.regulators else (False,):
            case = f"{feeder.name}, regulators acting" if with_controls else feeder.name
            report(case)
            rows += _measure(case, _draw(network, seed, with_controls))
    return rows


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as plain dictionaries."""
    return [asdict(row) for row in rows]


def _draw(network: Network, seed: int, with_controls: bool) -> Scenarios:
    feeder = network.feeder
    count = max(64, BATCH_NUMBERS // network.n_nodes // (8 if with_controls else 1))
    scale = np.random.default_rng(seed).uniform(*LOAD_RANGE, (count, len(feeder.loads)))
    p_kw, q_kvar = (np.array([getattr(load, name) for load in feeder.loads]) for name in ("p_kw", "q_kvar"))
    return Scenarios(feeder, network, p_kw * scale, q_kvar * scale, with_controls)


def _measure(case: str, scenarios: Scenarios) -> list[Row]:
    run_tieline(scenarios.first(32))  # loads the compiled kernels
    seconds: dict[str, list[float]] = {"tieline": []}
    notes: dict[str, str] = {}
    parts = {name: scenarios.first(max(16, int(len(scenarios.load_kw) * SHARE[name]))) for name in PEERS}
    answers: dict[str, Answer] = {}
    for _ in range(ROUNDS):
        answers["tieline"] = run_tieline(scenarios)
        seconds["tieline"].append(answers["tieline"].seconds / len(scenarios.load_kw))
        for name, run_peer in PEERS.items():
            if name in notes:
                continue
            try:
                if scenarios.with_controls and name != "opendss":
                    raise CannotRun(f"{name}: has no regulator control like this")
                answers[name] = run_peer(parts[name])
            except CannotRun as error:
                notes[name] = str(error)
                continue
            seconds.setdefault(name, []).append(answers[name].seconds / len(answers[name].v_pu))
    rows = [_row(case, name, answers, seconds) for name in seconds]
    return rows + [Row(case, name, note=note) for name, note in notes.items()]


def _row(case: str, name: str, answers: dict[str, Answer], seconds: dict[str, list[float]]) -> Row:
    own, theirs = answers["tieline"].v_pu, answers[name].v_pu
    difference = float(np.abs(theirs - own[: len(theirs)]).max())
    ratio = median(peer / ours for peer, ours in zip(seconds[name], seconds["tieline"], strict=True))
    return Row(case, name, 1 / median(seconds[name]), ratio, difference, len(theirs))
