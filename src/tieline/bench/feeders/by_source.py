"""Feeders counted by where they come from: a package, a folder, or this project; and what counts as the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tieline.bench.feeders.trial import Trial
from tieline.bench.kit.markdown import Table
from tieline.bench.kit.options import public_path
from tieline.feeders.shipped import is_shipped

SAME_PU = 1e-6
"""Largest difference of voltages that counts as the same answer."""

SAME_AT_HV_PU = 1e-5
HV_KV = 35.0
"""Above it, high voltage by IEC 60038, differences of switches and of the engines' own tolerances in MVA are as large."""

BUNDLED = "bundled"

HEADINGS = (
    "source",
    "feeders",
    "solved",
    "compared",
    "agree",
    "others with notes",
    "others without",
    "read, network, solve [s]",
)


def by_source(trials: Sequence[Trial], places: Sequence[str] = ()) -> Table:
    """A row for each source, and one for all where there are several."""
    groups = grouped(trials, places)
    rows = [_row(source, of_source) for source, of_source in groups.items()]
    if len(groups) > 1:
        rows.append(_row("all", trials))
    return Table(HEADINGS, rows, "l" + "r" * (len(HEADINGS) - 1))


def grouped(
    trials: Sequence[Trial], places: Sequence[str] = ()
) -> dict[str, list[Trial]]:
    """Trials by source: the folder among `places` that they lie in, a package, or their own folder."""
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(_source(trial, places), []).append(trial)
    return groups


def is_compared(trial: Trial) -> bool:
    """Whether another program solved it too."""
    return trial.held_pu is not None


def differing(trials: Iterable[Trial]) -> list[Trial]:
    """Compared feeders that have other voltages than their engine."""
    return [trial for trial in trials if is_compared(trial) and not is_same(trial)]


def worst_pu(trial: Trial) -> float:
    """Largest difference of a compared feeder, with controls held and acting."""
    differences = (trial.held_pu, trial.acting_pu)
    return max(value for value in differences if value is not None)


def is_same(trial: Trial) -> bool:
    """Whether a compared feeder has the voltages of its engine."""
    is_hv = (trial.highest_kv or 0.0) > HV_KV
    return worst_pu(trial) <= (SAME_AT_HV_PU if is_hv else SAME_PU)


def _source(trial: Trial, places: Sequence[str]) -> str:
    if is_shipped(trial.file):
        return trial.file.partition(":")[0]
    path = Path(trial.file)
    for place in places:
        if path != Path(place) and path.is_relative_to(place):
            return public_path(place)
    # a bundled name has neither a folder nor an ending
    if path.suffix == "" and len(path.parts) == 1:
        return BUNDLED
    return public_path(str(path.parent))


def _row(source: str, trials: Sequence[Trial]) -> tuple[str, ...]:
    compared = [trial for trial in trials if is_compared(trial)]
    unlike = differing(compared)
    noted = [trial for trial in unlike if trial.notes]
    counts = (
        len(trials),
        sum(trial.end == "solved" for trial in trials),
        len(compared),
        len(compared) - len(unlike),
        len(noted),
        len(unlike) - len(noted),
    )
    return source, *map(str, counts), f"{sum(map(_seconds, trials)):.1f}"


def _seconds(trial: Trial) -> float:
    times = (trial.read_s, trial.network_s, trial.solve_s)
    return sum(value for value in times if value is not None)
