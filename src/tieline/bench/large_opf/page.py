"""What the screen and the docs page say of large optimal power flows."""

from __future__ import annotations

from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.large_opf.measure import DER_SHARE, LargeRuns

HEADINGS = (
    "feeder",
    "nodes",
    "DERs",
    "bounds",
    "time [s]",
    "CPU [s]",
    "rounds",
    "cost on AC per hour",
    "limit missed by [pu]",
)


def summary(measurement: LargeRuns) -> Summary:
    """All cases."""
    return Summary([("The LP, cold", _table(measurement))])


def page(measurement: LargeRuns) -> Page:
    """The page of a measurement."""
    share = f"{100 * DER_SHARE:.0f} %"
    intro = (
        f"The LP, cold. DERs at buses drawn from seed {measurement.seed} are rated together at {share} of peak load over a\n"
        "power factor of 0.8, whatever their number. A box has its corner on the circle; a circle leaves P and Q free up to\n"
        "the rating, and is kept as a cone. [How the LP works](../opf.md)."
    )
    return Page(intro, [Section("Times", [_table(measurement)])])


def _table(measurement: LargeRuns) -> Table:
    rows = [
        (
            run.feeder,
            f"{run.n_nodes:,}",
            f"{run.n_ders:,}",
            run.bounds,
            f"{run.wall_s:.1f}",
            f"{run.cpu_s:.1f}",
            str(run.rounds),
            f"{run.cost_on_ac:.2f}",
            f"{run.missed:.0e}",
        )
        for run in measurement.runs
    ]
    return Table(HEADINGS, rows, "lrrlrrrrr")
