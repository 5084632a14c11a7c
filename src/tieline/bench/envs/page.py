"""What the screen and the docs page say of the environments' speed. Every number in it comes from the measurement."""

from __future__ import annotations

from tieline.bench.envs.measure import (
    AT_LEAST_S,
    ROUNDS,
    EnvironmentSpeed,
    EnvironmentSpeeds,
)
from tieline.bench.kit.goals import Goal, at_least
from tieline.bench.kit.left_out import LeftOut, left_out_notes, left_out_text
from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.kit.numbers import rate, times_text

AIMS = {("reserve", 1024): 20_000, ("voltage-control", 1024): 100_000}
"""Steps per second by task and batch that two cores should make."""

INTRO = (
    "Steps per second of all episodes together, each with its AC power flow, reward, costs and next observation, and\n"
    "with the start of new episodes."
)


def summary(measured: EnvironmentSpeeds) -> Summary:
    """Steps per second of all programs."""
    rows = []
    for speed in measured.speeds:
        times = ""
        if speed.times_of_peer is not None:
            times = f"{speed.times_of_peer:,.1f}"
        batch = f"{speed.batch:,}"
        steps = f"{speed.steps_per_s:,.0f}"
        rows.append((speed.task, speed.program, batch, steps, times))
    headings = (
        "task",
        "program",
        "episodes side by side",
        "steps/s",
        "times the peer's",
    )
    table = Table(headings, rows, "llrrr")
    return Summary([("Steps per second", table)], left_out_notes(_left_out(measured)))


def page(measured: EnvironmentSpeeds) -> Page:
    """The page of a measurement."""
    return Page(INTRO, [_speeds(measured), _aims(measured), _rules(measured)])


def _left_out(measured: EnvironmentSpeeds) -> list[LeftOut]:
    return [LeftOut(name, reason) for name, reason in measured.left_out.items()]


def _speeds(measured: EnvironmentSpeeds) -> Section:
    headings = (
        "task",
        "feeder",
        "program",
        "episodes side by side",
        "steps/s",
        "times the peer's",
    )
    rows = [_speed_row(speed) for speed in measured.speeds]
    return Section("Steps per second", [Table(headings, rows, "lllrrr")])


def _speed_row(speed: EnvironmentSpeed) -> tuple[str, ...]:
    times = ""
    if speed.program == "tieline" and speed.times_of_peer is not None:
        times = times_text(speed.times_of_peer)
    batch = f"{speed.batch:,}"
    steps = rate(speed.steps_per_s)
    return speed.task, speed.feeder, speed.program, batch, steps, times


def _aims(measured: EnvironmentSpeeds) -> Section:
    rows = []
    for (task, batch), aim in AIMS.items():
        goal = _aim(measured, task, batch, aim)
        if goal.is_met is None:
            rows.append((task, f"{batch:,}", goal.wanted, goal.verdict, ""))
        else:
            rows.append((task, f"{batch:,}", goal.wanted, goal.measured, goal.verdict))
    headings = ("task", "episodes side by side", "aim [steps/s]", "measured", "")
    return Section("Aims", [Table(headings, rows, "lrrrl")])


def _aim(measured: EnvironmentSpeeds, task: str, batch: int, aim: float) -> Goal:
    rates = [
        speed.steps_per_s
        for speed in measured.speeds
        if (speed.program, speed.task, speed.batch) == ("tieline", task, batch)
    ]
    reached = rates[0] if rates else None
    return at_least(task, reached, aim, rate)


def _rules(measured: EnvironmentSpeeds) -> Section:
    same = "The peer was left out, see below."
    if measured.largest_difference_pu is not None:
        same = (
            "The peer plays one episode at a time, on the same feeder with the same inverters, loads and sun. Around noon its "
            f"voltages are within {measured.largest_difference_pu:.0e} pu of tieline's at the same set-points."
        )
    rounds = (
        f"Programs take turns, {ROUNDS} rounds of at least {AT_LEAST_S:g} s each; medians, ratios within a round. "
        "Actions are random. In `reserve` regulators act."
    )
    return Section("Rules", [same, rounds, left_out_text(_left_out(measured), "")])
