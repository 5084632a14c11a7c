"""The headline of a power flow: which limits are broken and how much is lost; the screen has it before any table is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tieline.counted import counted
from tieline.reports.headline import Headline
from tieline.reports.numbers import brief, format_number
from tieline.reports.places import place_words
from tieline.settings.limits import kind_of
from tieline.studies.power_flow.config import PowerFlowConfig
from tieline.studies.power_flow.flow import Flow
from tieline.studies.power_flow.telling.metrics import powers

if TYPE_CHECKING:
    import pandas as pd

    from tieline.reports.html import Table
    from tieline.studies.answer import Metric
    from tieline.studies.result import Result

LOADINGS = {
    "line_loading": "Highest line loading",
    "transformer_loading": "Highest transformer loading",
    "unbalance": "Highest unbalance",
}


def headline(result: Result) -> Headline:
    """What a reader of a power flow sees first."""
    config = result.config
    assert isinstance(config, PowerFlowConfig)
    broken_kinds = result.tables["violations"]["kind"]
    return Headline(
        title=title_words(result.feeder.name, broken_kinds, result.metrics),
        question=_question(result, config),
        summary=_summary(result),
        violations=_breaks(result),
        table=worst_limits(result),
    )


def title_words(
    feeder_name: str, broken_kinds: Iterable[str], metrics: Mapping[str, Metric]
) -> str:
    """For example: Power flow of ieee13: 3 limits broken (2 high voltage, 1 transformer loading), losses 3.15 %.

    Args:
        feeder_name: of the feeder.
        broken_kinds: kind of each broken limit, as results name them.
        metrics: `loss_pct`, `places_judged` and `places_dead` of `telling.metrics`.
    """
    verdict = _verdict(Counter(broken_kinds), metrics)
    # zero added: -0.0 is no number to show
    loss_pct = round(float(metrics["loss_pct"] or 0.0), 2) + 0.0
    return f"Power flow of {feeder_name}: {verdict}, losses {loss_pct:.2f} %"


def _verdict(n_broken: Counter[str], metrics: Mapping[str, Metric]) -> str:
    """What is broken of what was judged, after what could not be judged."""
    verdict = "no limit broken"
    # runs of earlier versions do not say
    if metrics.get("places_judged") == 0:
        verdict = "no limit judged"
    if n_broken:
        kinds = ", ".join(f"{n} {kind_of(kind).words}" for kind, n in n_broken.items())
        verdict = f"{counted(n_broken.total(), 'limit')} broken ({kinds})"
    n_dead = metrics["places_dead"]
    if n_dead:
        return f"{counted(int(n_dead), 'voltage point')} without supply, {verdict}"
    return verdict


def title_of(flow: Flow) -> str:
    """The title of a power flow that is solved, and of which no more is known yet."""
    broken_kinds = [breach.kind.name for breach in flow.breaches]
    metrics: dict[str, Metric] = {
        "loss_pct": powers(flow.solution)["loss_pct"],
        "places_judged": flow.n_judged,
        "places_dead": flow.n_dead,
    }
    return title_words(flow.network.feeder.name, broken_kinds, metrics)


def worst_limits(result: Result) -> Table:
    """The broken limits of all kinds, those farthest beyond first."""
    from tieline.reports.html import Table  # late: the screen needs no page

    violations = result.tables["violations"]
    worst_first = violations.sort_values("excess_pct", ascending=False)
    return Table(
        limit_rows(worst_first, result),
        "Broken limits, those farthest beyond first.",
        {"excess_pct": "beyond by [% of limit]"},
        rest_in="violations.parquet",
    )


def limit_rows(violations: pd.DataFrame, result: Result) -> pd.DataFrame:
    """Rows of the table of broken limits as a reader wants them: kind and place in words, numbers with their units."""
    kinds = [kind_of(kind) for kind in violations["kind"]]
    places = [place_words(place, result.feeder) for place in violations["place"]]
    rows = violations.assign(kind=[kind.words for kind in kinds], place=places)
    for name in ("value", "limit"):
        pairs = zip(violations[name], kinds, strict=True)
        texts = [
            f"{format_number(number, kind.unit)} {kind.unit}" for number, kind in pairs
        ]
        rows[name] = texts
    return rows.drop(columns="unit")


def _question(result: Result, config: PowerFlowConfig) -> str:
    words = "regulators and capacitors act"
    if config.controls == "off":
        words = "regulators and capacitors stay as the feeder states them"
    feeder = result.feeder
    controls = f", {words}" if feeder.has_controls else ""
    return (
        f"Voltages, loadings and losses of {feeder.title or feeder.name} ({counted(len(feeder.buses), 'bus')}) at "
        f"{format_number(config.load_pct)} % load{controls}."
    )


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    tiles: list[tuple[str, object]] = [
        ("Limits broken", metrics["violations"]),
        ("Lowest voltage", _at(result, "v_low", "pu")),
        ("Highest voltage", _at(result, "v_high", "pu")),
        ("Load", f"{brief(metrics['load_kw'])} kW"),
        ("Losses", f"{brief(metrics['loss_kw'])} kW"),
    ]
    for name, label in LOADINGS.items():
        if metrics[f"{name}_pct"] is not None:
            tiles.append((label, _at(result, name, "pct")))
    return tiles


def _at(result: Result, name: str, unit: str) -> str:
    """A reading and its place, for example "0.9608 pu at bus 611, phase 3"."""
    value = result.number(f"{name}_{unit}")
    place = place_words(str(result.metrics[f"{name}_at"]), result.feeder)
    if unit == "pct":
        return f"{value:.1f} % at {place}"
    return f"{format_number(value, unit)} {unit} at {place}"


def _breaks(result: Result) -> list[str]:
    """A sentence for each kind of limit that is broken, with its worst place."""
    sentences = []
    for kind_name, rows in result.tables["violations"].groupby("kind", sort=False):
        kind = kind_of(str(kind_name))
        # the worst of each kind stands first
        worst = rows.iloc[0]
        value = f"{brief(worst['value'], kind.unit)} {kind.unit}"
        limit = f"{brief(worst['limit'])} {kind.unit}"
        where = place_words(worst["place"], result.feeder)
        count = counted(len(rows), "place")
        sentences.append(
            f"{kind.words.capitalize()} at {count}: {value} at {where}, limit {limit}."
        )
    return sentences
