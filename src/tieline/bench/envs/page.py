"""The docs page of the environments' speed, in Markdown. Every number in it comes from the measurement."""

from __future__ import annotations

from tieline.bench.envs.measure import AT_LEAST_S, ROUNDS, EnvironmentSpeeds
from tieline.bench.powerflow.page import rate, table, times_text

AIMS = {("reserve", 1024): 20_000, ("voltage-control", 1024): 100_000}
"""Steps per second by task and batch that two cores should make."""


def page(found: EnvironmentSpeeds, machine: str, versions: dict[str, str], command: str) -> str:
    """The page of a measurement with `command` on `machine`."""
    return (
        "\n\n".join(
            [_head(machine, versions, command), _speeds(found), _aims(found), _rules(found)]
        )
        + "\n"
    )


def _head(machine: str, versions: dict[str, str], command: str) -> str:
    return "\n".join(
        [
            "# Environments: speed",
            "",
            "Steps per second of all episodes together, each with its AC power flow, reward, costs and next observation, and",
            "with the start of new episodes. Written by the command",
            "",
            f"```bash\n{command}\n```",
            "",
            f"Machine: {machine}. "
            + ", ".join(f"{name} {number}" for name, number in versions.items())
            + ".",
        ]
    )


def _speeds(found: EnvironmentSpeeds) -> str:
    rows = []
    for speed in found.speeds:
        own = speed.program == "tieline"
        times = times_text(speed.times_of_peer) if own and speed.times_of_peer is not None else ""
        rows.append(
            (
                speed.task,
                speed.feeder,
                speed.program,
                f"{speed.batch:,}",
                rate(speed.steps_per_s),
                times,
            )
        )
    headings = ("task", "feeder", "program", "episodes side by side", "steps/s", "times the peer's")
    return "## Steps per second\n\n" + table(headings, rows, "lllrrr")


def _aims(found: EnvironmentSpeeds) -> str:
    measured = {
        (speed.task, speed.batch): speed.steps_per_s
        for speed in found.speeds
        if speed.program == "tieline"
    }
    rows = []
    for (task, batch), aim in AIMS.items():
        reached = measured.get((task, batch))
        shown = (
            ("not measured", "")
            if reached is None
            else (rate(reached), "met" if reached >= aim else "missed")
        )
        rows.append((task, f"{batch:,}", f"{aim:,}", *shown))
    return "## Aims\n\n" + table(
        ("task", "episodes side by side", "aim [steps/s]", "measured", ""), rows, "lrrrl"
    )


def _rules(found: EnvironmentSpeeds) -> str:
    same = (
        "The peer was left out, see below."
        if found.largest_difference_pu is None
        else "The peer plays one episode at a time, on the same feeder with the same inverters, loads and sun. Around noon its "
        f"voltages are within {found.largest_difference_pu:.0e} pu of tieline's at the same set-points."
    )
    left_out = "\n".join(f"- {name}: {why}" for name, why in found.left_out.items())
    rounds = f"Programs take turns, {ROUNDS} rounds of at least {AT_LEAST_S:g} s each; medians, ratios within a round."
    return f"## Rules\n\n{same}\n\n{rounds} Actions are random. In `reserve` regulators act.\n\nLeft out:\n\n{left_out}"
