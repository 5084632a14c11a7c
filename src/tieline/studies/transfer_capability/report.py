"""The transfer-capability report: how much can be sent, what stops it, and how sure that is."""

from __future__ import annotations

from functools import partial

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports import distributions, figures
from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Report, Section, Table, Text
from tieline.reports.numbers import each_with_unit, format_number
from tieline.settings.broken_before import RULE
from tieline.settings.limits import KINDS, kind_of
from tieline.studies.broken_before import broken_before_section
from tieline.studies.result import Result
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.headline import headline, limit_table
from tieline.studies.transfer_capability.world.transfer import Transfer, make_transfer


def report(result: Result) -> Report:
    """What the page about a transfer-capability result says."""
    config = result.config
    assert isinstance(config, TransferCapabilityConfig)
    feeder = result.feeder
    transfer = make_transfer(feeder, config)
    return Report(
        headline(result),
        sections=[
            _what_stops(result, feeder, transfer),
            _on_the_way(result, config),
            _margin(result, config),
            *broken_before_section(result),
            _assumed(config),
        ],
    )


def _what_stops(result: Result, feeder: Feeder, transfer: Transfer) -> Section:
    buses = result.tables["buses"]
    drawing = one_line(
        feeder,
        bus_values=values_by_bus(buses, "lowest_at_ttc_pu"),
        tooltips=texts_by_bus(buses, partial(_tooltip, transfer)),
        value_label="lowest voltage at TTC",
        worst="low",
    )
    elements = result.tables["elements"]
    units = elements["unit"].tolist()
    tight = elements.assign(
        limit=elements["limit"].map(lambda name: kind_of(str(name)).words),
        before=each_with_unit(elements["before"].tolist(), units),
        at_ttc=each_with_unit(elements["at_ttc"].tolist(), units),
    )
    blocks: list[Block] = [
        Diagram(
            drawing,
            "Lowest voltage of each bus when the transfer has reached TTC; before and after appear under the mouse or finger.",
        ),
        limit_table(result),
        Table(
            tight[["limit", "place", "before", "at_ttc", "room_pct"]],
            "The places nearest to their limit at TTC.",
            {"at_ttc": "at TTC", "room_pct": "room left [% of the limit]"},
            most_rows=10,
            rest_in="elements.parquet",
        ),
    ]
    return Section("What stops it", blocks)


def _tooltip(transfer: Transfer, row: pd.Series) -> str:
    role = _role(str(row["bus"]), transfer)
    before = row["lowest_before_pu"]
    at_ttc = row["lowest_at_ttc_pu"]
    return f"{role}lowest voltage {before:.4f} pu, at TTC {at_ttc:.4f} pu"


def _role(bus: str, transfer: Transfer) -> str:
    if bus in transfer.senders:
        return "sends; "
    return "receives; " if bus in transfer.receivers else ""


def _on_the_way(result: Result, config: TransferCapabilityConfig) -> Section:
    curve = result.tables["curve"]
    numbers = config.limit_numbers
    blocks: list[Block] = []
    for unit, title in (("pu", "voltage [pu]"), ("%", "loading [% of rated current]")):
        kinds = [kind for kind in KINDS if kind.column in curve and kind.unit == unit]
        if kinds:
            names = {"v_high_pu": "highest", "v_low_pu": "lowest"}
            figure = figures.lines_with_band(
                curve["transfer_kw"],
                {
                    names.get(kind.column, kind.words): curve[kind.column]
                    for kind in kinds
                },
                x_title="transfer [kW]",
                y_title=title,
                limits={kind.words: numbers.number(kind) for kind in kinds},
            )
            figure.add_vline(
                result.number("ttc_kw"),
                line={"width": 1, "dash": "dot"},
                annotation_text="TTC",
                # where the names of the limits never stand
                annotation_position="right",
            )
            blocks.append(
                Figure(
                    figure,
                    f"Worst {title.partition(' [')[0]} of the feeder as the transfer grows.",
                )
            )
    return Section("On the way there", blocks)


def _margin(result: Result, config: TransferCapabilityConfig) -> Section:
    if config.trm == "fraction":
        text = f"TRM is {format_number(config.trm_pct)} % of TTC, as given."
        return Section("The reliability margin", [Text(text)])
    ttc_kw = result.tables["draws"]["ttc_kw"]
    quantile_kw = float(ttc_kw.quantile(1 - config.confidence_pct / 100))
    marks = {
        f"covers {config.confidence_pct:g} %": quantile_kw,
        "TTC": result.number("ttc_kw"),
    }
    figure = distributions.histogram_and_cdf(
        ttc_kw, x_title="TTC of the draw [kW]", limits=marks
    )
    text = (
        f"{config.draws} draws: each load ±{format_number(config.spread_pct)} %, each DER "
        f"±{format_number(config.der_spread_pct)} %. TRM is TTC less the value that {format_number(config.confidence_pct)} % of "
        f"the draws exceed.{_nothing_sent(result)}"
    )
    return Section(
        "The reliability margin",
        [Text(text), Figure(figure, "How TTC spreads when load and PV are uncertain.")],
    )


def _nothing_sent(result: Result) -> str:
    """In how many draws nothing can be sent, if in any."""
    count = int((result.tables["draws"]["ttc_kw"] == 0).sum())
    if count == 0:
        return ""
    unsolved = result.metrics["cases_unjudged"]
    return f" In {count} draws nothing can be sent and TTC is 0, in {unsolved} of them because there is no power-flow solution."


def _assumed(config: TransferCapabilityConfig) -> Section:
    controls = {
        "hold": "Regulators and capacitors stay where they rest before the transfer.",
        "feeder": "Regulators and capacitors act in every power flow until they rest.",
        "off": "Regulators and capacitors stay as the feeder states them.",
    }[config.controls]
    texts = [
        "ATC = TTC - TRM - CBM. TTC is the smaller of the thermal and the voltage limit; stability limits are left out.",
        f"Receiving buses take constant power at power factor {config.power_factor:g}, in shares of their nominal load (evenly "
        "if they have none); sending buses generate evenly at unity power factor. The source balances all, losses included.",
        controls,
        RULE,
        "The derivative estimate lets complex voltages and currents grow along their tangent at the base case; the DC estimate "
        "uses power transfer distribution factors and takes ratings as active power (single-phase equivalents only).",
    ]
    return Section("What was assumed", [Text(text) for text in texts])
