"""What the screen and the docs page say of feeder files. Every number and judgement comes from the measurement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

from tieline.bench.feeders.by_source import (
    by_source,
    differing,
    grouped,
    is_compared,
)
from tieline.bench.feeders.goals import SAME, goals
from tieline.bench.feeders.kinds import FEWEST_LOADS, HELD, SMALL, WHOLE
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

UNLIKE_HEADINGS = ("file", "kind", "end", "held [pu]", "acting [pu]", "reason or notes")

LONGEST_REASON = 240
"""Letters of a cell: the first sentence of most messages."""

KINDS = (
    f"A whole distribution feeder has {FEWEST_LOADS} loads or more and no generator that holds a voltage. A refused\n"
    "file is sorted by its words, and counts as a whole feeder where these do not tell."
)


def summary(trials: FeederTrials) -> Summary:
    """Every file, what refused others, and the counts."""
    tables = [("Feeder files", _files(trials.trials))]
    tables.append(("By source", by_source(trials.trials, trials.places)))
    if _refused(trials.trials):
        tables.append(("What refused files", _reasons(trials.trials)))
    tables.append(("Goals", goals(trials.trials)))
    return Summary(tables, [_counts(trials.trials), *_why(trials.trials)])


def page(trials: FeederTrials) -> Page:
    """The page of a measurement: goals, counts, and of each source the files that are refused or differ."""
    counted = [_counts(trials.trials), goals(trials.trials), KINDS]
    sections = [
        Section("In short", [*counted, _by_kind(trials.trials)]),
        Section("By source", [by_source(trials.trials, trials.places)]),
        Section("What refuses files", [_reasons(trials.trials)]),
    ]
    for source, of_source in grouped(trials.trials, trials.places).items():
        sections.append(_source_section(source, of_source))
    intro = (
        "Feeder files of other projects: which are read, and how far the complex voltages are from those of the program whose\n"
        "format it is, with controls held and acting (largest difference over all nodes)."
    )
    return Page(intro, sections)


def _by_kind(trials: Sequence[Trial]) -> Table:
    """How the files of each kind end; a file that no kind is known of stands in none."""
    rows = []
    for kind in (WHOLE, SMALL, HELD):
        of_kind = [trial for trial in trials if trial.kind == kind]
        n_compared = sum(map(is_compared, of_kind))
        counts = (
            len(of_kind),
            sum(trial.end == "solved" for trial in of_kind),
            n_compared,
            n_compared - len(differing(of_kind)),
        )
        rows.append((kind, *map(str, counts)))
    return Table(("kind", "files", "solved", "compared", "agree"), rows, "lrrrr")


def _source_section(source: str, trials: list[Trial]) -> Section:
    """What agrees is a number; what is refused or differs is a row."""
    unlike = [*_refused(trials), *differing(trials)]
    n_solved = len(trials) - len(unlike)
    n_same = sum(map(is_compared, trials)) - len(differing(trials))
    text = f"{len(trials)} files; {n_same} agree, {n_solved - n_same} are solved and compared with nothing."
    if not unlike:
        return Section(source, [text])
    rows = [_unlike_row(trial) for trial in unlike]
    return Section(source, [text, Table(UNLIKE_HEADINGS, rows, "lllrrl")])


def _unlike_row(trial: Trial) -> tuple[str, ...]:
    is_solved = trial.end == "solved"
    reason = ", ".join(trial.notes) if is_solved else _public(trial)
    return (
        public_path(trial.file),
        trial.kind,
        "differs" if is_solved else trial.end,
        _pu(trial.held_pu),
        _pu(trial.acting_pu),
        shorten(reason or "no note", LONGEST_REASON, placeholder=" ..."),
    )


def _public(trial: Trial) -> str:
    """Why a file has no answer, without the folder that it lies in here, in one cell of a table."""
    folder = Path(trial.file).parent
    # the longer first: the folder as it was given may be a part of it
    from_root = trial.reason.replace(f"{folder.resolve()}/", "")
    return from_root.replace(f"{folder}/", "").replace("|", "/")


def _counts(trials: Sequence[Trial]) -> str:
    """For example "12 files: 10 solved, 2 refused; 9 of 9 compared agree within 1e-06 pu"."""
    ends = Counter(trial.end for trial in trials)
    parts = ", ".join(f"{count} {end}" for end, count in ends.items())
    compared = [trial for trial in trials if is_compared(trial)]
    unlike = differing(compared)
    noted = [trial for trial in unlike if trial.notes]
    n_same = len(compared) - len(unlike)
    ended = f"{len(trials)} files: {parts}."
    agreed = f"{n_same} of {len(compared)} compared agree within {SAME}"
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
        codes = trial.codes or (_without_names(_public(trial)),)
        files.update(codes)
        if len(codes) == 1:
            alone.update(codes)
    rows = [(code, str(count), str(alone[code])) for code, count in files.most_common()]
    return Table(("finding", "files", "alone"), rows, "lrr")


def _without_names(reason: str) -> str:
    """The first sentence of a message that has no code, without what it quotes: the same words for the same kind."""
    sentence = reason.split(":")[0]
    return re.sub(r" '[^']*'|, line \d+", "", sentence)


def _why(trials: Sequence[Trial]) -> list[str]:
    """A line for each file that has no answer."""
    return [
        f"{public_path(trial.file)}: {trial.end}, {_public(trial)}"
        for trial in _refused(trials)
    ]
