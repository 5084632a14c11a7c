"""The questions: a feeder with generators drawn from a seed, an hour of full load, limits that can be kept.

The rule: each generator stands at another bus, drawn among those with most phases; together they give at most `DER_SHARE` of the
feeder's nominal load. Reactive power may reach three quarters of active power either way, so that the box of P and Q lies inside
the circle of apparent power and programs without circles answer the same question. Costs rise evenly from generator to generator,
from half the price of energy at the source to a tenth above it. Regulators and capacitors stay where they come to rest at
nominal load without generators. Voltages have ANSI range A where the set-points at hand can keep it; else the range is widened
to what the feeder shows without any generation. Branches have no limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.network.voltage_points import PHASES
from tieline.opf import (
    DerInputs,
    InfeasibleError,
    Problem,
    make_problem,
    replay,
    solve_lp,
)
from tieline.powerflow import solve
from tieline.typing import FloatArray

DER_SHARE = 0.6
"""Of nominal load: enough to turn flows around on laterals, not enough to export."""

POWER_FACTOR = 0.8
"""Active over apparent power of a generator at its rating, which leaves three quarters of P for Q."""

PRICE = 0.10
"""Energy at the source [currency/kWh]; only its ratio to the costs matters."""

COSTS = (0.5, 1.1)
"""Of the cheapest and the dearest generator, relative to the price: most are worth running, the last are not."""

LOAD_RANGE = (0.95, 1.0)
"""Range of the factor by which the load changes from one solve to the next: a quarter of an hour later, say."""


@dataclass(frozen=True)
class Question:
    """A problem of one step, the voltage range it asks for [pu], and its likes with other load."""

    problem: Problem
    v_range_pu: tuple[float, float]
    next_problems: tuple[Problem, ...]


def ask(feeder: Feeder, n_ders: int, seed: int, n_later: int) -> Question:
    """The question about a feeder.

    Args:
        feeder: DERs of it are left out.
        n_ders: generators to place.
        seed: of their buses and of the change of load.
        n_later: problems with other load.

    Raises:
        InputError: if the feeder has fewer buses to place generators at.
    """
    random = np.random.default_rng(seed)
    network = Network.from_feeder(with_generators(feeder, n_ders, random))
    solution = solve(network)
    kva = np.array([generator.rated_kva for generator in network.feeder.generators])
    p_kw = POWER_FACTOR * kva
    q_kvar = np.sqrt(1 - POWER_FACTOR**2) * kva
    problem = make_problem(
        network,
        price=PRICE,
        cost=PRICE * np.linspace(*COSTS, n_ders),
        branch_limits=(),
        taps=solution.taps[0],
        capacitor_steps=solution.capacitor_steps[0],
        ders=DerInputs(p_max_kw=p_kw, q_min_kvar=-q_kvar, q_max_kvar=q_kvar),
    )
    # of all loads apart, and drawn after the places: a longer list of problems moves no generator
    factors = random.uniform(
        *LOAD_RANGE,
        (n_later, problem.steps.load_kw.shape[1]),
    )
    problem, v_range_pu = _with_limits_that_can_be_kept(problem)
    next_problems = tuple(_with_load(problem, row) for row in factors)
    return Question(problem, v_range_pu, next_problems)


def _with_load(problem: Problem, factor: FloatArray) -> Problem:
    """The problem with each load, P and Q, times its factor (load,)."""
    steps = problem.steps
    load_kw = steps.load_kw * factor
    load_kvar = steps.load_kvar * factor
    return problem.replace(load_kw=load_kw, load_kvar=load_kvar)


def with_generators(feeder: Feeder, count: int, random: np.random.Generator) -> Feeder:
    """The feeder with generators by the rule, and no other DER."""
    sites = _sites(feeder)
    if not 1 <= count <= len(sites):
        raise InputError(
            f"Feeder '{feeder.name}' has {len(sites)} buses for generators; asked for {count}. Ask for 1 to that."
        )
    kva = DER_SHARE * feeder.peak_load_kw / count / POWER_FACTOR
    draws = random.choice(len(sites), count, replace=False)
    buses = [sites[k] for k in sorted(draws)]
    bare = feeder.replace(pvs=(), storages=(), generators=())
    return with_generators_at(bare, buses, [kva] * count)


def _sites(feeder: Feeder) -> list[str]:
    """Buses with most phases, but for the source's."""
    n_phases = {}
    for bus in feeder.buses:
        phases = set(bus.phases) & set(PHASES)  # without a neutral
        n_phases[bus.name] = len(phases)
    most = max(n_phases.values())
    widest = [name for name, count in n_phases.items() if count == most]
    # a generator at the source changes no voltage, and nothing that a program could get wrong
    return [name for name in widest if name != feeder.source.bus]


def _with_limits_that_can_be_kept(
    problem: Problem,
) -> tuple[Problem, tuple[float, float]]:
    """The problem, with a wider voltage range if no set-points keep its own, and the range."""
    low = float(problem.limits.v_min_pu.min())
    high = float(problem.limits.v_max_pu.max())
    try:
        solve_lp(problem)
    except InfeasibleError:
        # what the idle feeder shows can be kept: set-points of zero do
        no_power = np.zeros((problem.n_steps, problem.n_ders))
        idle = replay(problem, no_power, no_power).vm_pu
        low = min(low, float(idle.min()))
        high = max(high, float(idle.max()))
    v_min_pu = np.full(len(problem.limits.points.names), low)
    v_max_pu = np.full(len(problem.limits.points.names), high)
    return problem.replace(v_min_pu=v_min_pu, v_max_pu=v_max_pu), (low, high)
