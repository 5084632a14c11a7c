"""What the benchmark of voltage control says, on the screen and on its page. Every number comes from the measurement."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Page, Section, Summary, Table, bullets
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.parts import parts_table
from tieline.bench.kit.spread import Spread
from tieline.bench.voltage_control.baselines import OPTIMUM, RULES
from tieline.bench.voltage_control.gaps import Standing, standings, unproven_pct
from tieline.bench.voltage_control.learners import LEARNERS, PPO, PPO_USUAL
from tieline.bench.voltage_control.measure import (
    GUARDED,
    VoltageControlMeasurement,
)
from tieline.envs.voltage_control.config import VoltageControlEnvConfig

DEFAULTS = VoltageControlEnvConfig()

INTRO = (
    f"{DEFAULTS.pv_count} PV inverters of {DEFAULTS.feeder}, together {DEFAULTS.penetration_pct:g} % of its peak load, hold "
    f"voltages between {DEFAULTS.lowest_pu:g} and {DEFAULTS.highest_pu:g} pu with "
    "reactive power alone, every quarter of an hour, at small losses ([the task](../environments.md)). All deciders play "
    "the same days, which no training has seen; every step is judged by the AC power flow in double precision."
)

HOW_TO_READ = (
    "The return of a day is minus its losses [% of the peak load, added up over its steps] minus "
    f"{DEFAULTS.outside_weight:g} times the mean distance of voltages from the band [% of nominal], added up likewise; the "
    "higher the better. The gap is how far it stays behind the optimum of "
    "the same day; the interquartile mean (IQM) is that of the middle half of all seeds and days. Outside the band: steps "
    "in which the lowest or the highest voltage is, and by how much at worst; what is nearer to it than 1e-5 pu counts as "
    "inside."
)

OF_PROOF = (
    "Nothing that is decided in a step changes the next, as no regulator acts here: the best day is a chain of best steps. "
    "Each is an optimal power flow, solved as its second-order cone relaxation, whose objective no decider can pass. Its "
    "set-points, carried out on the AC power flow, come within {unproven:.2g} % of that bound on the worst day: what is "
    "called the optimum is one, up to that."
)

OF_SAFETY = (
    "The [safety step](../agents.md#the-safety-step) replays each action on the AC power flow and moves it as little as "
    "possible where a limit would break. First seed of each learner, same days."
)

OF_TRAINING = "Processor time of one training. DDPG trains all its seeds side by side; their time is shared out among them."


def summary(measured: VoltageControlMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    ranked = standings(measured.scores)
    tables = [
        ("Held-out days", _days_in_short(_without_safety(ranked))),
        ("With the safety step", _safety(ranked)),
    ]
    return Summary(tables, left_out_notes(measured.left_out))


def page(measured: VoltageControlMeasurement) -> Page:
    """The page of a measurement."""
    ranked = standings(measured.scores)
    plain = _without_safety(ranked)
    n_days = len(measured.scores[0].returns)
    unproven = unproven_pct(measured.scores)
    sections = [
        Section("In short", [bullets(_in_short(ranked))]),
        Section(f"{n_days} held-out days", [HOW_TO_READ, _days(plain)]),
        Section("The optimum, and how far it is proven", [_proof(unproven)]),
        Section("With the safety step", [OF_SAFETY, _safety(ranked)]),
        Section("Who decides", [bullets(_who_decides())]),
        Section("Training", [OF_TRAINING, _training(plain), _discount(plain)]),
        Section("Left out", [_left_out(measured)]),
    ]
    if measured.parts:
        sections.append(Section("Parts", [parts_table(measured.parts)]))
    return Page(INTRO, sections)


def _proof(unproven: float) -> str:
    return OF_PROOF.format(unproven=max(unproven, 0.0))


def _in_short(ranked: Sequence[Standing]) -> list[str]:
    """Who is best, which rule is, what breaks limits, what loses."""
    by_name = {standing.who: standing for standing in ranked}
    trained = [by_name[one.name] for one in LEARNERS if one.name in by_name]
    rules = [by_name[name] for name in RULES]
    lines = []
    best_rule = min(rules, key=lambda one: one.mean_pct)
    lines.append(_line("The best rule", best_rule))
    if trained:
        best = min(trained, key=lambda one: one.mean_pct)
        last = max(trained, key=lambda one: one.mean_pct)
        lines.append(_line("The best learned agent", best))
        if last is not best:
            lines.append(_line("The learned agent that loses most", last))
    behind = [one.who for one in trained if one.mean_pct > best_rule.mean_pct]
    if behind:
        lines.append(f"Learned and yet behind the best rule: {', '.join(behind)}.")
    safe = [one for one in ranked if one.who.endswith(GUARDED)]
    if safe:
        broken = max(one.outside_share for one in safe)
        lines.append(
            f"With the safety step, learned agents leave the band in {_percent(broken)} of the steps."
        )
    return lines


def _line(who: str, standing: Standing) -> str:
    return (
        f"{who}, {standing.who}, is {standing.mean_pct:.1f} % behind the optimum and outside the band in "
        f"{_percent(standing.outside_share)} of the steps."
    )


def _percent(share: float) -> str:
    return f"{number_text(100.0 * share, '.2f')} %"


def _without_safety(ranked: Sequence[Standing]) -> list[Standing]:
    """The optimum first, then the nearest to it."""
    plain = [one for one in ranked if not one.who.endswith(GUARDED)]
    return sorted(plain, key=lambda one: (one.who != OPTIMUM, one.mean_pct))


def _days(plain: Sequence[Standing]) -> Table:
    headings = (
        "who",
        "return of a day",
        "gap [%]",
        "IQM [%]",
        "worst day [%]",
        "gap over seeds [%]",
        "losses [kWh a day]",
        "steps below [%]",
        "above [%]",
        "outside by [pu]",
        "decision [ms]",
    )
    return Table(headings, [_day_row(one) for one in plain], "lrrrrrrrrrr")


def _days_in_short(plain: Sequence[Standing]) -> Table:
    """As much of it as fits a screen."""
    rows = []
    for one in plain:
        row = (
            one.who,
            number_text(one.mean_pct, ".1f"),
            number_text(one.worst_pct, ".1f"),
            number_text(100.0 * one.outside_share, ".2f"),
        )
        rows.append(row)
    headings = ("who", "gap [%]", "worst day [%]", "steps outside [%]")
    return Table(headings, rows, "lrrr")


def _day_row(one: Standing) -> tuple[str, ...]:
    returns = [sum(score.returns) / len(score.returns) for score in one.scores]
    seeds = ""
    if one.scores[0].steps:
        seeds = Spread.of(one.seeds_pct).text("seeds", ".1f")
    return (
        one.who,
        number_text(sum(returns) / len(returns), ".1f"),
        number_text(one.mean_pct, ".1f"),
        number_text(one.middle_pct, ".1f"),
        number_text(one.worst_pct, ".1f"),
        seeds,
        number_text(one.mean_of("loss_kwh"), ",.0f"),
        number_text(100.0 * one.mean_of("below_share"), ".2f"),
        number_text(100.0 * one.mean_of("above_share"), ".2f"),
        number_text(one.outside_pu, ".4f"),
        f"{one.mean_of('decision_ms'):.2g}",
    )


def _safety(ranked: Sequence[Standing]) -> Table:
    """Each learner's first seed, without and with the step."""
    by_name = {standing.who: standing for standing in ranked}
    rows = []
    for learner in LEARNERS:
        guarded = by_name.get(learner.name + GUARDED)
        if guarded is not None:
            rows.append(_safety_row(by_name[learner.name], guarded))
    headings = (
        "who",
        "gap without [%]",
        "gap with [%]",
        "steps outside without [%]",
        "with [%]",
        "actions moved [%]",
        "decision [ms]",
    )
    return Table(headings, rows, "lrrrrrr")


