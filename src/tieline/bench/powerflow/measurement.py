"""`PowerFlowSpeeds`: everything that one run of the benchmark found out, and the cases it is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.powerflow.batch_growth import Growth
from tieline.bench.powerflow.cold_start import ColdStart
from tieline.bench.powerflow.der_growth import DerGrowth
from tieline.bench.powerflow.precision import SinglePrecision


@dataclass(frozen=True)
class ProgramSpeed:
    """What one program did on one case.

    Attributes:
        program: its name.
        solves_per_s: scenarios per second.
        tieline_is_faster: scenarios that tieline solves in the time of one.
        largest_difference_pu: largest distance of a voltage from tieline's [pu].
        scenarios: how many it solved.
    """

    program: str
    solves_per_s: float
    tieline_is_faster: float
    largest_difference_pu: float
    scenarios: int


@dataclass(frozen=True)
class MachineUse:
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
        by_threads: scenarios per second of the whole batch, by number of threads.
        growth: of speed with the scenarios in a call.
        single: errors in single precision; None where regulators act.
    """

    name: str
    feeder: str
    n_nodes: int
    scenarios: int
    iterations: float
    speeds: tuple[ProgramSpeed, ...]
    left_out: dict[str, str]
    load: MachineUse | None
    by_threads: dict[int, float]
    growth: Growth
    single: SinglePrecision | None

    def speed(self, program: str) -> ProgramSpeed | None:
        """What a program did, None if it was left out."""
        return next((speed for speed in self.speeds if speed.program == program), None)


@dataclass(frozen=True)
class PowerFlowSpeeds:
    """One run on one machine.

    Attributes:
        seed: of the random loads.
        tolerance: of all programs, each in its own measure.
        cases: feeders, some with regulators held and acting.
        cold_start: times of fresh processes; None if they were not asked for.
        lp: growth of the linear program with its DERs; None without the extra 'opf'.
    """

    seed: int
    tolerance: float
    cases: tuple[Case, ...]
    cold_start: ColdStart | None
    lp: DerGrowth | None

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, the derived shares among them."""
        content = asdict(self)
        for case, plain in zip(self.cases, content["cases"], strict=True):
            if case.load is not None:
                plain["load"]["shares"] = case.load.shares
        return content
