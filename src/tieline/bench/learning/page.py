"""What the benchmark of learning says, on the screen and on its page. Every number comes from the measurement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Block, Page, Section, Summary, bullets
from tieline.bench.kit.parts import parts_table
from tieline.bench.learning.contest_sections import contest_sections
from tieline.bench.learning.curves import OF_CURVES, curve_rows, curve_table
from tieline.bench.learning.measure import LearningMeasurement
from tieline.bench.learning.overview import (
    OF_OVERVIEW,
    OverviewRow,
    contest_notes,
    contest_row,
    overview_table,
    study_notes,
    study_rows,
)
from tieline.bench.learning.played import Played, played_contests
from tieline.bench.learning.published import published_sections
from tieline.bench.learning.speed import OF_TRAINING, training_rows, training_table
from tieline.bench.learning.studies.gap_score import GapScore
from tieline.bench.learning.task_tables import all_tasks, wider, year
from tieline.bench.learning.verdicts import verdicts

Studies = Mapping[str, Sequence[GapScore]]
"""Rows of each study."""

INTRO = (
    "On every task the same protocol: learned deciders stand beside doing nothing, rules of one line, planning ahead (MPC) and "
    "the optimum, on days that no training has seen (or the page says so). Every step is judged by the AC power flow in double "
    "precision."
)

HOW_TO_READ = (
    "The gain is how much better the return is than that of doing nothing, in percent of it; the optimum shows how much there "
    "is to gain. IQM is the interquartile mean over all seeds and days, its 95 % interval that of seeds and days drawn anew. A "
    "difference is taken day by day, with seeds averaged first: mean, 95 % interval, p-value of Wilcoxon's signed-rank test. "
    "Limits broken are steps of a day with a voltage outside its limits."
)

OF_WIDER = (
    "Who may set more can do at least as well as who may set less. A learned decider that does worse with more has not learned "
    "its task."
)

OF_A_YEAR = (
    "What the gap to the optimum means in a year: 365 days like those of the split. A planner who buys a learned controller "
    "pays this for what it has not learned, and gains what stands in the other column."
)


def summary(measured: LearningMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    played = played_contests(measured)
    rows = _overview_rows(played, measured.studies)
    tables = [
        ("All decisions", overview_table(rows)),
        ("All tasks", all_tasks(played)),
    ]
    return Summary(tables, left_out_notes(measured.left_out))


def page(measured: LearningMeasurement) -> Page:
    """The page of a measurement."""
    played = played_contests(measured)
    sections = [
        Section("In short", [bullets(verdicts(played))]),
        Section("All decisions", _overview(played, measured.studies)),
        Section("All tasks", [HOW_TO_READ, all_tasks(played)]),
        Section("What a larger choice is worth", [OF_WIDER, wider(played)]),
        Section("In a year", [OF_A_YEAR, year(played)]),
    ]
    for contest, rankings in played:
        sections += contest_sections(contest, rankings)
        sections += published_sections(contest.name, measured.scores[contest.name])
    sections += _trainings(played)
    sections.append(Section("Left out", [left_out_text(measured.left_out, "Nothing.")]))
    if measured.parts:
        sections.append(Section("Parts", [parts_table(measured.parts)]))
    return Page(INTRO, sections)


def _overview(played: Iterable[Played], studies: Studies) -> list[Block]:
    """The table of all decisions, and what its gaps are to."""
    notes = [contest_notes(contest, rankings[0]) for contest, rankings in played]
    notes += [study_notes(name) for name in studies]
    rows = _overview_rows(played, studies)
    return [OF_OVERVIEW, overview_table(rows), bullets(notes)]


def _overview_rows(played: Iterable[Played], studies: Studies) -> list[OverviewRow]:
    rows = [contest_row(contest, rankings[0]) for contest, rankings in played]
    for name, scores in studies.items():
        rows += study_rows(name, scores)
    return rows


def _trainings(played: Iterable[Played]) -> list[Section]:
    """How learners learned, and how fast."""
    curves = []
    speeds = []
    for contest, rankings in played:
        curves += curve_rows(contest.name, rankings[0])
        speeds += training_rows(contest.name, rankings[0])
    sections = [Section("Training", [OF_TRAINING, training_table(speeds)])]
    if curves:
        sections.insert(0, Section("Learning curves", [OF_CURVES, curve_table(curves)]))
    return sections
