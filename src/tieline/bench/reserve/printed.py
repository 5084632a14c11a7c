"""What the paper prints of its two cases, beside what the same allocations give here.

Source: tables II and III of the paper named in `tieline.envs.reserve.config`. Losses agree. Deviations do not, and no average of
|V - 1| that was tried makes them: over all nodes, without those of the source, of regulators, of both, over nodes with
load, weighted by load, of the mean or of the worst node of each bus, of the mean voltage of all, its root mean square, against
the source.
"""

from __future__ import annotations

from typing import NamedTuple

from tieline.bench.kit.markdown import Table
from tieline.studies.reserve.ways.cases import PAPER
from tieline.studies.result import Result

CAPACITY = "capacity"
AVERAGES_TRIED = 11
"""Those named above."""


class Printed(NamedTuple):
    """A row of the paper: cost [$], loss [kW], mean voltage deviation [%]."""

    cost_usd: float
    loss_kw: float
    deviation_pct: float


PRINTED = {
    ("case1", PAPER): Printed(69.28, 114.18, 2.70),
    ("case1", CAPACITY): Printed(70.80, 121.15, 2.74),
    ("case2", PAPER): Printed(38.40, 172.60, 2.64),
    ("case2", CAPACITY): Printed(38.68, 175.40, 2.73),
}
"""By case and who splits: the paper's method, and every DER alike by its capacity."""

NAMES = {PAPER: "the paper's method", CAPACITY: "by capacity"}


def printed_table(result: Result) -> Table:
    """The paper's figures and those of the same allocations here, a row for each case and split."""
    rows = []
    for (case, who), printed in PRINTED.items():
        losses = f"{printed.loss_kw:.2f}", _here(result, "loss_kw", case, who)
        deviations = (
            f"{printed.deviation_pct:.2f}",
            _here(result, "deviation_pct", case, who),
        )
        cost = f"{printed.cost_usd:.2f}"
        rows.append((case, NAMES[who], cost, *losses, *deviations))
    headings = (
        "case",
        "split by",
        "cost [$]",
        "loss, printed [kW]",
        "here",
        "deviation, printed [%]",
        "here",
    )
    return Table(headings, rows, "llrrrrr")


def tell_printed(result: Result) -> str:
    """How far the printed figures and those of the same allocations are apart."""
    losses = []
    deviations = []
    for (case, who), printed in PRINTED.items():
        loss_kw = result.number(f"loss_kw_{case}_{who}")
        losses.append(100 * abs(loss_kw / printed.loss_kw - 1))
        deviation_pct = result.number(f"deviation_pct_{case}_{who}")
        deviations.append(abs(deviation_pct - printed.deviation_pct))
    return (
        f"Losses agree within {max(losses):.1f} %. Deviations differ by {min(deviations):.2f} to {max(deviations):.2f} points; "
        f"{AVERAGES_TRIED} ways of averaging were tried, and none fits all. What is called published elsewhere on this page "
        "is the paper's allocation, solved here."
    )


def _here(result: Result, quantity: str, case: str, who: str) -> str:
    return f"{result.number(f'{quantity}_{case}_{who}'):.2f}"
