"""The docs page of the linear models' errors, in Markdown. Every number and judgement in it comes from the measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tieline.bench.linear.measure import LOAD_RANGE, PV_AT_EVERY, Row
from tieline.bench.powerflow.page import table

MODELS = {"lpf": "LPF", "lindistflow": "LinDistFlow", "dc": "DC"}
"""Names as readers know them."""


def page(rows: Sequence[Row], n_scenarios: int, command: str) -> str:
    """The page of a measurement with `command`."""
    measured = [row for row in rows if row.error is not None]
    sections = [
        _head(n_scenarios, command),
        _range(measured),
        _errors(measured),
        _judgement(measured),
        _loss_factors(measured),
    ]
    left_out = [row for row in rows if row.error is None]
    if left_out:
        sections.append(_left_out(left_out))
    return "\n\n".join(sections) + "\n"


def _head(n_scenarios: int, command: str) -> str:
    low, high = (f"{100 * share:.0f}" for share in LOAD_RANGE)
    return "\n".join(
        [
            "# Linear models: error against AC",
            "",
            f"{n_scenarios:,} scenarios per feeder: each load from {low} to {high} % of nominal, P and Q alike; PV at one load",
            f"in {PV_AT_EVERY}, together rated as the nominal load, under a sun from none to full. Regulators and capacitors",
            "stay where they come to rest at nominal load. LPF and DC are for single-phase equivalents.",
            "[What the models are](../linear.md). Written by the command",
            "",
            f"```bash\n{command}\n```",
        ]
    )


def _range(rows: Sequence[Row]) -> str:
    first = {row.feeder: row for row in reversed(rows)}
    feeders = dict.fromkeys(row.feeder for row in rows)
    lines = []
    for name in feeders:
        row = first[name]
        span = f"{row.ac_lowest_pu:.3f} to {row.ac_highest_pu:.3f}"
        lines.append((name, span, f"{row.ac_flow_kw:,.0f}", f"{row.ac_loss_kw:,.1f}"))
    headings = ("feeder", "voltage [pu]", "largest flow in a conductor [kW]", "mean loss [kW]")
    return "## The range, as AC has it\n\n" + table(headings, lines, "lrrr")


def _errors(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        e = row.error
        assert e is not None
        voltage = f"{e.max_voltage_pu:.4f}", f"{e.rms_voltage_pu:.4f}"
        flow, loss = (e.max_flow_kw, e.rms_flow_kw), (e.max_loss_kw, e.rms_loss_kw)
        lines.append(
            (
                row.feeder,
                MODELS[row.model],
                *voltage,
                *(f"{value:,.1f}" for value in (*flow, *loss)),
            )
        )
    quantities = ("voltage [pu]", "flow [kW]", "loss [kW]")
    headings = (
        "feeder",
        "model",
        *(f"{quantity}, {kind}" for quantity in quantities for kind in ("max", "rms")),
    )
    return (
        "## Errors\n\nLargest and root mean square, over scenarios and nodes or conductors.\n\n"
        + table(headings, lines, "llrrrrrr")
    )


def _judgement(rows: Sequence[Row]) -> str:
    """Which model is nearest where several are there."""
    by_feeder: dict[str, list[Row]] = {}
    for row in rows:
        by_feeder.setdefault(row.feeder, []).append(row)
    contests = [candidates for candidates in by_feeder.values() if len(candidates) > 1]
    if not contests:
        return "No feeder has more than one model, so none is compared with another."
    sentences = [
        _winners("voltage", contests, lambda row: row.error.rms_voltage_pu if row.error else 0.0),
        _winners("flow", contests, lambda row: row.error.rms_flow_kw if row.error else 0.0),
        _winners("loss", contests, lambda row: row.error.rms_loss_kw if row.error else 0.0),
    ]
    return f"Smallest rms error on the {len(contests)} feeders that several models fit: {'; '.join(sentences)}."


def _winners(quantity: str, contests: Sequence[Sequence[Row]], size: Callable[[Row], float]) -> str:
    """For example "voltage: LinDistFlow (3)"; equal to four digits shares the place."""
    won: Counter[str] = Counter()
    for candidates in contests:
        best = min(float(f"{size(row):.4g}") for row in candidates)
        won.update(MODELS[row.model] for row in candidates if float(f"{size(row):.4g}") == best)
    return f"{quantity} {', '.join(f'{name} ({count})' for name, count in won.most_common())}"


def _loss_factors(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        assert row.error is not None
        papers = "" if row.paper_loss_factor is None else f"{row.paper_loss_factor:.4f}"
        lines.append(
            (
                row.feeder,
                MODELS[row.model],
                f"{row.error.max_loss_factor:.4f}",
                f"{row.error.rms_loss_factor:.4f}",
                papers,
            )
        )
    headings = ("feeder", "model", "derivative, max", "derivative, rms", "papers' formula, max")
    text = (
        "Change of the loss per kW, against the exact derivative of the AC power flow [kW per kW]: the derivative of the\n"
        "model's own loss by each load, and the papers' formula at each node, which holds reactive flows and voltages."
    )
    return f"## Loss factors\n\n{text}\n\n" + table(headings, lines, "llrrr")


def _left_out(rows: Sequence[Row]) -> str:
    return "## Left out\n\n" + "\n".join(
        f"- {row.feeder}, {MODELS[row.model]}: {row.left_out}" for row in rows
    )
