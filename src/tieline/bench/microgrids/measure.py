"""One run of the benchmark: held-out days, windows, consensus, parts of the method; what is left out was not asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.kit.left_out import LeftOut
from tieline.bench.kit.parts import PartRecord, Parts
from tieline.bench.microgrids.ablation import Brought, compare_variants
from tieline.bench.microgrids.consensus import GraphRounds, measure_graphs
from tieline.bench.microgrids.days import DayScore, play_days
from tieline.bench.microgrids.options import Options
from tieline.bench.microgrids.training import Training, training_of
from tieline.bench.microgrids.windows import WindowRow, ask_windows
from tieline.studies.microgrids.deciders import SAFE


@dataclass(frozen=True)
class MicrogridsMeasurement:
    """What was measured; parts that were not asked for are empty.

    Attributes:
        days: a row per held-out day, decider and seed of policies.
        windows: a row per decider and published window.
        graphs: consensus on each graph.
        training: of the policies that were judged; None if unknown.
        left_out: what could not be measured, and why.
        variants: a row per short training that leaves out a part of the method or does it otherwise.
        parts: when each of these was measured.
    """

    days: tuple[DayScore, ...] = ()
    windows: tuple[WindowRow, ...] = ()
    graphs: tuple[GraphRounds, ...] = ()
    training: Training | None = None
    left_out: tuple[LeftOut, ...] = ()
    variants: tuple[Brought, ...] = ()
    parts: tuple[PartRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain dictionaries."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> MicrogridsMeasurement:
    """Measure the parts that are asked for; all of them take about twenty minutes on two cores.

    Args:
        options: which parts, and how long.
        tell: is told what is measured now.

    Raises:
        InputError: if policies do not fit, or a part cannot be written.
    """
    windows = ask_windows(options.policies, tell) if options.windows else []
    graphs = measure_graphs(options.instances, tell)
    parts = Parts(options.parts)
    variants = compare_variants(options.ablation, parts, tell)
    # last: it takes nearly all of the time
    days = play_days(options, tell)
    training = training_of(options.policies)
    left_out = []
    if SAFE not in {score.who for score in days} and days:
        left_out.append(LeftOut("learned policies", "none fit the feeder"))
    return MicrogridsMeasurement(
        days=tuple(days),
        windows=tuple(windows),
        graphs=tuple(graphs),
        training=training,
        left_out=tuple(left_out),
        variants=tuple(variants),
        parts=tuple(parts.records),
    )
