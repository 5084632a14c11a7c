"""The report of a power flow: where voltages and loadings are, what is broken, where power goes."""

from __future__ import annotations

from tieline.counted import counted
from tieline.reports.html import Report
from tieline.reports.numbers import format_number
from tieline.reports.places import place_words
from tieline.settings.limits import kind_of
from tieline.studies.power_flow.config import PowerFlowConfig
from tieline.studies.power_flow.telling import sections
from tieline.studies.power_flow.telling.headline import headline
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a power flow says."""
    config = result.config
    assert isinstance(config, PowerFlowConfig)
    limits = config.limit_numbers
    feeder = result.feeder
    broken_kinds = result.tables["violations"]["kind"].tolist()
    return Report(
        title=headline(feeder.name, broken_kinds, result.number("loss_pct")),
        question=_question(result, config),
        summary=_summary(result),
        sections=[
            sections.voltages(result, limits),
            sections.loadings(result, limits),
            sections.broken_limits(result),
            sections.powers(result),
            *sections.controls(result),
            sections.assumed(result, limits, feeder),
        ],
        violations=_breaks(result),
        unused=("seed",),
    )


def _question(result: Result, config: PowerFlowConfig) -> str:
    controls = "regulators and capacitors act"
    if config.controls == "off":
        controls = "regulators and capacitors stay as the feeder states them"
    feeder = result.feeder
    moved = f", {controls}" if feeder.has_controls else ""
    return (
        f"Voltages, loadings and losses of {feeder.title or feeder.name} ({counted(len(feeder.buses), 'bus')}) at "
        f"{format_number(config.load_pct)} % load{moved}."
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    tiles: list[tuple[str, object]] = [
        ("Limits broken", metrics["violations"]),
        ("Lowest voltage", _at(result, "v_low", "pu")),
        ("Highest voltage", _at(result, "v_high", "pu")),
        ("Load", f"{format_number(metrics['load_kw'])} kW"),
        ("Losses", f"{format_number(metrics['loss_kw'])} kW"),
    ]
    loadings = {
        "line_loading": "Highest line loading",
        "transformer_loading": "Highest transformer loading",
    }
    for name, label in loadings.items():
        if metrics[f"{name}_pct"] is not None:
            tiles.append((label, _at(result, name, "pct")))
    if metrics["unbalance_pct"] is not None:
        tiles.append(("Highest unbalance", _at(result, "unbalance", "pct")))
    return tiles


def _at(result: Result, name: str, unit: str) -> str:
    """A reading and its place, for example "0.9608 pu at bus 611, phase 3"."""
    value = result.metrics[f"{name}_{unit}"]
    place = str(result.metrics[f"{name}_at"])
    if unit == "pct":
        return f"{value:.1f} % at {place_words(place, result.feeder)}"
    number = format_number(value, unit)
    return f"{number} {unit} at {place_words(place, result.feeder)}"


def _breaks(result: Result) -> list[str]:
    """A sentence for each kind of limit that is broken, with its worst place."""
    sentences = []
    for kind_name, rows in result.tables["violations"].groupby("kind", sort=False):
        kind = kind_of(str(kind_name))
        # the worst of each kind stands first
        worst = rows.iloc[0]
        where = place_words(worst["place"], result.feeder)
        sentences.append(
            f"{kind.words.capitalize()} at {counted(len(rows), 'place')}: {format_number(worst['value'], kind.unit)} {kind.unit} at "
            f"{where}, limit {format_number(worst['limit'])} {kind.unit}."
        )
    return sentences
