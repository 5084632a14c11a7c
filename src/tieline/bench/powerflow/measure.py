"""Power-flow speed: the same random loads for all programs, the same tolerance, one run, answers compared.

tieline solves whole batches, slower programs the first scenarios of the same batch. Beside the peers stand what the kernel
makes of the machine, and how its speed grows with threads and with the size of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numba
import numpy as np

from tieline.bench.kit.peers import CannotRun
from tieline.bench.powerflow.batch_growth import measure_growth
from tieline.bench.powerflow.cold_start import measure_cold_start
from tieline.bench.powerflow.der_growth import measure_der_growth
from tieline.bench.powerflow.measurement import (
    Case,
    MachineUse,
    PowerFlowSpeeds,
    ProgramSpeed,
)
from tieline.bench.powerflow.options import Options
from tieline.bench.powerflow.peaks import cache_gb_s, memory_gb_s, peak_gflops
from tieline.bench.powerflow.peers import (
    PEERS,
    TOLERANCE,
    Program,
    Scenarios,
    make_tieline,
)
from tieline.bench.powerflow.precision import measure_single_precision
from tieline.bench.powerflow.timing import Timed, median_call, take_turns
from tieline.bench.powerflow.work import count_work, executed_iterations
from tieline.feeders import Feeder, load_feeder
from tieline.network import Network
from tieline.typing import IntArray

BATCH_NUMBERS = 2_000_000
"""Node voltages in tieline's batch of a case; fewer scenarios of larger feeders."""

CONTROLLED = 8
"""Where regulators act a batch is smaller by this factor, because a scenario takes longer by about as much."""

SMALLEST_BATCH = 512
"""Scenarios that give every thread several blocks, even of a large feeder."""

SHARE = {
    "power-grid-model": 0.2,
    "lightsim2grid": 0.05,
    "pandapower": 2e-4,
    "opendss": 3e-3,
}
"""Part of the batch that a peer solves, which keeps its turn to seconds."""

FEWEST = 16
"""Scenarios that any peer solves at least."""

LOAD_RANGE = (0.3, 1.0)
"""Each load is drawn evenly from this range of its nominal power, its power factor kept."""


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> PowerFlowSpeeds:
    """Measure every program on every feeder, and with controls where the feeder has regulators.

    Args:
        options: feeders and seed.
        tell: is told what is measured now.
    """
    feeders = [load_feeder(name) for name in options.feeders]
    tell("peaks of this machine")
    peaks = peak_gflops(), memory_gb_s()
    cases = []
    for feeder in feeders:
        cases += _measure_feeder(feeder, options.seed, peaks, tell)
    cold_start = None
    if options.cold_start:
        tell("cold start")
        cold_start = measure_cold_start()
    tell("growth of the linear program")
    lp = measure_der_growth(options.seed)
    return PowerFlowSpeeds(options.seed, TOLERANCE, tuple(cases), cold_start, lp)


def _measure_feeder(
    feeder: Feeder, seed: int, peaks: tuple[float, float], tell: Callable[[str], None]
) -> list[Case]:
    """The feeder with regulators held, and with regulators acting if it has some."""
    network = Network.from_feeder(feeder)
    names = {False: feeder.name}
    if feeder.regulators:
        names[True] = f"{feeder.name}, regulators acting"
    cases = []
    for with_controls, name in names.items():
        tell(name)
        cases.append(_measure_case(name, draw(network, seed, with_controls), peaks))
    return cases


