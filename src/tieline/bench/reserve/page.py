"""What the screen and the docs page say of the reserve study. Every number and judgement comes from the results."""

from __future__ import annotations

from tieline.bench.kit.goals import goals_table
from tieline.bench.kit.markdown import Page, Section, Summary, Table, bullets
from tieline.bench.kit.spread import Contender, Spread, compare
from tieline.bench.reserve.measure import (
    DEFAULT,
    SCALED,
    SETTINGS,
    ReserveTrainings,
    goals,
    tell_rounded,
)
from tieline.bench.reserve.printed import printed_table, tell_printed
from tieline.studies.reserve.report import WORDS
from tieline.studies.reserve.ways.cases import LEARNED, OPTIMUM
from tieline.studies.result import Result

INTRO = "[What is asked](../reserve.md): 1 per $ of an hour's reserve, 1 per kW of loss, 1 per % of mean voltage deviation."

GAPS = {
    "mean_pct": "mean gap [%]",
    "median_pct": "median [%]",
    "p95_pct": "95 % below [%]",
    "worst_pct": "worst [%]",
}
"""Columns of the gap to the optimum on unseen requests, and their headings."""


def summary(trainings: ReserveTrainings) -> Summary:
    """The tables of the page."""
    tables = [
        ("Goals", goals_table(goals(trainings.default))),
        ("The published cases", _cases(trainings)),
        ("As printed", printed_table(trainings.default)),
        ("Unseen requests", _unseen(trainings)),
        ("Training", _training(trainings)),
    ]
    return Summary(tables)


def page(trainings: ReserveTrainings) -> Page:
    """The page of a measurement."""
    settings = [f"**{setting.name}**: {setting.words}" for setting in SETTINGS]
    requests = int(trainings.default.tables["held_out"]["requests"].iloc[0])
    of_cases = "The learned policy is that of the seed with the best return on episodes that appear nowhere on this page."
    of_unseen = (
        f"{requests:,} random requests, never seen in training; the gap of the weighted sum to that "
        "of the optimum found by search."
    )
    of_training = "All seeds of a setting train side by side in one process; the time includes compiling and the learning curves."
    sections = [
        Section("", ["Settings:", bullets(settings)]),
        Section("Goals", _goals(trainings.default)),
        Section("The published cases", [of_cases, _cases(trainings)]),
        Section(
            "As printed",
            [tell_printed(trainings.default), printed_table(trainings.default)],
        ),
        Section("The published settings", [_why_paper_stalls(trainings)]),
        Section("Unseen requests", [of_unseen, _unseen(trainings)]),
        Section("Training", [of_training, _training(trainings)]),
    ]
    return Page(INTRO, sections)


def _goals(result: Result) -> list[str | Table]:
    """The goals of the default setting, and what their verdicts leave out."""
    safe_ms = result.number("safe_decision_ms")
    return [
        f"Setting `{DEFAULT}`.",
        goals_table(goals(result)),
        f"A decision is that of the policy alone; with the AC replay of the safety step it takes {safe_ms:.3g} ms.",
        *tell_rounded(result),
    ]


def _why_paper_stalls(trainings: ReserveTrainings) -> str:
    """What the policy of the published settings does, and why it is not the published method."""
    result = trainings.results["paper"]
    allocations = result.tables["allocations"]
    learned = allocations[allocations["who"] == LEARNED]
    by_case = [
        f"{', '.join(f'{kw:.0f}' for kw in rows['reserve_kw'])} kW in {case}"
        for case, rows in learned.groupby("case", sort=False)
    ]
    return (
        "Setting `paper` has the published networks, rates and number of episodes, but it is not the published method: there "
        "the sum of the reserve is left to a penalty in the reward, here the environment moves what is wanted to the nearest "
        f"allocation that meets it. What it splits: {' and '.join(by_case)}. That is the nearest allocation to wanting nothing "
        "of anybody: rewards near -220 that are not scaled push the sigmoids of the actor to their end before it has seen "
        f"much, and there they have no slope. That is why its seeds hardly differ. Setting `{SCALED}` differs in that alone, "
        "and learns."
    )


def _cases(trainings: ReserveTrainings) -> Table:
    """All ways under the default setting; under the others only what the setting changes."""
    rows = []
    for setting, result in trainings.results.items():
        for row in result.tables["objectives"].to_dict("records"):
            depends_on_setting = row["who"] in (LEARNED, OPTIMUM)
            if not depends_on_setting and setting != DEFAULT:
                continue
            label = setting if depends_on_setting else ""
            who = WORDS[str(row["who"])]
            numbers = [f"{row[column]:.2f}" for column in CASE_HEADINGS]
            rows.append((row["case"], label, who, *numbers))
    headings = ("case", "setting", "split by", *CASE_HEADINGS.values())
    # stable: within a case the settings keep their order
    rows.sort(key=lambda row: row[0])
    return Table(headings, rows, "lllrrrrr")


CASE_HEADINGS = {
    "cost_usd": "cost [$]",
    "loss_kw": "loss [kW]",
    "deviation_pct": "deviation [%]",
    "objective": "weighted sum",
    "gap_pct": "above the optimum [%]",
}


def _unseen(trainings: ReserveTrainings) -> Table:
    """Gaps to the optimum: learned, over seeds, and of the rules."""
    contenders = []
    for setting, result in trainings.results.items():
        contenders += _contenders(setting, result)
    headings = ("setting", "split by")
    return compare(
        headings, tuple(GAPS.values()), contenders, "mean gap over seeds [%]"
    )


def _contenders(setting: str, result: Result) -> list[Contender]:
    """What is learned first, then the rules in the order of the study."""
    gaps = result.tables["held_out"]
    deciders = gaps["who"].unique().tolist()
    contenders = []
    # False sorts before True
    for who in sorted(deciders, key=lambda who: who != LEARNED):
        runs = gaps.loc[gaps["who"] == who, list(GAPS)].to_numpy()
        labels = setting, WORDS[who]
        contenders.append(Contender(labels, runs, seeds=who == LEARNED))
    return contenders


def _training(trainings: ReserveTrainings) -> Table:
    rows = []
    for setting, result in trainings.results.items():
        curves = result.tables["curves"]
        returns = Spread.of(curves.groupby("seed")["return_mean"].last())
        steps = int(curves["step"].max())
        row = (
            setting,
            str(result.metrics["trainings"]),
            f"{steps:,}",
            f"{result.number('train_s'):.1f}",
            f"{returns.mean:.2f}",
            f"{returns.std:.3f}",
        )
        rows.append(row)
    headings = (
        "setting",
        "seeds",
        "steps each",
        "all together [s]",
        "final return",
        "std over seeds",
    )
    return Table(headings, rows, "lrrrrr")
