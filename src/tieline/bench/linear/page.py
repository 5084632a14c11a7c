"""What the screen and the docs page say of the linear models' errors. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tieline.bench.kit.left_out import LeftOut, left_out_lines, left_out_notes
from tieline.bench.kit.markdown import Block, Page, Section, Summary, Table, bullets
from tieline.bench.linear.measure import LOAD_RANGE, PV_AT_EVERY, LinearErrors, ModelRow
from tieline.linear import ModelError

MODELS = {"lpf": "LPF", "lindistflow": "LinDistFlow", "dc": "DC"}
"""Names as readers know them."""


def summary(errors: LinearErrors) -> Summary:
    """The largest errors of all models."""
    rows = []
    for row in _measured(errors):
        error = _error(row)
        voltage = f"{error.max_voltage_pu:.4f}"
        flow = f"{error.max_flow_kw:,.1f}"
        rows.append((row.feeder, row.model, voltage, flow, f"{error.max_loss_kw:,.1f}"))
    headings = ("feeder", "model", "voltage [pu]", "flow [kW]", "loss [kW]")
    table = Table(headings, rows, "llrrr")
    return Summary(
        [("Largest error against AC", table)], left_out_notes(_left_out(errors))
    )


def page(errors: LinearErrors) -> Page:
    """The page of a measurement."""
    measured = _measured(errors)
    sections = [_range(measured), _errors(measured), _loss_factors(measured)]
    left_out = left_out_lines(_left_out(errors))
    if left_out:
        sections.append(Section("Left out", [bullets(left_out)]))
    return Page(_intro(errors.scenarios), sections)


def _measured(errors: LinearErrors) -> list[ModelRow]:
    return [row for row in errors.rows if row.error is not None]


def _error(row: ModelRow) -> ModelError:
    """The errors of a row that has been measured."""
    assert row.error is not None
    return row.error


def _left_out(errors: LinearErrors) -> list[LeftOut]:
    return [
        LeftOut(MODELS[row.model], row.left_out, row.feeder)
        for row in errors.rows
        if row.error is None
    ]


def _intro(n_scenarios: int) -> str:
    low, high = (f"{100 * share:.0f}" for share in LOAD_RANGE)
    return (
        f"{n_scenarios:,} scenarios per feeder: each load from {low} to {high} % of nominal, P and Q alike; PV at one load\n"
        f"in {PV_AT_EVERY}, together rated as the nominal load, under a sun from none to full. Regulators and capacitors\n"
        "stay where they come to rest at nominal load. LPF and DC are for single-phase equivalents.\n"
        "[What the models are](../linear.md)."
    )


def _range(rows: Sequence[ModelRow]) -> Section:
    """AC voltages, flows and losses by feeder; they are the same in all rows of a feeder."""
    first_rows = {row.feeder: row for row in reversed(rows)}
    cells = []
    for feeder in dict.fromkeys(row.feeder for row in rows):
        row = first_rows[feeder]
        voltages = f"{row.ac_lowest_pu:.3f} to {row.ac_highest_pu:.3f}"
        cells.append(
            (feeder, voltages, f"{row.ac_flow_kw:,.0f}", f"{row.ac_loss_kw:,.1f}")
        )
    headings = (
        "feeder",
        "voltage [pu]",
        "largest flow in a conductor [kW]",
        "mean loss [kW]",
    )
    return Section("The range, as AC has it", [Table(headings, cells, "lrrr")])


def _errors(rows: Sequence[ModelRow]) -> Section:
    headings = ["feeder", "model"]
    for quantity in ("voltage [pu]", "flow [kW]", "loss [kW]"):
        headings += [f"{quantity}, max", f"{quantity}, rms"]
    blocks: list[Block] = [
        "Largest and root mean square, over scenarios and nodes or conductors.",
        Table(headings, [_error_row(row) for row in rows], "llrrrrrr"),
        _judgement(rows),
    ]
    return Section("Errors", blocks)


def _error_row(row: ModelRow) -> tuple[str, ...]:
    error = _error(row)
    return (
        row.feeder,
        MODELS[row.model],
        f"{error.max_voltage_pu:.4f}",
        f"{error.rms_voltage_pu:.4f}",
        f"{error.max_flow_kw:,.1f}",
        f"{error.rms_flow_kw:,.1f}",
        f"{error.max_loss_kw:,.1f}",
        f"{error.rms_loss_kw:,.1f}",
    )


def _judgement(rows: Sequence[ModelRow]) -> str:
    """Which model is nearest on the feeders that several fit."""
    by_feeder: dict[str, list[ModelRow]] = {}
    for row in rows:
        by_feeder.setdefault(row.feeder, []).append(row)
    contests = [candidates for candidates in by_feeder.values() if len(candidates) > 1]
    if not contests:
        return "No feeder has more than one model, so none is compared with another."
    sentences = [
        f"voltage {_winners(contests, lambda error: error.rms_voltage_pu)}",
        f"flow {_winners(contests, lambda error: error.rms_flow_kw)}",
        f"loss {_winners(contests, lambda error: error.rms_loss_kw)}",
    ]
    return f"Smallest rms error on the {len(contests)} feeders that several models fit: {'; '.join(sentences)}."


def _winners(
    contests: Sequence[Sequence[ModelRow]], size_of: Callable[[ModelError], float]
) -> str:
    """For example "LinDistFlow (3), LPF (1)"; models that are equal to four digits share the place."""
    wins: Counter[str] = Counter()
    for candidates in contests:
        sizes = {}
        for row in candidates:
            four_digits = f"{size_of(_error(row)):.4g}"
            sizes[MODELS[row.model]] = float(four_digits)
        smallest = min(sizes.values())
        wins.update(name for name, size in sizes.items() if size == smallest)
    return ", ".join(f"{name} ({count})" for name, count in wins.most_common())


def _loss_factors(rows: Sequence[ModelRow]) -> Section:
    cells = []
    for row in rows:
        error = _error(row)
        papers = ""
        if row.paper_loss_factor is not None:
            papers = f"{row.paper_loss_factor:.4f}"
        largest = f"{error.max_loss_factor:.4f}"
        rms = f"{error.rms_loss_factor:.4f}"
        cells.append((row.feeder, MODELS[row.model], largest, rms, papers))
    headings = (
        "feeder",
        "model",
        "derivative, max",
        "derivative, rms",
        "papers' formula, max",
    )
    text = (
        "Change of the loss per kW, against the exact derivative of the AC power flow [kW per kW]: the derivative of the\n"
        "model's own loss by each load, and the papers' formula at each node, which holds reactive flows and voltages."
    )
    return Section("Loss factors", [text, Table(headings, cells, "llrrr")])
