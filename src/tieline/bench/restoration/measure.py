"""One run of the benchmark: the programs beside other figures, horizons of all deciders, what is known of trainings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.kit.left_out import LeftOut
from tieline.bench.kit.parts import PartRecord, Parts
from tieline.bench.restoration.ablation import Brought, compare_variants
from tieline.bench.restoration.horizons import HorizonScore, play_horizons
from tieline.bench.restoration.options import Options
from tieline.bench.restoration.training import Training, trainings_of
from tieline.bench.restoration.trial import trial_cells, trial_result
from tieline.studies.restoration.deciders import LEARNED


@dataclass(frozen=True)
class TrialRow:
    """A figure worked out with another tool, and what the program makes of it [kWh]."""

    island: str
    scenario: str
    who: str
    figure_kwh: float
    kwh: float

    @property
    def difference_pct(self) -> float:
        """From the figure [%]."""
        return 100 * (self.kwh / self.figure_kwh - 1)


@dataclass(frozen=True)
class RestorationMeasurement:
    """What was measured; parts that were not asked for are empty.

    Attributes:
        trial: a row per figure of the other tool.
        horizons: a row per island, scenario, decider, policy and draw.
        trainings: of the policies that were judged.
        left_out: what could not be measured, and why.
        variants: a row per short training that leaves out a part of the method, and scenario.
        parts: when each part was measured.
    """

    trial: tuple[TrialRow, ...] = ()
    horizons: tuple[HorizonScore, ...] = ()
    trainings: tuple[Training, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    variants: tuple[Brought, ...] = ()
    parts: tuple[PartRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain dictionaries."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> RestorationMeasurement:
    """Measure the parts that are asked for and not kept.

    Args:
        options: which islands, how many draws, where parts are kept.
        tell: is told what is measured now.

    Raises:
        InputError: if an island or policies cannot be used.
    """
    parts = Parts(options.parts)
    trial = []
    # minutes of programs of their own, which change with no policy
    if options.trial:
        tell("the programs beside figures of another tool")
        trial = parts.rows("trial", {}, TrialRow, _trial_rows)
    horizons = play_horizons(options, parts, tell)
    trainings = trainings_of(options.islands, options.policies)
    return RestorationMeasurement(
        trial=tuple(trial),
        horizons=tuple(horizons),
        trainings=tuple(trainings),
        left_out=tuple(_left_out(horizons)),
        variants=tuple(_variants(options, parts, tell)),
        parts=tuple(parts.records),
    )


def _trial_rows() -> Iterator[TrialRow]:
    for cell in trial_cells():
        result = trial_result(cell)
        yield TrialRow(cell.island, cell.scenario, cell.decider, cell.kwh, result.kwh)


def _variants(
    options: Options, parts: Parts, tell: Callable[[str], None]
) -> list[Brought]:
    n_updates = options.ablation
    if not n_updates:
        return []
    question = {"updates": n_updates}
    return parts.rows(
        "ablation", question, Brought, lambda: compare_variants(n_updates, tell)
    )


def _left_out(horizons: list[HorizonScore]) -> Iterator[LeftOut]:
    for island in dict.fromkeys(score.island for score in horizons):
        names = {score.who for score in horizons if score.island == island}
        # said, since a row that is not there would look as if it had never been asked for
        for name in LEARNED:
            if name not in names:
                yield LeftOut(name, "no shipped policies fit the island", island)
