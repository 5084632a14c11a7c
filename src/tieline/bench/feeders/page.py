"""What the screen and the docs page say of feeder files. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tieline.bench.feeders.by_source import (
    HV_KV,
    SAME_AT_HV_PU,
    SAME_PU,
    by_source,
    is_same,
)
from tieline.bench.feeders.measure import FeederTrials
from tieline.bench.feeders.trial import Trial
from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.kit.options import public_path

HEADINGS = (
    "file",
    "end",
    "nodes",
    "compared with",
    "held [pu]",
    "acting [pu]",
    "read [s]",
    "network [s]",
    "solve [s]",
)
ALIGNMENT = "llrlrrrrr"


def summary(trials: FeederTrials) -> Summary:
    """Every file, what refused others, and the counts."""
    tables = [("Feeder files", _files(trials.trials))]
    tables.append(("By source", by_source(trials.trials)))
    if _refused(trials.trials):
        tables.append(("What refused files", _reasons(trials.trials)))
    return Summary(tables, [_counts(trials.trials), *_why(trials.trials)])


def page(trials: FeederTrials) -> Page:
    """The page of a measurement."""
    sections = [
        Section("In short", [_counts(trials.trials), by_source(trials.trials)]),
        Section("What refuses files", [_reasons(trials.trials)]),
        Section("Every file", [_files(trials.trials)]),
    ]
    texts = _why(trials.trials)
    if texts:
        lines = [f"- {text}" for text in texts]
        sections.append(Section("Refused, and why", ["\n".join(lines)]))
    intro = (
        "Feeder files of other projects: which are read, how far the complex voltages are from those of the program whose\n"
        "format it is, with controls held and acting (largest difference over all nodes), and the time of each step.\n"
        "The first file that a process solves also waits for the compiled code."
    )
    return Page(intro, sections)


def _counts(trials: Sequence[Trial]) -> str:
    """For example "12 files: 10 solved, 2 refused; 9 of 9 compared agree within 1e-06 pu"."""
    ends = Counter(trial.end for trial in trials)
    parts = ", ".join(f"{count} {end}" for end, count in ends.items())
    compared = [trial for trial in trials if trial.held_pu is not None]
    differing = [trial for trial in compared if not is_same(trial)]
    noted = [trial for trial in differing if trial.notes]
    n_same = len(compared) - len(differing)
    limits = f"{SAME_PU:g} pu ({SAME_AT_HV_PU:g} above {HV_KV:g} kV)"
    ended = f"{len(trials)} files: {parts}."
    agreed = f"{n_same} of {len(compared)} compared agree within {limits}"
    return f"{ended} {agreed}; {len(noted)} of the others have notes that may say why."


def _files(trials: Sequence[Trial]) -> Table:
    return Table(HEADINGS, [_row(trial) for trial in trials], ALIGNMENT)


def _row(trial: Trial) -> tuple[str, ...]:
    nodes = "" if trial.nodes is None else f"{trial.nodes:,}"
    return (
        public_path(trial.file),
        trial.end,
        nodes,
        trial.engine_reason or trial.engine,
        _pu(trial.held_pu),
        _pu(trial.acting_pu),
        _seconds(trial.read_s),
        _seconds(trial.network_s),
        _seconds(trial.solve_s),
    )


def _pu(value: float | None) -> str:
    return "" if value is None else f"{value:.1e}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _refused(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.end != "solved"]


def _reasons(trials: Sequence[Trial]) -> Table:
    """How many files each kind of finding refuses, and how many it refuses alone: what to mend next."""
    files: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for trial in _refused(trials):
        codes = trial.codes or (trial.reason.split(":")[0][:60],)
        files.update(codes)
        if len(codes) == 1:
            alone.update(codes)
    rows = [(code, str(count), str(alone[code])) for code, count in files.most_common()]
    return Table(("finding", "files", "alone"), rows, "lrr")


def _why(trials: Sequence[Trial]) -> list[str]:
    """A line for each file that has no answer."""
    return [
        f"{public_path(trial.file)}: {trial.end}, {trial.reason}"
        for trial in _refused(trials)
    ]
