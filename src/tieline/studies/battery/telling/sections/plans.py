"""What forecast errors break, and what room against them mends and costs: the plans for the same days side by side."""

from __future__ import annotations

import pandas as pd

from tieline.reports.html import Block, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.settings.currency import in_currency
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.result import Result

PLANS = {
    "csocc_expected": "planned as expected",
    "csocc_known": "day known ahead",
    "bound": "central optimum, day known ahead",
}
"""Cases beside the plan that was asked for."""


def plans(result: Result, config: BatteryConfig) -> list[Section]:
    """Cooperation by what is planned for, where the day is not known."""
    if config.forecast == "perfect":
        return []
    blocks: list[Block] = [
        Text(plan_words(config)),
        _plan_table(result, config),
        Text(_unavoidable(result)),
    ]
    return [Section("What the forecast leaves", blocks)]


def plan_words(config: BatteryConfig) -> str:
    """What loans are planned for."""
    if config.plan == "expected":
        return (
            "Loans are planned for the day as it is expected. Where more sun comes, nobody has kept room for it: "
            "--plan chance-constrained does."
        )
    return (
        "Loans are planned for a day with more surplus: in each step ahead the sun comes out above what is planned for, or a "
        f"load below, with a chance of {config.risk_pct:g} % each, by the law of the forecast's errors. What is owed later is "
        "room that no battery may fill."
    )


def _plan_table(result: Result, config: BatteryConfig) -> Table:
    """A row for each plan; all on the same days."""
    cost = in_currency("cost", config.currency)
    plan_name = "planned as expected"
    if config.plan == "chance-constrained":
        plan_name = f"chance-constrained, risk {config.risk_pct:g} %"
    words = {"csocc": plan_name, **PLANS}
    names = [name for name in words if f"{cost}_{name}" in result.metrics]
    columns: dict[str, list] = {"plan": [words[name] for name in names]}
    for quantity in ("violations", "v_max_pu", cost, "bought_kwh"):
        columns[quantity] = [result.metrics[f"{quantity}_{name}"] for name in names]
    headings = {
        "violations": "violations [bus-steps]",
        "v_max_pu": "highest voltage [pu]",
        cost: f"cost [{config.currency}]",
        "bought_kwh": "bought at the source [kWh]",
    }
    caption = "The same days; violations are of all days, costs and energies means over them. PV is never curtailed."
    return Table(pd.DataFrame(columns), caption, headings)


def _unavoidable(result: Result) -> str:
    """What no control mends, as far as it can be said."""
    count = result.metrics["violations_unavoidable"]
    if count is None:
        return (
            "How many violations no control can mend is not known on a feeder with phases or loops: charge on one phase may "
            "raise another."
        )
    return (
        f"No use of these batteries leaves fewer than {format_number(count)} violations: so many are left with all of them "
        "charging at rated power in every step."
    )