def draw(network: Network, seed: int, with_controls: bool) -> Scenarios:
    """Random loads of one case."""
    loads = network.feeder.loads
    numbers = BATCH_NUMBERS
    if with_controls:
        numbers //= CONTROLLED
    count = max(SMALLEST_BATCH, numbers // network.n_nodes)
    random = np.random.default_rng(seed)
    scale = random.uniform(*LOAD_RANGE, (count, len(loads)))
    p_kw = np.array([load.p_kw for load in loads])
    q_kvar = np.array([load.q_kvar for load in loads])
    return Scenarios(
        network.feeder, network, p_kw * scale, q_kvar * scale, with_controls
    )


def _measure_case(name: str, scenarios: Scenarios, peaks: tuple[float, float]) -> Case:
    programs, left_out = _programs(scenarios)
    timed = take_turns(programs)
    tieline = timed["tieline"]
    iterations = tieline.answer.iterations
    assert iterations is not None  # tieline always says
    network = scenarios.network
    load = None
    single = None
    if not scenarios.with_controls:
        load = _machine_use(network, iterations, tieline.solves_per_s, peaks)
        single = measure_single_precision(network)
    return Case(
        name=name,
        feeder=scenarios.feeder.name,
        n_nodes=network.n_nodes,
        scenarios=len(scenarios.load_kw),
        iterations=float(iterations.mean()),
        speeds=tuple(_speed(program, tieline, timed[program]) for program in timed),
        left_out=left_out,
        load=load,
        by_threads=_by_threads(scenarios),
        growth=measure_growth(scenarios),
        single=single,
    )


def _programs(scenarios: Scenarios) -> tuple[dict[str, Program], dict[str, str]]:
    """The programs that can solve the scenarios, tieline first, and why the others cannot."""
    programs = {"tieline": make_tieline(scenarios)}
    left_out = {}
    for name in PEERS:
        try:
            programs[name] = _make_peer(name, scenarios)
        except CannotRun as error:
            left_out[name] = str(error)
    return programs, left_out


def _make_peer(name: str, scenarios: Scenarios) -> Program:
    """A peer with the first scenarios of the batch; raises `CannotRun`."""
    if scenarios.with_controls and name != "opendss":
        raise CannotRun("has no regulator control like this")
    count = max(FEWEST, int(len(scenarios.load_kw) * SHARE[name]))
    make = PEERS[name]
    return make(scenarios.first(count))


def _speed(program: str, tieline: Timed, timed: Timed) -> ProgramSpeed:
    v_pu = timed.answer.v_pu
    # peers solve the first scenarios of the batch only
    reference_pu = tieline.answer.v_pu[: len(v_pu)]
    return ProgramSpeed(
        program=program,
        solves_per_s=timed.solves_per_s,
        tieline_is_faster=tieline.times_faster_than(timed),
        largest_difference_pu=float(np.abs(v_pu - reference_pu).max()),
        scenarios=len(v_pu),
    )


def _machine_use(
    network: Network,
    iterations: IntArray,
    solves_per_s: float,
    peaks: tuple[float, float],
) -> MachineUse:
    work = count_work(network)
    executed = executed_iterations(iterations)
    flops = work.flops(executed)
    cache_bytes = work.cache_bytes(executed)
    gigas_per_s = solves_per_s / 1e9
    return MachineUse(
        executed_iterations=executed,
        flops=flops,
        cache_bytes=cache_bytes,
        memory_bytes=work.memory_bytes,
        workspace_bytes=work.workspace_bytes,
        gflops=flops * gigas_per_s,
        cache_gb_s=cache_bytes * gigas_per_s,
        memory_gb_s=work.memory_bytes * gigas_per_s,
        peak_gflops=peaks[0],
        peak_cache_gb_s=cache_gb_s(work.workspace_bytes),
        peak_memory_gb_s=peaks[1],
    )


def thread_counts(most: int) -> Sequence[int]:
    """1, 2, 4, ... and all."""
    # the last is the largest that is not above
    powers = {2**k for k in range(most.bit_length())}
    return sorted(powers | {most})


def _by_threads(scenarios: Scenarios) -> dict[int, float]:
    most = numba.get_num_threads()
    rates = {}
    try:
        for count in thread_counts(most):
            numba.set_num_threads(count)
            rates[count] = _solves_per_s(scenarios)
    finally:  # the number holds for the whole process, and other cases want all threads
        numba.set_num_threads(most)
    return rates


def _solves_per_s(scenarios: Scenarios) -> float:
    program = make_tieline(scenarios)
    program()  # a plan for this batch is made once
    seconds, answer = median_call(program)
    return len(answer.v_pu) / seconds
