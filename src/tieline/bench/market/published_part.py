"""The part of the market's page that sets published figures beside ours."""

from __future__ import annotations

from tieline.bench.kit.markdown import Block, Table, bullets
from tieline.bench.kit.numbers import number_text
from tieline.bench.market import published
from tieline.bench.market.measure import MarketMeasurement


def published_blocks(measured: MarketMeasurement) -> list[Block]:
    """What is printed and cannot be tested, because loads are private and the model is balanced."""
    blocks: list[Block] = [
        "The article and the thesis use private load and a balanced model of the feeder, so none of this can be tested; it "
        "stands here to be seen. Names of buses are those of the OpenDSS file."
    ]
    if measured.standings:
        blocks.append(_standings(measured))
    if measured.sums:
        blocks.append(
            "Daily sums of prices at the buyers' buses, hundredths of the currency. Our loss part has the sign of a nodal price; "
            "the last column is ours in the published form."
        )
        blocks.append(_sums(measured))
    blocks.append(bullets(_times(measured)))
    return blocks


def _standings(measured: MarketMeasurement) -> Table:
    headings = (
        "regions",
        "published best set",
        "best set here",
        "rank of the published",
        "of sets",
        "its regret [%]",
    )
    rows = []
    for standing in measured.standings:
        row = (
            " + ".join(map(str, standing.regions)),
            ", ".join(standing.published),
            ", ".join(standing.best),
            f"{standing.rank:,}",
            f"{standing.sets:,}",
            f"{standing.regret_pct:.1f}",
        )
        rows.append(row)
    return Table(headings, rows, "lllrrr")


def _sums(measured: MarketMeasurement) -> Table:
    headings = (
        "case",
        "region",
        "congestion, published",
        "congestion, ours",
        "loss, published",
        "loss, ours",
        "loss, ours in their form",
    )
    rows = []
    for entry in measured.sums:
        numbers = (
            entry.published.congestion_cents,
            entry.congestion_cents,
            entry.published.loss_cents,
            entry.loss_cents,
            entry.loss_published_cents,
        )
        texts = [number_text(number, ".2f") for number in numbers]
        rows.append((entry.published.words, entry.published.region, *texts))
    return Table(headings, rows, "ll" + "r" * 5)


def _times(measured: MarketMeasurement) -> list[str]:
    """Published times beside ours."""
    cases = published.CONVERGED_AFTER.items()
    converged = ", ".join(f"{count:,} episodes ({case})" for case, count in cases)
    lines = [
        f"Published: {published.TRAINING_GAMES:,} games in about {published.TRAINING_HOURS:g} h, convergence after about "
        f"{converged}, a minute in {published.MINUTE_S:g} s."
    ]
    training = measured.timed or measured.training
    if training is not None:
        ours_s = training.seconds_for(published.TRAINING_GAMES)
        lines.append(f"Ours: as many games of a region in {ours_s:.1f} s.")
    if measured.days:
        slowest = max(day.clear_ms_p50 for day in measured.days)
        lines.append(f"Ours: a minute in {slowest:.0f} ms, median of the slowest day.")
    return lines
