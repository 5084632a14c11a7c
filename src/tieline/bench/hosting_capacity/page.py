"""What the screen and the docs page say of hosting-capacity studies. Every number in it comes from the measurement."""

from __future__ import annotations

from tieline.bench.hosting_capacity.answers import answer_sections
from tieline.bench.hosting_capacity.measure import Coverage, HostingCapacityRuns
from tieline.bench.kit.markdown import Page, Section, Summary, Table

INTRO = (
    "What the study answers where an answer is published, how sure it is, and how long it takes. "
    "[What is asked](../hosting-capacity.md)."
)


def summary(runs: HostingCapacityRuns) -> Summary:
    """Times, and in words how often the interval held."""
    notes = [
        f"{level.level_pct:g} %: probability {level.probability:.4f}, held by {level.share:.1%} of {level.seeds} intervals"
        for level in runs.coverage
    ]
    return Summary([("Hosting capacity", _times(runs))], notes)


def page(runs: HostingCapacityRuns) -> Page:
    """The page of a measurement."""
    sections = answer_sections(runs)
    if runs.coverage:
        sections.append(_coverage(runs.coverage))
    sections.append(Section("Time", [_times(runs)]))
    return Page(INTRO, sections)


def _times(runs: HostingCapacityRuns) -> Table:
    rows = []
    for timing in runs.timings:
        flows = f"{timing.n_power_flows:,}"
        speed = f"{timing.power_flows_per_s:,.0f}"
        rows.append((timing.case, flows, f"{timing.wall_s:.1f}", speed))
    return Table(
        ("case", "power flows", "wall time [s]", "power flows/s"), rows, "lrrr"
    )


def _coverage(levels: tuple[Coverage, ...]) -> Section:
    text = (
        "How often the 95 % interval of the violation probability contains that of a long run, at levels where it is neither "
        "nearly 0 nor nearly 1."
    )
    rows = []
    for level in levels:
        probability = f"{level.probability:.4f}"
        share = f"{level.share:.1%}"
        rows.append((f"{level.level_pct:g}", probability, share, str(level.seeds)))
    headings = ("level [%]", "probability", "intervals that hold it", "intervals")
    return Section(
        "How often the interval of a probability holds",
        [text, Table(headings, rows, "rrrr")],
    )