def _safety_row(plain: Standing, guarded: Standing) -> tuple[str, ...]:
    first = plain.scores[0]
    outside = first.below_share + first.above_share
    return (
        plain.who,
        number_text(float(plain.seeds_pct[0]), ".1f"),
        number_text(guarded.mean_pct, ".1f"),
        number_text(100.0 * outside, ".2f"),
        number_text(100.0 * guarded.outside_share, ".2f"),
        number_text(100.0 * guarded.mean_of("touched_share"), ".2f"),
        f"{guarded.mean_of('decision_ms'):.2g}",
    )


def _who_decides() -> list[str]:
    lines = [f"**{name}**: {words}" for name, (words, _) in RULES.items()]
    lines += [f"**{learner.name}**: {learner.words}" for learner in LEARNERS]
    return lines


def _training(plain: Sequence[Standing]) -> Table:
    rows = []
    for one in plain:
        steps = one.scores[0].steps
        if steps:
            seconds = f"{one.mean_of('train_s'):.0f}"
            rows.append((one.who, str(len(one.scores)), f"{steps:,}", seconds))
    headings = ("who", "seeds", "steps each", "time each [s]")
    return Table(headings, rows, "lrrr")


def _discount(plain: Sequence[Standing]) -> str:
    """Why one number of the settings decides."""
    by_name = {standing.who: standing for standing in plain}
    if PPO.name not in by_name or PPO_USUAL.name not in by_name:
        return ""
    told = by_name[PPO.name].mean_pct
    usual = by_name[PPO_USUAL.name].mean_pct
    return (
        "What a step decides changes no later one, so the learners' discount is 0. With the usual 0.99, a step is credited "
        f"with a hundred later ones that it has no part in: PPO is then {usual:.0f} % behind the optimum instead of "
        f"{told:.0f} %. On a feeder whose regulators act, a step does change the next, and the discount has to be above 0."
    )


def _left_out(measured: VoltageControlMeasurement) -> str:
    rule = "Volt-watt curves: active power is not curtailed in this task, so there is nothing for them to set."
    return f"{rule} {left_out_text(measured.left_out, '')}".strip()
