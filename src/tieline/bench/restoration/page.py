"""What the benchmark of load restoration says, on the screen and on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import mean, median

from tieline.bench.kit.goals import goals_table
from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Block, Page, Section, Summary, Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.parts import parts_table
from tieline.bench.kit.spread import Spread
from tieline.bench.restoration.ablation_part import PARTS, part_blocks
from tieline.bench.restoration.goals import ahead, goals, islands_of
from tieline.bench.restoration.horizons import HorizonScore
from tieline.bench.restoration.measure import RestorationMeasurement, TrialRow
from tieline.bench.restoration.training import Training
from tieline.envs.restoration.scenarios import TESTED
from tieline.studies.restoration.deciders import (
    BOUND,
    BOUNDS,
    DECIDERS,
    FORECASTING,
    HOLD,
    LEARNED,
)
from tieline.studies.restoration.telling.published import RUN_TIME_S, TRAINING_S

INTRO = (
    "[What is asked](../restoration.md): an island picks up its load with the fuel, storage, sun and wind it has, and a forecast "
    "that may be wrong."
)

OF_GAPS = (
    "How far the objective (served energy less fuel, less twice what goes off again) is below the bound of the same draw [%], "
    "which knows what sun and wind will be; mean of the draws. Of who learned: mean over policies of several seeds, and in "
    "brackets the lowest and the highest of them."
)

OF_SHED = (
    "Served energy tells nobody apart, because everybody uses up what there is; what goes off again does. Restored [% of what "
    "all loads would take], and shed [kWh]."
)

OF_TRIAL = (
    "Restored less twice shed energy [kWh], beside figures that were worked out before this program was written, with another "
    "modelling tool (CVXPY). They charge what every source injects, and not fuel alone: which source a short window takes is "
    "then decided by what losses differ by, so that cells of short windows agree less well. The study charges fuel alone."
)

OF_TIMES = (
    "A decision and all decisions of a horizon, medians, of one draw, without the safety step and the exact island; beside the "
    "article's table 3, which was measured on another machine."
)

FIRST_ISLANDS: tuple[str, ...] = ("ieee36", "case141")
"""The islands that the article prints times of, in the order of its columns."""


def summary(measured: RestorationMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    tables = [("Goals", goals_table(goals(measured)))]
    islands = islands_of(measured.horizons)
    tables += [(island, _gaps(_of(measured.horizons, island))) for island in islands]
    return Summary(tables, left_out_notes(measured.left_out))


def page(measured: RestorationMeasurement) -> Page:
    """The page of a measurement."""
    sections = [Section("Goals", [goals_table(goals(measured))])]
    for island in islands_of(measured.horizons):
        scores = _of(measured.horizons, island)
        sections.append(Section(f"Below the bound: {island}", _island_blocks(scores)))
    sections += [
        Section("Times", [OF_TIMES, _times(measured.horizons)]),
        Section("Training", _training(measured.trainings)),
        Section("Programs beside another tool", _trial(measured.trial)),
        Section(PARTS, part_blocks(measured.variants)),
        Section("Left out", [left_out_text(measured.left_out, "Nothing.")]),
        Section("When it was measured", [parts_table(measured.parts)]),
    ]
    return Page(INTRO, sections)


def _of(scores: Sequence[HorizonScore], island: str) -> list[HorizonScore]:
    return [score for score in scores if score.island == island]


def _island_blocks(scores: Sequence[HorizonScore]) -> list[Block]:
    return [
        OF_GAPS,
        _gaps(scores),
        *_verdicts(scores),
        OF_SHED,
        _energies(scores),
    ]


def _names(scores: Sequence[HorizonScore]) -> list[str]:
    """Who decided, in the order of the study."""
    present = {score.who for score in scores}
    return [name for name in DECIDERS if name in present]


def _scenarios(scores: Sequence[HorizonScore]) -> list[str]:
    present = {score.scenario for score in scores}
    return [name for name in TESTED if name in present]


def _by_scenario(
    scores: Sequence[HorizonScore],
    names: Sequence[str],
    cell: Callable[[list[HorizonScore]], str],
) -> Table:
    """A row per decider, a cell per scenario."""
    scenarios = _scenarios(scores)
    rows = []
    for name in names:
        cells = []
        for scenario in scenarios:
            cell_scores = [
                one for one in scores if (one.scenario, one.who) == (scenario, name)
            ]
            cells.append(cell(cell_scores) if cell_scores else "-")
        rows.append((DECIDERS[name].words, *cells))
    return Table(("decided by", *scenarios), rows, "l" + "r" * len(scenarios))


def _gaps(scores: Sequence[HorizonScore]) -> Table:
    names = [name for name in _names(scores) if name not in BOUNDS]
    return _by_scenario(scores, names, _gap_cell)


def _gap_cell(scores: list[HorizonScore]) -> str:
    by_policy: dict[int, list[float]] = {}
    for score in scores:
        if score.gap_pct is not None:
            by_policy.setdefault(score.policy, []).append(score.gap_pct)
    if not by_policy:
        return "-"
    # draws differ by what sun and wind do, policies by chance: the spread of these alone says how far a training can be trusted
    spread = Spread.of(map(mean, by_policy.values()))
    average, _, lowest, highest = spread.cells(".3f")
    return average if spread.count == 1 else f"{average} ({lowest}, {highest})"


def _energies(scores: Sequence[HorizonScore]) -> Table:
    return _by_scenario(scores, _names(scores), _energy_cell)


def _energy_cell(scores: list[HorizonScore]) -> str:
    restored = mean(score.restored_pct for score in scores)
    shed = mean(score.shed_kwh for score in scores)
    return f"{number_text(restored, '.2f')} %, {number_text(shed, ',.1f')}"


def _verdicts(scores: Sequence[HorizonScore]) -> Iterator[str]:
    """Where who learned is behind the best MPC, and what it adds to the holding plan."""
    # the worst seed: a user has one policy, and does not know which
    for name in LEARNED:
        parts = list(_beside(scores, name, FORECASTING))
        if not parts:
            continue
        n_behind = sum(lead < 0 for _, lead in parts)
        text = ", ".join(f"{scenario} {lead:+.3f}" for scenario, lead in parts)
        of_plan = ", ".join(
            f"{scenario} {lead:+.3f}"
            for scenario, lead in _beside(scores, name, (HOLD,))
        )
        yield (
            f"{DECIDERS[name].words}, the worst seed, ahead of the best MPC of each scenario, none of which needs training, by "
            f"points of the gap: {text}; it is behind in {n_behind} of {len(parts)} scenarios. "
            f"Ahead of the holding plan: {of_plan}."
        )


def _beside(
    scores: Sequence[HorizonScore], name: str, rivals: Sequence[str]
) -> Iterator[tuple[str, float]]:
    for scenario in _scenarios(scores):
        lead = ahead(scores, scenario, name, rivals)
        if lead is not None:
            yield scenario, lead


def _times(scores: Sequence[HorizonScore]) -> Table:
    islands = islands_of(scores)
    headings = ["decided by"]
    for island in islands:
        headings += [f"{island}, decision [ms]", "horizon [s]"]
    headings += ["printed, 36 buses [s]", "141 buses [s]"]
    rows = []
    for name in _names(scores):
        # a bound plans what nobody carries out: its time is no decision's
        if name in BOUNDS:
            continue
        cells = [DECIDERS[name].words]
        for island in islands:
            cells += _time_cells(_of(scores, island), name)
        printed = RUN_TIME_S.get(name)
        cells += ["-", "-"] if printed is None else [f"{value:g}" for value in printed]
        rows.append(cells)
    return Table(headings, rows, "l" + "r" * (len(headings) - 1))


def _time_cells(scores: Sequence[HorizonScore], name: str) -> list[str]:
    decisions = []
    horizons = []
    for score in scores:
        if score.who == name and score.decision_ms is not None:
            decisions.append(score.decision_ms)
            horizons.append(score.horizon_s or 0.0)
    if not decisions:
        return ["-", "-"]
    decision_ms = number_text(median(decisions), ".2f")
    return [decision_ms, number_text(median(horizons), ".3f")]


def _training(trainings: Sequence[Training]) -> list[Block]:
    if not trainings:
        return ["Not known."]
    printed = dict(zip(FIRST_ISLANDS, TRAINING_S["cpo"], strict=True))
    rows = []
    for training in trainings:
        episodes = "-" if training.episodes is None else f"{training.episodes:,}"
        beside = printed.get(training.island)
        row = (
            training.island,
            str(training.seeds),
            episodes,
            f"{training.seed_s:,.0f}",
            "-" if beside is None else f"{beside:,.0f}",
            training.machine,
        )
        rows.append(row)
    headings = ("island", "seeds", "episodes", "a seed [s]", "printed [s]", "machine")
    return [Table(headings, rows, "lrrrrl")]


def _trial(rows: Sequence[TrialRow]) -> list[Block]:
    if not rows:
        return ["Not asked for."]
    cells = [_trial_cells(row) for row in rows]
    headings = (
        "island",
        "scenario",
        "decided by",
        "figure [kWh]",
        "here [kWh]",
        "difference [%]",
    )
    return [OF_TRIAL, Table(headings, cells, "lllrrr")]


def _trial_cells(row: TrialRow) -> tuple[str, ...]:
    words = DECIDERS[row.who].words if row.who in DECIDERS else BOUND
    return (
        row.island,
        row.scenario,
        words,
        f"{row.figure_kwh:,.1f}",
        f"{row.kwh:,.1f}",
        number_text(row.difference_pct, "+.3f"),
    )
