"""The sections of the page that hold answers: the published case, three sizes of feeder, what-ifs, runs of several sizes."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.bench.hosting_capacity.draws import FEEDER as DRAWN_ON
from tieline.bench.hosting_capacity.draws import RISK, SEEDS, Draws
from tieline.bench.hosting_capacity.measure import HostingCapacityRuns
from tieline.bench.hosting_capacity.published import Published
from tieline.bench.hosting_capacity.sizes import FeederAnswer
from tieline.bench.hosting_capacity.what_ifs import WhatIf, WhatIfs
from tieline.bench.kit.goals import Goal, at_least, at_most, goals_table
from tieline.bench.kit.markdown import Section, Table

PRINTED_TO_PU = 0.0006
"""The thesis prints three decimals; the specification asks for agreement within this."""

PROMISED = 0.95


def answer_sections(runs: HostingCapacityRuns) -> list[Section]:
    """The sections of what was answered; none of what was not."""
    sections = []
    if runs.published is not None and runs.draws is not None:
        goals = list(_goals(runs.published, runs.draws))
        sections.append(Section("Goals", [goals_table(goals)]))
        sections.append(_published(runs.published))
    if runs.sizes:
        sections.append(_sizes(runs.sizes))
    sections += [_what_ifs(what_ifs) for what_ifs in runs.what_ifs]
    if runs.draws is not None:
        sections.append(_draws(runs.draws))
    return sections


def _goals(published: Published, draws: Draws) -> Iterator[Goal]:
    yield at_most(
        "33 buses: largest difference to a published voltage [pu]",
        published.largest_difference_pu,
        PRINTED_TO_PU,
        "{:.4f}".format,
    )
    for level_pct, thesis, replay in published.critical:
        what = f"33 buses: critical buses at {level_pct:g} %"
        yield Goal(what, _names(thesis), _names(replay), thesis == replay)
    for runs in draws.sizes:
        what = f"{runs.size} deployments: intervals that hold the capacity of all"
        yield at_least(what, runs.share, PROMISED, "{:.1%}".format)


def _published(published: Published) -> Section:
    text = (
        "Voltages of the 33-bus feeder with PV at every bus of 90 % of its load, at midday (load 5 %, no reactive power), beside "
        "table 4.2 of M. Al-Saffar's thesis (University of Alberta); no bus passes 1.045 pu at 80 %, buses 16 to 18 do at 90 %."
    )
    rows = [
        (bus, f"{thesis:.3f}", f"{replay:.4f}", f"{replay - thesis:+.4f}")
        for bus, thesis, replay in published.v_pu
    ]
    headings = ("bus", "thesis [pu]", "tieline [pu]", "difference [pu]")
    return Section("The published case", [text, Table(headings, rows, "rrrr")])


def _sizes(sizes: tuple[FeederAnswer, ...]) -> Section:
    text = (
        "The study with all defaults, 100 deployments, on feeders of several sizes. The circuits of the thesis are private: it "
        "prints mean voltages of 1.0461 and 1.0401 pu at the first violation, and capacities of 10, 60 and 70 %. Mean and "
        "standard deviation here are those of the highest voltage of the most affected bus at the level that the report shows."
    )
    headings = ("", *(f"{one.feeder}, {one.buses:,} buses" for one in sizes))
    rows = [_line("judged by", [one.limits for one in sizes])]
    rows += [
        _line(words, [dict(one.tiles).get(words, "-") for one in sizes])
        for words in dict(sizes[0].tiles)
    ]
    rows += [
        _line("level shown [%]", [f"{one.level_pct:g}" for one in sizes]),
        _line("most affected bus there", [one.bus for one in sizes]),
        _line("its mean voltage [pu]", [f"{one.mean_pu:.4f}" for one in sizes]),
        _line("its standard deviation [pu]", [f"{one.std_pu:.4f}" for one in sizes]),
        _line("buses impacted there", [str(one.impacted) for one in sizes]),
        _line("buses critical there", [str(one.critical) for one in sizes]),
        _line("power flows", [f"{one.n_power_flows:,}" for one in sizes]),
        _line("wall time [s]", [f"{one.wall_s:.1f}" for one in sizes]),
    ]
    alignment = "l" + "r" * len(sizes)
    return Section("Feeders of several sizes", [text, Table(headings, rows, alignment)])


def _line(words: str, values: list[str]) -> tuple[str, ...]:
    return (words, *values)


def _what_ifs(what_ifs: WhatIfs) -> Section:
    text = (
        "One thing changed, on the same draws; the gain has the 95 % interval of drawing deployments again. The thesis (3.1) "
        "names reactive power, load, impedance and voltage regulation."
    )
    headings = (
        "case",
        "hosting capacity [%]",
        "gain [points]",
        "from",
        "to",
        "highest voltage without PV [pu]",
    )
    rows = [_what_if(row) for row in what_ifs.rows]
    blocks = [text, Table(headings, rows, "lrrrrr"), *what_ifs.remarks]
    return Section(f"What would change it, {what_ifs.feeder}", blocks)


def _what_if(row: WhatIf) -> tuple[str, ...]:
    least = "at least " if row.is_least else ""
    return (
        row.text,
        f"{least}{row.capacity_pct:.1f}",
        f"{row.gain_pct:+.1f}",
        f"{row.gain_low_pct:+.1f}",
        f"{row.gain_high_pct:+.1f}",
        f"{row.before_pv_pu:.4f}",
    )


def _draws(draws: Draws) -> Section:
    text = (
        f"Runs on {DRAWN_ON} at a risk of {RISK:.0%}, {len(SEEDS)} seeds each. All {draws.deployments:,} deployments together "
        f"host {draws.truth_pct:.1f} % of peak load. More narrow the interval by the root of their number, at first by more: the "
        "wide interval of few reaches to where capacities lie thin. The last column is of disjoint runs cut out of all "
        "deployments."
    )
    headings = (
        "deployments",
        "hosting capacity, lowest to highest [%]",
        "mean width of the interval [points]",
        "width x root of deployments",
        "intervals that hold it",
    )
    rows = [
        (
            f"{runs.size:,}",
            f"{runs.lowest_pct:.1f} to {runs.highest_pct:.1f}",
            f"{runs.width_pct:.1f}",
            f"{runs.width_pct * runs.size**0.5:.0f}",
            f"{runs.share:.1%} of {runs.runs}",
        )
        for runs in draws.sizes
    ]
    overlap = (
        f"{draws.overlapping} of the {draws.pairs} pairs of stated intervals overlap. Drawn again from all deployments, "
        f"{draws.by_chance:.1f} do on average, and as few or fewer in {draws.as_few_share:.0%} of the repetitions: one interval "
        "in twenty may miss, and one that does misses several others."
    )
    return Section("How sure it is", [text, Table(headings, rows, "rrrrr"), overlap])


def _names(buses: tuple[str, ...]) -> str:
    return ", ".join(buses) or "none"
