"""What the screen and the docs page say of the microgrids. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median

from tieline.bench.kit.goals import goals_table
from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Block, Page, Section, Summary, Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.spread import Contender, compare
from tieline.bench.microgrids.ablation_part import PARTS, part_blocks, variants_table
from tieline.bench.microgrids.consensus import N_AGENTS, N_LIMITS
from tieline.bench.microgrids.days import DayScore
from tieline.bench.microgrids.goals import (
    MERIT,
    by_seed,
    goals,
    share_pct,
    worst_seed_gap,
)
from tieline.bench.microgrids.measure import MicrogridsMeasurement
from tieline.bench.microgrids.training import Training
from tieline.bench.microgrids.windows import WindowRow
from tieline.studies.microgrids.deciders import DECIDERS, SAFE
from tieline.studies.microgrids.telling.published import TABLE_II

INTRO = "[What is asked](../microgrids.md): privately owned microgrids on one feeder, at least cost, within all limits."

OF_DAYS = (
    "The same drawn days for all, from seeds that no training draws. Gap: cost above the central optimum of the whole day, what "
    "batteries gained paid back; mean of the days. Broken: steps in which a limit of the network is missed by more than 1e-4 "
    "(pu of voltage, or of what a branch may carry), as decided, and as applied after the safety step."
)

OF_TIMES = (
    "Median decision of all microgrids in a step, without and with the safety step, and the time of a whole day. The central "
    "optimum decides a day at once."
)

OF_CONSENSUS = (
    f"Random programs of {N_AGENTS} agents and {N_LIMITS} common limits, about a third of them broken at the start. Loss of the "
    "objective and miss of a limit beside the central solution, the largest of all instances; a miss is told of what agents can "
    "change the limit by."
)

OF_HOUR = (
    "Costs in the hour of the article's Table II. It has no data: loads were chosen so that the optimum costs what it prints. "
    "Its safe policies cost 1.13 % more than its optimum, all microgrids together."
)

OF_PEAK = (
    "Reward in the evening peak, 19 to 20 h, with and without limits (the article's figures 6 and 7). Generators beyond: in how "
    "many steps, all microgrids together."
)


def summary(measured: MicrogridsMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    tables = [("Goals", goals_table(goals(measured)))]
    if measured.days:
        tables += [("Held-out days", _days(measured.days))]
        tables += [("Times", _times(measured.days))]
    if measured.graphs:
        tables.append(("Consensus", _graphs(measured)))
    if measured.variants:
        tables.append((PARTS, variants_table(measured.variants)))
    return Summary(tables, left_out_notes(measured.left_out))


def page(measured: MicrogridsMeasurement) -> Page:
    """The page of a measurement."""
    of_parts = Section(PARTS, part_blocks(measured.variants, measured.parts))
    if _has_parts_only(measured):
        return Page(INTRO, [of_parts])
    n_days = len({score.day for score in measured.days})
    sections = [
        Section("Goals", [goals_table(goals(measured)), _verdict(measured.days)]),
        Section(f"{n_days} held-out days", _day_blocks(measured.days)),
        Section("Published windows", _window_blocks(measured.windows)),
        Section("Consensus", [OF_CONSENSUS, _graphs(measured)]),
        Section("Training", _training(measured.training)),
        of_parts,
        Section("Left out", [left_out_text(measured.left_out, "Nothing.")]),
    ]
    return Page(INTRO, sections)


def _has_parts_only(measured: MicrogridsMeasurement) -> bool:
    """Whether nothing was asked for but short trainings: they have a page of their own then."""
    rows = (*measured.days, *measured.windows, *measured.graphs)
    return bool(measured.variants) and not rows


def _day_blocks(days: Sequence[DayScore]) -> list[Block]:
    if not days:
        return ["Not measured."]
    return [OF_DAYS, _days(days), _limits(days), OF_TIMES, _times(days)]


def _by_decider(days: Sequence[DayScore]) -> dict[str, list[DayScore]]:
    """Scores of each decider, in the order of the study."""
    groups = {}
    for name in DECIDERS:
        scores = [score for score in days if score.who == name]
        if scores:
            groups[name] = scores
    return groups


def _days(days: Sequence[DayScore]) -> Table:
    """Gaps, a run per seed of policies."""
    contenders = []
    for name, scores in _by_decider(days).items():
        runs = [_means(of_seed) for of_seed in by_seed(scores).values()]
        contender = Contender((DECIDERS[name].words,), runs, seeds=name == SAFE)
        contenders.append(contender)
    quantities = ("gap [%]", "worst day [%]", "broken as decided [%]", "broken [%]")
    return compare(("decided by",), quantities, contenders, "gap over seeds [%]")


def _means(scores: Sequence[DayScore]) -> tuple[float, float, float, float]:
    """Mean and largest gap, steps with broken limits before and after the safety step [%]."""
    gaps = [score.gap_pct for score in scores]
    proposed_pct = share_pct(scores, "proposed_broken")
    broken_pct = share_pct(scores, "broken")
    return mean(gaps), max(gaps), proposed_pct, broken_pct


def _limits(days: Sequence[DayScore]) -> Table:
    """How far limits are missed."""
    headings = (
        "decided by",
        "largest miss as decided [pu]",
        "largest miss [pu]",
        "highest loading [%]",
        "steps changed by the safety step [%]",
    )
    rows = []
    for name, scores in _by_decider(days).items():
        row = (
            DECIDERS[name].words,
            number_text(max(s.proposed_max_pu for s in scores), ".5f"),
            number_text(max(s.max_pu for s in scores), ".5f"),
            number_text(max(s.loading_pct for s in scores), ".1f"),
            number_text(share_pct(scores, "projections"), ".1f"),
        )
        rows.append(row)
    return Table(headings, rows, "lrrrr")


def _times(days: Sequence[DayScore]) -> Table:
    headings = (
        "decided by",
        "decision [ms]",
        "with safety step [ms]",
        "a day [s]",
    )
    rows = []
    for name, scores in _by_decider(days).items():
        row = (
            DECIDERS[name].words,
            _time(median(s.decision_ms for s in scores), ".3f"),
            _time(median(s.safe_decision_ms for s in scores), ".2f"),
            number_text(median(s.day_s for s in scores), ".2f"),
        )
        rows.append(row)
    return Table(headings, rows, "lrrr")


def _verdict(days: Sequence[DayScore]) -> str:
    """Where merit order with the safety step is as good as what is learned, the page says so."""
    learned = worst_seed_gap([score for score in days if score.who == SAFE])
    merit = worst_seed_gap([score for score in days if score.who == MERIT])
    if learned is None or merit is None:
        return "No policy was judged."
    if learned < merit:
        return f"The policies are {merit - learned:.2f} points below merit order with the safety step, the worst seed."
    return (
        f"Merit order with the safety step, which needs no training, is as good as the policies or better ({merit:.2f} % against "
        f"{learned:.2f} %, the worst seed)."
    )


def _window_blocks(windows: Sequence[WindowRow]) -> list[Block]:
    if not windows:
        return ["Not measured."]
    of_hour = [row for row in windows if row.case == "paper-window"]
    of_peak = [row for row in windows if row.case == "peak-window"]
    return [OF_HOUR, _hour(of_hour), OF_PEAK, _peak(of_peak)]


def _hour(rows: Sequence[WindowRow]) -> Table:
    names = [f"MG{k} [USD]" for k in range(1, len(TABLE_II) + 1)]
    headings = ("decided by", *names, "all [USD]", "gap [%]", "broken")
    table = []
    for column, printed in TABLE_II.items():
        costs = _costs(printed.tolist())
        table.append((str(column), *costs, "", ""))
    for row in rows:
        gap = _or_dash(row.gap_pct, ".2f")
        words = DECIDERS[row.who].words
        table.append((words, *_costs(row.cost_usd), gap, str(row.broken)))
    return Table(headings, table, "l" + "r" * (len(headings) - 1))


def _costs(costs: Sequence[float]) -> list[str]:
    """Each and their sum."""
    return [f"{cost:.3f}" for cost in (*costs, sum(costs))]


def _peak(rows: Sequence[WindowRow]) -> Table:
    headings = ("decided by", "reward [USD]", "limits broken", "generators beyond")
    table = []
    for row in rows:
        reward = number_text(-sum(row.cost_usd), ".2f")
        words = DECIDERS[row.who].words
        table.append((words, reward, str(row.broken), str(row.broken_local)))
    return Table(headings, table, "lrrr")


def _graphs(measured: MicrogridsMeasurement) -> Table:
    headings = (
        "graph",
        "instances",
        "agreed",
        "rounds, least",
        "median",
        "most",
        "loss of the objective",
        "miss of a limit",
        "time [ms]",
    )
    rows = []
    for graph in measured.graphs:
        row = (
            graph.graph,
            str(graph.instances),
            str(graph.settled),
            str(graph.rounds_least),
            f"{graph.rounds_median:.0f}",
            str(graph.rounds_most),
            f"{graph.objective_loss:.1e}",
            f"{graph.limit_miss:.1e}",
            f"{graph.ms:.0f}",
        )
        rows.append(row)
    return Table(headings, rows, "l" + "r" * (len(headings) - 1))


def _time(value_ms: float, spec: str) -> str:
    """A dash for who does not decide in each step."""
    return number_text(value_ms, spec) if value_ms else "-"


def _training(training: Training | None) -> list[Block]:
    if training is None:
        return ["Not known."]
    blocks: list[Block] = [
        f"{training.seeds} seeds, {training.episodes:,} windows each, in {training.train_s:,.0f} s ({training.machine}): "
        f"{training.seed_s:,.0f} s a seed."
    ]
    if training.consensus_rounds is not None:
        blocks.append(
            f"Agents agreed on an update in {training.consensus_rounds:.0f} rounds, the median. Beside the central update they "
            f"lose {_or_dash(training.consensus_vs_central, '.1e')} of its gain, and miss a limit by "
            f"{_or_dash(training.consensus_violation, '.1e')} of what they can change it by."
        )
    return blocks


def _or_dash(value: float | None, spec: str) -> str:
    return "-" if value is None else number_text(value, spec)
