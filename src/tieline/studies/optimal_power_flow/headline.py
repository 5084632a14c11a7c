"""The headline of an optimal power flow: what the hour costs, before and after, and what energy is worth."""

from __future__ import annotations

from tieline.counted import counted
from tieline.feeders import Feeder
from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import format_number, with_unit
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.world.asked_ders import ask_ders
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of an optimal power flow sees first."""
    config = result.config
    assert isinstance(config, OptimalPowerFlowConfig)
    feeder = ask_ders(result.feeder, config).feeder
    cost = number_words(result, "ac_cost_per_h")
    return Headline(
        title=f"Optimal power flow of {feeder.name}: {cost} {config.currency} per hour",
        question=_question(result, feeder, config),
        summary=_summary(result, config),
        table=set_points(result, config),
    )


def set_points(result: Result, config: OptimalPowerFlowConfig) -> Table | None:
    """What each DER should do; None if there are none."""
    if result.tables["set_points"].empty:
        return None
    headings = {
        "at": "at its limit of",
        "cost_per_kwh": f"cost [{config.currency}/kWh]",
        "price_per_kwh": f"price there [{config.currency}/kWh]",
        "p_max_kw": "highest p [kW]",
    }
    caption = "Set-points; generation above 0. Between its limits a DER runs where its cost meets the price at its bus."
    return Table(
        result.tables["set_points"], caption, headings, rest_in="set_points.parquet"
    )


def number_words(result: Result, name: str, unit: str = "") -> str:
    """A metric as it is written."""
    return format_number(result.metrics[name], unit)


def _question(result: Result, feeder: Feeder, config: OptimalPowerFlowConfig) -> str:
    shed = ""
    if config.load_value is not None:
        shed = f"; load is worth {config.load_value:g} {config.currency}/kWh and may be shed"
    return (
        f"What should the {len(feeder.ders)} DERs of {feeder.name} ({len(feeder.buses)} buses) do in an hour at "
        f"{format_number(config.load_pct)} % load, with energy at the source for "
        f"{number_words(result, 'source_price')} {config.currency}/kWh "
        f"and voltages from {allowed_words(result)}{shed}?"
    )


def allowed_words(result: Result) -> str:
    """The voltages that are allowed."""
    return f"{number_words(result, 'lowest_allowed_pu')} to {number_words(result, 'highest_allowed_pu')} pu"


def _summary(
    result: Result, config: OptimalPowerFlowConfig
) -> list[tuple[str, object]]:
    currency = config.currency
    return [
        ("Cost on AC", f"{number_words(result, 'ac_cost_per_h')} {currency} per hour"),
        ("As it stands", _as_it_stands(result, currency)),
        ("Limits broken on AC", _broken(result)),
        ("Loss", f"{with_unit(result.metrics['loss_kw'], 'kW')}{_loss_before(result)}"),
        (
            "Price",
            f"{_price(result, 'price_low')} to {_price(result, 'price_high')} {currency}/kWh",
        ),
    ]


def _broken(result: Result) -> str:
    """Broken limits with the set-points; those that they could not mend count where they make them worse."""
    count = str(result.metrics["violations"])
    if is_held_to_before(result):
        return f"{count} beyond those of before"
    return count


def is_held_to_before(result: Result) -> bool:
    """Whether there is an optimum only with limits held to what there is before."""
    return result.metrics["held_to_before"] == "yes"


def _price(result: Result, name: str) -> str:
    """A price with the decimals that prices are told apart by."""
    return f"{result.number(name):.4f}"


def _as_it_stands(result: Result, currency: str) -> str:
    """Cost and broken limits before the DERs act."""
    if result.metrics["violations_before"] is None:
        return "no power-flow solution"
    # limits that are held to what there is before do not count as violations any more
    name = "broken_before" if is_held_to_before(result) else "violations_before"
    count = counted(int(result.number(name)), "limit")
    return f"{number_words(result, 'cost_before_per_h')} {currency} per hour, {count} broken"


def _loss_before(result: Result) -> str:
    if result.metrics["loss_before_kw"] is None:
        return ""
    return f", before {with_unit(result.metrics['loss_before_kw'], 'kW')}"
