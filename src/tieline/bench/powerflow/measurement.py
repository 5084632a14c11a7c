"""`Measurement`: everything that one run of the benchmark found out, and the case it is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.powerflow.cold_start import ColdStart
from tieline.bench.powerflow.precision import SinglePrecision


@dataclass(frozen=True)
class Speed:
    """What one program did on one case: scenarios per second, how many times tieline is faster, and the largest distance of a
    voltage from tieline's [pu], over so many scenarios.
    """

    program: str
    solves_per_s: float
    tieline_is_faster: float
    largest_difference_pu: float
    scenarios: int


@dataclass(frozen=True)
class Load:
    """How much of the machine the kernel of a case uses.

    Attributes:
        executed_iterations: iterations run per scenario, see `work.executed_iterations`.
        flops: floating-point operations per scenario.
        cache_bytes, memory_bytes: traffic per scenario [byte].
        workspace_bytes: what a thread works on in an iteration [byte].
        gflops, cache_gb_s, memory_gb_s: achieved, all threads together.
        peak_gflops, peak_cache_gb_s, peak_memory_gb_s: measured on this machine; that of the cache for this workspace.
    """

    executed_iterations: float
    flops: float
    cache_bytes: float
    memory_bytes: float
    workspace_bytes: int
    gflops: float
    cache_gb_s: float
    memory_gb_s: float
    peak_gflops: float
    peak_cache_gb_s: float
    peak_memory_gb_s: float

    @property
    def shares(self) -> dict[str, float]:
        """Achieved rate as a share of its peak."""
        return {
            "arithmetic": self.gflops / self.peak_gflops,
            "cache": self.cache_gb_s / self.peak_cache_gb_s,
            "memory": self.memory_gb_s / self.peak_memory_gb_s,
        }

    @property
    def intensity(self) -> float:
        """Operations per byte of cache traffic."""
        return self.flops / self.cache_bytes


@dataclass(frozen=True)
class Case:
    """One feeder with regulators held or acting.

    Attributes:
        name: of the case, the feeder's unless regulators act.
        feeder: name of the feeder.
        n_nodes: its nodes.
        scenarios: in tieline's whole batch.
        iterations: of tieline, mean over scenarios, all rounds of the controls together.
        speeds: programs that ran, tieline first.
        left_out: why others did not.
        load: use of the machine; None where regulators act, whose work the counting rules do not describe.
        by_threads: scenarios per second of the whole batch on so many threads.
        by_batch: scenarios per second of batches of so many scenarios, the whole one last.
        single: errors in single precision; None where regulators act.
    """

    name: str
    feeder: str
    n_nodes: int
    scenarios: int
    iterations: float
    speeds: tuple[Speed, ...]
    left_out: dict[str, str]
    load: Load | None
    by_threads: dict[int, float]
    by_batch: dict[int, float]
    single: SinglePrecision | None

    def speed(self, program: str) -> Speed | None:
        """What a program did, None if it was left out."""
        return next((speed for speed in self.speeds if speed.program == program), None)


@dataclass(frozen=True)
class Measurement:
    """One run on one machine, which `machine` describes; `command` is what it was started with."""

    machine: str
    versions: dict[str, str]
    command: str
    seed: int
    tolerance: float
    cases: tuple[Case, ...]
    cold_start: ColdStart | None

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, the derived shares among them."""
        raw = asdict(self)
        for case, plain in zip(self.cases, raw["cases"], strict=True):
            if case.load is not None:
                plain["load"]["shares"] = case.load.shares
        return raw
