"""Laws that every batch obeys, on random feeders: power balances, currents balance, a batch gives what its rows give alone, rows
of junk touch no other row, and NumPy has nothing to warn of.

    source = loads - DERs - current sources + what enters lines, transformers, capacitors and shunts and does not leave them
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from soak.amount import keep_failure, seeds
from soak.dss.feeder import random_script
from tieline.errors import NoAnswerError, TielineError
from tieline.feeders import Feeder, load_feeder
from tieline.network import Network
from tieline.network.sections import sections_of
from tieline.powerflow import Outcome, Solution, solve
from tieline.typing import FloatArray

FEEDERS = 12
SCENARIOS = 12
TOLERANCE_PU = 1e-11
BALANCE = 1e-6
"""Of all power that flows: source, loads and DERs together."""

SAME_PU = 1e-8
"""Between a row of a batch and the same scenario alone: both are within `TOLERANCE_PU` times the condition of the feeder."""

JUNK = (np.nan, np.inf, -np.inf)

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Draw:
    """A network and the inputs of a batch for it, each (scenario, ...)."""

    network: Network
    inputs: Inputs


def test_laws_of_a_batch(tmp_path: Path) -> None:
    ends: Counter[str] = Counter()
    wrong = {}
    for seed in seeds(FEEDERS):
        draw = _draw(seed, tmp_path)
        if draw is not None:
            solution, broken = _check(draw, np.random.default_rng(seed))
            ends.update(Outcome(code).name for code in solution.outcome)
            wrong |= {seed: broken} if broken else {}
    print(f"\n{ends.total()} scenarios: {dict(ends)}")
    for seed in wrong:
        keep_failure(f"balance{seed}.dss", random_script(seed).text)
    assert not wrong, "\n".join(
        f"seed {seed}: {'; '.join(broken)}" for seed, broken in wrong.items()
    )
    assert ends["CONVERGED"] > ends.total() / 2


def _draw(seed: int, folder: Path) -> Draw | None:
    """A random feeder with a random batch; None where the feeder is refused or has no answer as it stands."""
    path = folder / "circuit.dss"
    path.write_text(random_script(seed).text)
    try:
        network = Network.from_feeder(load_feeder(path))
        solve(network, controls="off")
    except TielineError:
        return None
    return Draw(network, _inputs(network.feeder, np.random.default_rng(seed)))


def _inputs(feeder: Feeder, random: np.random.Generator) -> Inputs:
    """Loads from none to half as much again, DERs at half to all of their power, taps and source voltage here and there."""
    p_kw = np.array([load.p_kw for load in feeder.loads])
    q_kvar = np.array([load.q_kvar for load in feeder.loads])
    der_kw = np.array([_snapshot_kw(der) for der in feeder.ders])
    size = random.uniform(0, 1.5, (SCENARIOS, len(p_kw)))
    return {
        "load_kw": p_kw * size,
        "load_kvar": q_kvar * size,
        "der_kw": der_kw * random.uniform(0.5, 1, (SCENARIOS, len(der_kw))),
        "taps": random.integers(-8, 9, (SCENARIOS, len(feeder.regulators))),
        "source_pu": random.uniform(0.97, 1.05, SCENARIOS),
    }


def _snapshot_kw(der: Any) -> float:
    return der.p_kw if hasattr(der, "p_kw") else der.p_discharge_kw - der.p_charge_kw


def _check(draw: Draw, random: np.random.Generator) -> tuple[Solution, list[str]]:
    """The batch, and the laws that it breaks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        solution = _solve(draw)
        laws = [
            _power_balance(solution),
            _current_balance(solution),
            _alone(draw, solution),
            _beside_junk(draw, solution, random),
        ]
    return solution, [broken for broken in laws if broken]


def _solve(draw: Draw, **changed: Any) -> Solution:
    inputs = {**draw.inputs, **changed}
    return solve(
        draw.network,
        **inputs,
        controls="off",
        tolerance=TOLERANCE_PU,
        max_iterations=500,
    )


def _power_balance(solution: Solution) -> str:
    passive = [kind != "source" for kind, _ in solution.network.elements]
    loads, ders = solution.load_kva.sum(axis=1), solution.der_kva.sum(axis=1)
    missing = np.abs(
        solution.source_kva
        - loads
        + ders
        + solution.current_source_kva.sum(axis=1)
        - solution.element_loss_kva[:, passive].sum(axis=1)
    )
    flows = (
        np.abs(solution.source_kva)
        + np.abs(solution.load_kva).sum(axis=1)
        + np.abs(solution.der_kva).sum(axis=1)
    )
    worst = np.nanmax(np.where(solution.converged, missing / np.maximum(flows, 1.0), 0))
    return f"{worst:.1e} of the power is missing" if worst > BALANCE else ""


def _current_balance(solution: Solution) -> str:
    devices = np.abs(solution.load_kva).sum(axis=1) + np.abs(solution.der_kva).sum(
        axis=1
    )
    allowed_pu = BALANCE * np.maximum(devices, 1.0) / 1e3
    over = np.where(solution.converged, solution.kcl_residual_pu / allowed_pu, 0)
    return (
        f"currents do not balance in scenario {over.argmax()}: {over.max():.1f} times what may be"
        if over.max() > 1
        else ""
    )


def _alone(draw: Draw, batch: Solution) -> str:
    """Rows that end otherwise, or elsewhere, when they are solved alone."""
    for row in range(SCENARIOS):
        try:
            v_pu = _solve(
                draw, **{name: value[row] for name, value in draw.inputs.items()}
            ).v_pu[0]
        except NoAnswerError:
            v_pu = np.full(draw.network.n_nodes, np.nan)
        if np.isnan(v_pu).any() != (not batch.converged[row]):
            return f"scenario {row} ends otherwise alone than in the batch ({Outcome(batch.outcome[row]).name})"
        away = np.abs(v_pu - batch.v_pu[row])
        if (away > _same_pu(draw.network)).any():
            return f"scenario {row} is {away.max():.1e} pu away when solved alone"
    return ""


def _same_pu(network: Network) -> FloatArray:
    """How far two answers of one scenario may lie apart, (node,): `SAME_PU`, or what rounding leaves open behind a delta that
    nothing earths, some ten times over since batches round otherwise than single solves.
    """
    sections = sections_of(network)
    return np.maximum(SAME_PU, 10 * sections.noise_pu[sections.of_node])


def _beside_junk(draw: Draw, clean: Solution, random: np.random.Generator) -> str:
    """What a few rows of junk do to the others, and to themselves."""
    rows = random.choice(SCENARIOS, 3, replace=False)
    load_kw = draw.inputs["load_kw"].copy()
    if not load_kw.size:
        return ""
    load_kw[rows, int(random.integers(load_kw.shape[1]))] = random.choice(JUNK)
    dirty = _solve(draw, load_kw=load_kw)
    others = np.setdiff1d(np.arange(SCENARIOS), rows)
    if dirty.converged[rows].any():
        return "junk has an answer"
    if (dirty.outcome[others] != clean.outcome[others]).any():
        return "junk in other rows changes how a scenario ends"
    both = others[clean.converged[others]]
    away = np.abs(dirty.v_pu[both] - clean.v_pu[both]).max(initial=0)
    return (
        f"junk in other rows moves voltages by {away:.1e} pu" if away > SAME_PU else ""
    )
