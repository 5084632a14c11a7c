"""Power-flow speed: the same random loads for all programs, the same tolerance, one run, answers compared.

tieline solves whole batches, slower programs the first scenarios of the same batch. Beside the peers stand what the kernel
makes of the machine, and how its speed grows with threads and with the size of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numba
import numpy as np

from tieline.bench.powerflow.cold_start import measure_cold_start
from tieline.bench.powerflow.measurement import Case, Load, Measurement, Speed
from tieline.bench.powerflow.peaks import cache_gb_s, describe, memory_gb_s, peak_gflops, versions
from tieline.bench.powerflow.peers import (
    PEERS,
    TOLERANCE,
    CannotRun,
    Program,
    Scenarios,
    make_tieline,
)
from tieline.bench.powerflow.precision import measure_single_precision
from tieline.bench.powerflow.timing import Timed, median_call, take_turns
from tieline.bench.powerflow.work import count_work, executed_iterations
from tieline.feeders import Feeder
from tieline.network import Network
from tieline.typing import IntArray

DEFAULT_FEEDERS = ("ieee33", "ieee34", "ieee123", "case141")
BATCH_NUMBERS = 2_000_000
"""Node voltages in tieline's batch of a case; fewer scenarios of larger feeders."""
CONTROLLED = 8
"""Where regulators act a batch is smaller by this: it takes so many times as long."""
SMALLEST_BATCH = 512
"""So that even of a large feeder all threads have several blocks."""
SHARE = {"power-grid-model": 0.2, "lightsim2grid": 0.05, "pandapower": 2e-4, "opendss": 3e-3}
"""Part of the batch that a peer solves, so that none takes more than seconds."""
FEWEST = 16
"""Scenarios that any peer solves at least."""
BATCH_SIZES = (1, 16, 256, 4096)
LOAD_RANGE = (0.3, 1.0)
"""Each load is drawn evenly from this range of its nominal power, its power factor kept."""

Report = Callable[[str], None]


def run(
    feeders: Sequence[Feeder],
    seed: int,
    command: str,
    *,
    with_cold_start: bool = True,
    report: Report = lambda _: None,
) -> Measurement:
    """Measure every program on every feeder, and with controls where the feeder has regulators.

    Args:
        feeders: what to solve.
        seed: of the random loads.
        command: what a reader types to do the same.
        with_cold_start: also start fresh processes, one of which compiles everything.
        report: is told what is measured now.
    """
    report("peaks of this machine")
    peaks = peak_gflops(), memory_gb_s()
    cases = []
    for feeder in feeders:
        network = Network.from_feeder(feeder)
        for with_controls in (False, True) if feeder.regulators else (False,):
            name = f"{feeder.name}, regulators acting" if with_controls else feeder.name
            report(name)
            cases.append(_measure(name, draw(network, seed, with_controls), peaks))
    if with_cold_start:
        report("cold start")
    cold_start = measure_cold_start() if with_cold_start else None
    return Measurement(describe(), versions(), command, seed, TOLERANCE, tuple(cases), cold_start)


def draw(network: Network, seed: int, with_controls: bool) -> Scenarios:
    """Random loads of one case."""
    feeder = network.feeder
    count = max(
        SMALLEST_BATCH, BATCH_NUMBERS // network.n_nodes // (CONTROLLED if with_controls else 1)
    )
    scale = np.random.default_rng(seed).uniform(*LOAD_RANGE, (count, len(feeder.loads)))
    p_kw, q_kvar = (
        np.array([getattr(load, name) for load in feeder.loads]) for name in ("p_kw", "q_kvar")
    )
    return Scenarios(feeder, network, p_kw * scale, q_kvar * scale, with_controls)


def _measure(name: str, scenarios: Scenarios, peaks: tuple[float, float]) -> Case:
    programs, left_out = _programs(scenarios)
    timed = take_turns(programs)
    own = timed["tieline"]
    iterations = own.answer.iterations
    assert iterations is not None  # tieline always says
    held = not scenarios.with_controls
    return Case(
        name=name,
        feeder=scenarios.feeder.name,
        n_nodes=scenarios.network.n_nodes,
        scenarios=len(scenarios.load_kw),
        iterations=float(iterations.mean()),
        speeds=tuple(_speed(program, own, timed[program]) for program in timed),
        left_out=left_out,
        load=_load(scenarios.network, iterations, own.solves_per_s, peaks) if held else None,
        by_threads=_by_threads(scenarios),
        by_batch=_by_batch(scenarios),
        single=measure_single_precision(scenarios.network) if held else None,
    )


def _programs(scenarios: Scenarios) -> tuple[dict[str, Program], dict[str, str]]:
    """The programs that can solve the scenarios, tieline first, and why the others cannot."""
    programs, left_out = {"tieline": make_tieline(scenarios)}, {}
    for name, make in PEERS.items():
        part = scenarios.first(max(FEWEST, int(len(scenarios.load_kw) * SHARE[name])))
        try:
            if scenarios.with_controls and name != "opendss":
                raise CannotRun(f"{name}: has no regulator control like this")
            programs[name] = make(part)
        except CannotRun as error:
            left_out[name] = str(error)
    return programs, left_out


def _speed(program: str, own: Timed, theirs: Timed) -> Speed:
    v, reference = theirs.answer.v_pu, own.answer.v_pu
    difference = float(np.abs(v - reference[: len(v)]).max())
    return Speed(program, theirs.solves_per_s, own.times_faster_than(theirs), difference, len(v))


def _load(
    network: Network, iterations: IntArray, solves_per_s: float, peaks: tuple[float, float]
) -> Load:
    work, executed = count_work(network), executed_iterations(iterations)
    flops, cache_bytes = work.flops(executed), work.cache_bytes(executed)
    return Load(
        executed_iterations=executed,
        flops=flops,
        cache_bytes=cache_bytes,
        memory_bytes=work.memory_bytes,
        workspace_bytes=work.workspace_bytes,
        gflops=flops * solves_per_s / 1e9,
        cache_gb_s=cache_bytes * solves_per_s / 1e9,
        memory_gb_s=work.memory_bytes * solves_per_s / 1e9,
        peak_gflops=peaks[0],
        peak_cache_gb_s=cache_gb_s(work.workspace_bytes),
        peak_memory_gb_s=peaks[1],
    )


def thread_counts(most: int) -> list[int]:
    """1, 2, 4, ... and all."""
    return sorted({*(2**k for k in range(most.bit_length()) if 2**k <= most), most})


def _by_threads(scenarios: Scenarios) -> dict[int, float]:
    most = numba.get_num_threads()
    try:
        found = {}
        for count in thread_counts(most):
            numba.set_num_threads(count)
            found[count] = _solves_per_s(scenarios)
        return found
    finally:
        numba.set_num_threads(most)


def _by_batch(scenarios: Scenarios) -> dict[int, float]:
    whole = len(scenarios.load_kw)
    return {
        size: _solves_per_s(scenarios.first(size))
        for size in (*(s for s in BATCH_SIZES if s < whole), whole)
    }


def _solves_per_s(scenarios: Scenarios) -> float:
    program = make_tieline(scenarios)
    program()  # a plan for this batch is made once
    seconds, answer = median_call(program)
    return len(answer.v_pu) / seconds
