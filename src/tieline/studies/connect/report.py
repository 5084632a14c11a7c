"""The report of a connection study: what each limit says, where voltages move, what would cure it, what was assumed."""

from __future__ import annotations

import pandas as pd

from tieline.reports import figures
from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Report, Section, Text
from tieline.reports.numbers import format_number
from tieline.reports.voltage_profile import voltage_profile
from tieline.settings.limits import Limits
from tieline.studies.broken_before import broken_before_section
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.connect.headline import cures_in_words, headline, limits_in_words
from tieline.studies.result import Result
from tieline.studies.siting.words import assumptions, limit_words


def report(result: Result) -> Report:
    """What the page about a connection says."""
    config = result.config
    assert isinstance(config, ConnectConfig)
    sections = [_limits(result)]
    if len(result.tables["cures"]):
        sections.append(_cures(result))
    sections += [
        _voltages(result, config),
        *broken_before_section(result),
        _assumed(config),
    ]
    return Report(headline(result), sections)


def _limits(result: Result) -> Section:
    # what fits by a limit stands in the row of each of its situations
    by_limit = result.tables["limits"].drop_duplicates("limit")
    reached = by_limit.dropna(subset=["fits_kw"]).sort_values("fits_kw")
    blocks: list[Block] = [limits_in_words(result)]
    # a single bar says no more than the table
    if len(reached) > 1:
        figure = figures.bar(
            [limit_words(name) for name in reached["limit"]],
            {"fits": reached["fits_kw"]},
            value_title="largest plant [kW]",
            horizontal=True,
        )
        figure.add_vline(
            result.number("kw"),
            line={"width": 1, "dash": "dot"},
            annotation_text="asked for",
        )
        caption = "The largest plant that each limit allows by itself; limits that hold as far as was looked have no bar."
        blocks.append(Figure(figure, caption))
    return Section("What the limits say", blocks)


def _cures(result: Result) -> Section:
    return Section("What would cure it", [cures_in_words(result)])


def _voltages(result: Result, config: ConnectConfig) -> Section:
    """Where voltages move, in the situation that ends the capacity or the first one."""
    voltages = result.tables["voltages"]
    situation = result.metrics["binding_situation"] or voltages["situation"].iloc[0]
    of_situation = voltages[voltages["situation"] == situation]
    by_bus = _by_bus(of_situation)
    feeder = result.feeder
    dots = values_by_bus(by_bus, "change_pct")
    drawing = one_line(
        feeder,
        bus_values=dots,
        tooltips=texts_by_bus(by_bus, _tooltip),
        value_label="change of voltage",
        value_unit="%",
    )
    side = "low" if config.kind == "load" else "high"
    series = by_bus.set_index("bus")[[f"before_{side}_pu", f"{side}_pu"]]
    named = series.set_axis(["without the plant", "with it"], axis=1)
    profile = voltage_profile(feeder, named, _band(config.limit_numbers))
    extreme = {"low": "lowest", "high": "highest"}[side]
    blocks: list[Block] = [
        Diagram(
            drawing,
            f"How far the plant moves the voltage of each bus {_at(situation)}, its phase that moves most.",
        ),
        Figure(
            profile,
            f"Voltage of each bus, the {extreme} of its phases, over the distance {_at(situation)}.",
        ),
    ]
    return Section("Where voltages move", blocks)


def _at(situation: object) -> str:
    return f"at {situation}"


def _band(limits: Limits) -> dict[str, float]:
    """The limits of voltage that are on."""
    band = {"highest": limits.highest_pu, "lowest": limits.lowest_pu}
    return {name: number for name, number in band.items() if number is not None}


def _by_bus(voltages: pd.DataFrame) -> pd.DataFrame:
    """One row per bus: `before_high_pu`, `high_pu`, `low_pu`, and `change_pct` of the phase that moves most."""
    change_pct = 100 * (voltages["with_plant_pu"] - voltages["before_pu"]).abs()
    grouped = voltages.assign(change_pct=change_pct).groupby("bus", sort=False)
    return grouped.agg(
        before_high_pu=("before_pu", "max"),
        before_low_pu=("before_pu", "min"),
        high_pu=("with_plant_pu", "max"),
        low_pu=("with_plant_pu", "min"),
        change_pct=("change_pct", "max"),
    ).reset_index()


def _tooltip(row: pd.Series) -> str:
    high = format_number(row["high_pu"], "pu")
    before = format_number(row["before_high_pu"], "pu")
    low = format_number(row["low_pu"], "pu")
    return f"highest {high} pu, without the plant {before} pu; lowest {low} pu"


def _assumed(config: ConnectConfig) -> Section:
    return Section("What was assumed", [Text(text) for text in assumptions(config)])
