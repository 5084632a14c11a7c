"""Times of the LP, by the number of DERs and by what bounds them.

The rule: DERs stand at buses drawn from a seed, several at a bus where they are many; together they are rated at `DER_SHARE` of
the feeder's peak load over `POWER_FACTOR`, whatever their number, so that all cases ask much the same of the network. Costs are
drawn between half the price of energy and a tenth above it. Regulators and capacitors stay where they come to rest without DERs.
Voltages have ANSI range A, widened to what the feeder shows without DERs; branches have no limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Literal, get_args

import numpy as np

from tieline.bench.large_opf.options import Options
from tieline.feeders import Feeder, load_feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.opf import DerInputs, Problem, make_problem, replay, solve_lp
from tieline.powerflow import solve

DER_SHARE = 0.6
"""Of peak load: enough to turn flows around on laterals, not enough to export."""

POWER_FACTOR = 0.8
"""Active over apparent power of a box whose corner lies on the circle."""

PRICE = 0.10
"""Energy at the source [currency/kWh]; only its ratio to the costs matters."""

COSTS = (0.5, 1.1)
"""Of the cheapest and the dearest DER, relative to the price."""

Bounds = Literal["P only", "box of P and Q", "circle of kVA"]


@dataclass(frozen=True)
class Run:
    """One case.

    Attributes:
        feeder, n_nodes: its name and size.
        n_ders, bounds: what was asked.
        wall_s, cpu_s: of the cold solve, in all and of this process [s].
        rounds: AC solutions on the way.
        cost_on_ac: of the set-points [currency/h].
        missed: by how much AC misses the limit it misses most [pu]; 0 if it keeps all.
    """

    feeder: str
    n_nodes: int
    n_ders: int
    bounds: Bounds
    wall_s: float
    cpu_s: float
    rounds: int
    cost_on_ac: float
    missed: float


@dataclass(frozen=True)
class LargeRuns:
    """All cases, drawn from one seed."""

    seed: int
    runs: tuple[Run, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> LargeRuns:
    """Measure every number of DERs with every kind of bounds.

    Raises:
        InputError: if a feeder is not there or is meshed.
    """
    feeders = [load_feeder(name) for name in options.feeders]
    runs = []
    for feeder, n_ders in product(feeders, options.ders):
        network = Network.from_feeder(_with_ders(feeder, n_ders, options.seed))
        for bounds in get_args(Bounds):
            tell(f"{feeder.name}, {n_ders:,} DERs, {bounds}")
            runs.append(_run(_ask(network, bounds, options.seed), bounds))
    return LargeRuns(options.seed, tuple(runs))


def _with_ders(feeder: Feeder, count: int, seed: int) -> Feeder:
    """The feeder with generators by the rule, and no other DER."""
    random = np.random.default_rng(seed)
    buses = [bus.name for bus in feeder.buses if bus.name != feeder.source.bus]
    # Without repetition as long as there are buses: neighbours tell the network more than one big DER does.
    order = random.permutation(len(buses))
    places = [buses[order[k % len(buses)]] for k in range(count)]
    kva = DER_SHARE * feeder.peak_load_kw / count / POWER_FACTOR
    bare = feeder.replace(pvs=(), storages=(), generators=())
    return with_generators_at(bare, places, [kva] * count)


def _ask(network: Network, bounds: Bounds, seed: int) -> Problem:
    kva = np.array([unit.rated_kva for unit in network.feeder.generators])
    reactive_share = np.sqrt(1 - POWER_FACTOR**2)
    p_share, q_share = {
        "P only": (POWER_FACTOR, 0.0),
        "box of P and Q": (POWER_FACTOR, reactive_share),
        "circle of kVA": (1.0, 1.0),
    }[bounds]
    no_power = np.zeros((1, len(kva)))
    idle = solve(network, der_kw=no_power, der_kvar=no_power)
    cost = PRICE * np.random.default_rng(seed).uniform(*COSTS, len(kva))
    problem = make_problem(
        network,
        price=PRICE,
        cost=cost,
        branch_limits=(),
        taps=idle.taps[0],
        capacitor_steps=idle.capacitor_steps[0],
        ders=DerInputs(
            p_max_kw=p_share * kva, q_min_kvar=-q_share * kva, q_max_kvar=q_share * kva
        ),
    )
    limits = problem.limits
    idle_pu = replay(problem, no_power, no_power).vm_pu
    return problem.replace(
        v_min_pu=np.minimum(limits.v_min_pu, idle_pu.min()),
        v_max_pu=np.maximum(limits.v_max_pu, idle_pu.max()),
    )


def _run(problem: Problem, bounds: Bounds) -> Run:
    began = time.perf_counter()
    cpu_began = time.process_time()
    answer = solve_lp(problem)
    wall_s = time.perf_counter() - began
    cpu_s = time.process_time() - cpu_began
    network = problem.network
    return Run(
        feeder=network.feeder.name,
        n_nodes=network.n_nodes,
        n_ders=problem.n_ders,
        bounds=bounds,
        wall_s=wall_s,
        cpu_s=cpu_s,
        rounds=answer.rounds,
        cost_on_ac=answer.replay.objective,
        missed=answer.replay.worst_miss,
    )
