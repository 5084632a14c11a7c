"""What the benchmark of learning says, on the screen and on its page. Every number comes from the measurement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Page, Section, Summary, Table, bullets
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.parts import parts_table
from tieline.bench.kit.spread import Spread
from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests import CONTESTS
from tieline.bench.learning.measure import LearningMeasurement
from tieline.bench.learning.published import published_sections
from tieline.bench.learning.score import Score
from tieline.bench.learning.standing import Ranking, Standing, rank

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

OF_TRAINING = "Processor time of one training of one seed, on the machine named above."

DAYS_A_YEAR = 365


def summary(measured: LearningMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    tables = [("All tasks", _all_tasks(measured))]
    return Summary(tables, left_out_notes(measured.left_out))


def page(measured: LearningMeasurement) -> Page:
    """The page of a measurement."""
    sections = [
        Section("In short", [bullets(_in_short(measured))]),
        Section("All tasks", [HOW_TO_READ, _all_tasks(measured)]),
        Section("What a larger choice is worth", [OF_WIDER, _wider(measured)]),
        Section("In a year", [OF_A_YEAR, _year(measured)]),
    ]
    for contest, rankings in _played(measured):
        sections += _contest_sections(contest, rankings)
        sections += published_sections(contest.name, measured.scores[contest.name])
    sections.append(Section("Training", [OF_TRAINING, _training(measured)]))
    sections.append(Section("Left out", [left_out_text(measured.left_out, "Nothing.")]))
    if measured.parts:
        sections.append(Section("Parts", [parts_table(measured.parts)]))
    return Page(INTRO, sections)


def _played(
    measured: LearningMeasurement,
) -> Iterator[tuple[Contest, list[Ranking]]]:
    """Each contest with the ranking of each of its splits."""
    for name, scores in measured.scores.items():
        yield CONTESTS[name](), rankings_of(scores)


def rankings_of(scores: Sequence[Score]) -> list[Ranking]:
    """The ranking of each split, in the order in which they were played."""
    by_split: dict[str, list[Score]] = {}
    for score in scores:
        by_split.setdefault(score.split, []).append(score)
    return [rank(of_split) for of_split in by_split.values()]


def _in_short(measured: LearningMeasurement) -> list[str]:
    """A verdict for each task, on its first split."""
    return [
        _verdict(contest.name, rankings[0]) for contest, rankings in _played(measured)
    ]


def _verdict(task: str, ranking: Ranking) -> str:
    rule = ranking.best("rule")
    planner = ranking.best("mpc")
    learned = ranking.best("learned")
    optimum = ranking.best("optimum")
    assert rule is not None  # every contest has rules
    text = f"**{task}**: the best rule, {rule.who}, gains {_pct(rule.mean_pct)}"
    if planner is not None:
        text += f", {planner.who}, {_pct(planner.mean_pct)}"
    if optimum is not None:
        text += f", the optimum {_pct(optimum.mean_pct)}"
    if learned is None:
        return f"{text}. Nobody was trained."
    text += f", the best learned decider, {learned.who}, {_pct(learned.mean_pct)}."
    sentences = [_who_is_better(learned, rival) for rival in (rule, planner) if rival]
    return " ".join([text, *sentences])


def _who_is_better(learned: Standing, rival: Standing) -> str:
    """One sentence: gain and broken limits of the two."""
    over = learned.over(rival)
    names = f"{learned.who} and {rival.who}"
    broken = f"{learned.steps_outside:.2f} and {rival.steps_outside:.2f} steps of a day break a limit"
    if not over.is_clear:
        return f"Between {names} the days do not decide; {broken}."
    better = learned if over.mean > 0 else rival
    return f"Of {names}, {better.who} gains more; {broken}."


def _pct(value: float) -> str:
    return f"{number_text(value, '.2f')} %"


def _all_tasks(measured: LearningMeasurement) -> Table:
    """A row for each split of each task."""
    headings = (
        "task",
        "days",
        "best rule",
        "gain [%]",
        "best learned",
        "gain [%]",
        "IQM",
        "MPC [%]",
        "optimum [%]",
        "behind optimum [points]",
        "over best rule [points]",
        "p",
        "limits broken: learned, rule, optimum",
    )
    rows = [
        _task_row(contest.name, ranking)
        for contest, rankings in _played(measured)
        for ranking in rankings
    ]
    return Table(headings, rows, "lllrlrrrrrrrr")


def _task_row(task: str, ranking: Ranking) -> tuple[str, ...]:
    rule = ranking.best("rule")
    learned = ranking.best("learned")
    optimum = ranking.best("optimum")
    return (
        task,
        ranking.split,
        _who(rule),
        _gain(rule),
        _who(learned),
        _gain(learned),
        _middle(learned),
        _gain(ranking.best("mpc")),
        _gain(optimum),
        _behind(learned, optimum),
        *_over(learned, rule),
        _broken(learned, rule, optimum),
    )


def _who(standing: Standing | None) -> str:
    return "" if standing is None else standing.who


def _gain(standing: Standing | None) -> str:
    return "" if standing is None else number_text(standing.mean_pct, ".2f")


def _middle(standing: Standing | None) -> str:
    if standing is None:
        return ""
    numbers = standing.middle
    return _with_interval(numbers.mean, numbers.low, numbers.high)


def _with_interval(mean: float, low: float, high: float) -> str:
    texts = [number_text(number, ".2f") for number in (mean, low, high)]
    return "{} ({} to {})".format(*texts)


def _behind(standing: Standing | None, optimum: Standing | None) -> str:
    if standing is None or optimum is None:
        return ""
    return number_text(optimum.mean_pct - standing.mean_pct, ".2f")


def _over(learned: Standing | None, rule: Standing | None) -> tuple[str, str]:
    """The paired difference and its p-value."""
    if learned is None or rule is None:
        return "", ""
    over = learned.over(rule)
    return _with_interval(over.mean, over.low, over.high), f"{over.p:.2g}"


def _broken(*standings: Standing | None) -> str:
    texts = [
        "-" if one is None else number_text(one.steps_outside, ".2f")
        for one in standings
    ]
    return ", ".join(texts)


def _wider(measured: LearningMeasurement) -> Table:
    """A row for each pair and split."""
    headings = ("task", "days", "sets more", "sets less", "difference [points]", "p")
    rows = [
        (contest.name, ranking.split, wide.who, narrow.who, *_over(wide, narrow))
        for contest, rankings in _played(measured)
        for ranking in rankings
        for wide, narrow in _pairs(contest, ranking)
    ]
    return Table(headings, rows, "llllrr")


def _pairs(contest: Contest, ranking: Ranking) -> Iterator[tuple[Standing, Standing]]:
    for wide_name, narrow_name in contest.wider:
        wide = ranking.of(wide_name)
        narrow = ranking.of(narrow_name)
        if wide is not None and narrow is not None:
            yield wide, narrow


def _year(measured: LearningMeasurement) -> Table:
    """The best rule and the best learned decider of each split, in a year."""
    headings = (
        "task",
        "days",
        "who",
        "losses less than doing nothing [kWh]",
        "losses more than optimum [kWh]",
        "money over doing nothing",
        "money behind optimum",
    )
    rows = [
        row
        for contest, rankings in _played(measured)
        for ranking in rankings
        for row in _year_rows(contest, ranking)
    ]
    return Table(headings, rows, "lllrrrr")


def _year_rows(contest: Contest, ranking: Ranking) -> Iterator[tuple[str, ...]]:
    idle = ranking.best("nothing")
    optimum = ranking.best("optimum")
    assert idle is not None  # it is a rule of every contest
    for standing in (ranking.best("rule"), ranking.best("learned")):
        if standing is None:
            continue
        yield (
            contest.name,
            ranking.split,
            standing.who,
            _kwh(idle.loss_kwh - standing.loss_kwh),
            "" if optimum is None else _kwh(standing.loss_kwh - optimum.loss_kwh),
            _money(contest, standing, idle),
            "" if optimum is None else _money(contest, optimum, standing),
        )


def _kwh(a_day: float) -> str:
    return number_text(DAYS_A_YEAR * a_day, ",.0f")


def _money(contest: Contest, better: Standing, worse: Standing) -> str:
    """What one return is worth above another in a year; empty where returns are no money."""
    if contest.money_per_return is None:
        return ""
    a_day = (better.return_mean - worse.return_mean) * contest.money_per_return
    return f"{number_text(DAYS_A_YEAR * a_day, ',.0f')} {contest.currency}"


def _contest_sections(contest: Contest, rankings: Sequence[Ranking]) -> list[Section]:
    """What is decided, everybody on every split, and who they are."""
    blocks = [contest.question, *contest.notes]
    sections = [Section(contest.name, blocks)]
    for ranking in rankings:
        n_days = len(ranking.standings[0].scores[0].returns)
        title = f"{contest.name}: {ranking.split}, {n_days} days"
        sections.append(Section(title, [_everybody(contest, ranking)]))
    sections.append(Section(f"{contest.name}: who decides", [bullets(_words(contest))]))
    return sections


def _everybody(contest: Contest, ranking: Ranking) -> Table:
    headings = (
        "who",
        "gain [%]",
        "IQM (95 %)",
        "over seeds",
        "behind optimum [points]",
        f"return [{contest.unit}]",
        "losses [kWh a day]",
        "limits broken [steps a day]",
        "decision [ms]",
    )
    optimum = ranking.best("optimum")
    rows = [
        (
            standing.who,
            _gain(standing),
            _middle(standing),
            _over_seeds(standing),
            _behind(standing, optimum),
            number_text(standing.return_mean, ".4g"),
            number_text(standing.loss_kwh, ",.0f"),
            _with_unsolved(standing),
            number_text(standing.decision_ms, ".2g"),
        )
        for standing in ranking.standings
    ]
    return Table(headings, rows, "lrrrrrrrr")


def _over_seeds(standing: Standing) -> str:
    if standing.kind != "learned":
        return ""
    return Spread.of(standing.seeds_pct).text("seeds", ".2f")


def _with_unsolved(standing: Standing) -> str:
    text = number_text(standing.steps_outside, ".2f")
    if not standing.unsolved:
        return text
    return f"{text}, {standing.unsolved} days without a power flow"


def _words(contest: Contest) -> list[str]:
    lines = [f"**{name}**: {rule.words}" for name, rule in contest.rules.items()]
    if contest.optimum is not None:
        lines.append(f"**proven optimum**: {contest.optimum.words}")
    lines += [f"**{one.name}**: {one.words}" for one in contest.learners]
    return lines


def _training(measured: LearningMeasurement) -> Table:
    headings = ("task", "who", "seeds", "steps each", "time each [s]", "steps a second")
    rows = [
        _training_row(contest.name, standing)
        for contest, rankings in _played(measured)
        for standing in rankings[0].standings
        if standing.kind == "learned"
    ]
    return Table(headings, rows, "llrrrr")


def _training_row(task: str, standing: Standing) -> tuple[str, ...]:
    steps = standing.scores[0].steps
    seconds = standing.train_s
    return (
        task,
        standing.who,
        str(len(standing.scores)),
        f"{steps:,}",
        number_text(seconds, ",.0f"),
        number_text(steps / seconds, ",.0f"),
    )
