"""What the screen and the docs page say of battery control. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from tieline.bench.battery.cases import BELOW_HIGHEST_PU, SMALL_LOAN_PCT, Cases, goals
from tieline.bench.battery.forecast_part import forecast_section
from tieline.bench.battery.measure import BatteryDays, DayTimes
from tieline.bench.kit.goals import goals_table
from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.kit.spread import SPREAD_HEADINGS, Spread
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.cases import CASES
from tieline.studies.result import Result

COOPERATION_ON_FORECASTS = {
    "csocc_expected": "csocc",
    "csocc": "csocc, chance-constrained,",
}
"""Cases of a run on forecasts with a chance-constrained plan, and what the page calls them."""

ON_FORECASTS = {"mpc": "mpc", **COOPERATION_ON_FORECASTS}


def summary(days: BatteryDays) -> Summary:
    """Where the time of a day goes."""
    return Summary([("A day of battery control", _times(days.rows))])


def page(days: BatteryDays) -> Page:
    """The page of a complete measurement."""
    cases = days.cases
    forecasts = days.forecasts
    # the catalogue completes a measurement before its page
    assert cases is not None
    assert forecasts is not None
    sections = [
        _goals(cases),
        _published(cases),
        _days(cases.days, cases.forecast),
        forecast_section(forecasts),
        _sweep(cases),
        _feeders(cases),
        _time(days.rows),
    ]
    return Page("[What is asked](../battery.md).", sections)


def _goals(cases: Cases) -> Section:
    saving = cases.published.number("saving_vs_conventional_pct")
    text = (
        "The first five are of the published case, the last of the 123-node feeder with the limit of the table below. CSOCC "
        f"saves {saving:.1f} % against the conventional rule; the thesis reports 38.6 % on a private feeder."
    )
    return Section("Goals", [goals_table(goals(cases)), text])


def _published(cases: Cases) -> Section:
    published = cases.published
    text = (
        f"33 buses, seed 0, one day. The critical buses are {_critical(published)}, "
        f"{published.number('at_risk_h'):g} h at risk. Reverse energy is that of the critical buses in these hours, net of "
        "what lenders took over."
    )
    rows = [_case_row(published, name, name) for name in CASES]
    small_name = f"csocc, loans of {SMALL_LOAN_PCT:g} %"
    rows.append(_case_row(cases.small_loans, "csocc", small_name))
    headings = (
        "case",
        "violations [bus-steps]",
        "highest voltage [pu]",
        "reverse energy at risk [kWh]",
        "cost [USD]",
    )
    return Section(
        "The published case", [text, Table(headings, rows, "lrrrr"), _loans(cases)]
    )


def _critical(result: Result) -> str:
    buses = result.tables["buses"]
    return ", ".join(buses.loc[buses["role"] == "critical", "bus"])


def _case_row(result: Result, case: str, name: str) -> tuple[str, ...]:
    number = result.number
    return (
        name,
        f"{number(f'violations_{case}'):.0f}",
        f"{number(f'v_max_pu_{case}'):.4f}",
        f"{number(f'reverse_kwh_critical_{case}'):.1f}",
        f"{number(f'cost_usd_{case}'):.2f}",
    )


def _loans(cases: Cases) -> Table:
    """What each size of loans asks for and gets."""
    headings = ("loans of", "C_r [kWh]", "lent [kWh]", "missing [kWh]", "lenders")
    rows = [_loan_row(result) for result in (cases.published, cases.small_loans)]
    return Table(headings, rows, "rrrrr")


def _loan_row(result: Result) -> tuple[str, ...]:
    number = result.number
    return (
        f"{_config(result).alpha_a_pct:g} %",
        f"{number('required_energy_kwh'):.1f}",
        f"{number('lent_energy_kwh'):.1f}",
        f"{number('missing_energy_kwh'):.1f}",
        f"{number('assisting_buses'):.0f}",
    )


def _config(result: Result) -> BatteryConfig:
    """What the study was asked."""
    assert isinstance(result.config, BatteryConfig)
    return result.config


def _days(result: Result, on_forecast: Result) -> Section:
    days = result.tables["days"]
    n_days = days["day"].nunique()
    text = (
        f"{n_days} days, drawn as the published one: other prices and other homes under the same sky. What PV feeds back "
        "leaves bills of very different size, so differences are shares of what the load alone would cost, and one of them also "
        "of the bill; below 0 CSOCC is cheaper. The distance of batteries alone to the bound is what it costs to keep reverse "
        "power down before looking at the price, which the bound need not do. The bound's proof is the optimum of its "
        "relaxation."
    )
    shares = _shares(days, on_forecast.tables["days"])
    rows = [(what, *Spread.of(values).cells(".2f")) for what, values in shares.items()]
    table = Table(("", *SPREAD_HEADINGS), rows, "lrrrr")
    return Section("Other days", [text, _forecast_errors(on_forecast), table])


def _shares(days: pd.DataFrame, forecast_days: pd.DataFrame) -> dict[str, pd.Series]:
    """What is compared on every day: bills, their differences, violations."""
    cost = days.pivot(index="day", columns="case", values="cost_usd")
    violations = days.pivot(index="day", columns="case", values="violations")
    load = days.groupby("day")["load_bill_usd"].first()
    proof = days.groupby("day")["proven_usd"].max()
    csocc = cost["csocc"]
    bound = cost["bound"]
    # shares of what the load alone would cost: a bill that PV brings near zero is no measure
    shares = {"bill with CSOCC [USD]": csocc, "bill of the load alone [USD]": load}
    for name in CASES:
        if name != "csocc":
            shares[f"csocc against {name} [% of the load's]"] = (
                100 * (csocc - cost[name]) / load
            )
    shares["mpc against bound [% of the load's]"] = 100 * (cost["mpc"] - bound) / load
    shares["bound against its proof [% of the load's]"] = 100 * (bound - proof) / load
    shares["csocc against bound [% of the bound's bill]"] = (
        100 * (csocc - bound) / bound.abs()
    )
    for name in CASES:
        shares[f"violations, {name}"] = violations[name]
    for name, words in ON_FORECASTS.items():
        of_case = _by_day(forecast_days, name, "violations")
        shares[f"violations, {words} on forecasts"] = of_case
    for name, words in COOPERATION_ON_FORECASTS.items():
        # day by day, on the same days: their own spread cancels out
        difference = _by_day(forecast_days, name, "cost_usd") - csocc
        shares[f"{words} on forecasts against known days [% of the load's]"] = (
            100 * difference / load
        )
    return shares


def _by_day(days: pd.DataFrame, case: str, what: str) -> pd.Series:
    return days[days["case"] == case].set_index("day")[what]


def _forecast_errors(result: Result) -> str:
    config = _config(result)
    spread = config.forecasts
    return (
        f"*On forecasts*: far ahead they err by {spread.load_spread:.0%} of each load, {spread.sun_spread:.0%} of the sun and "
        f"{spread.price_spread:.0%} of the price (standard deviation). Loans are decided anew every "
        f"{config.coordinate_every_h:g} h, the MPC plans anew in each step. The chance-constrained plan has a risk of "
        f"{config.risk_pct:g} %; the next section holds it against other plans."
    )


def _sweep(cases: Cases) -> Section:
    text = (
        "Batteries of other energies on the published day. With loans of half a battery, and of "
        f"{SMALL_LOAN_PCT:g} %; `mpc` does not lend."
    )
    large = cases.sweep.tables["sweep"].to_dict("records")
    small = cases.small_sweep.tables["sweep"].to_dict("records")
    rows = [
        _sweep_row(row, small_row) for row, small_row in zip(large, small, strict=True)
    ]
    loan_headings = ("violations, csocc", "highest voltage [pu]", "missing [kWh]")
    small_headings = [f"{name}, {SMALL_LOAN_PCT:g} %" for name in loan_headings]
    headings = ("energy [h]", "violations, mpc", *loan_headings, *small_headings)
    return Section("Battery energy", [text, Table(headings, rows, "r" * len(headings))])


Record = Mapping[Hashable, float]


def _sweep_row(row: Record, small_row: Record) -> tuple[str, ...]:
    """One battery energy, with loans of both sizes; without loans they are the same."""
    energy = f"{row['battery_hours']:g}"
    violations = f"{row['violations_mpc']:.0f}"
    return energy, violations, *_loan_cells(row), *_loan_cells(small_row)


def _loan_cells(row: Record) -> tuple[str, ...]:
    return (
        f"{row['violations_csocc']:.0f}",
        f"{row['v_max_pu_csocc']:.4f}",
        f"{row['missing_energy_kwh']:.0f}",
    )


def _feeders(cases: Cases) -> Section:
    text = (
        f"The same question on every bundled feeder, with the limit {BELOW_HIGHEST_PU:g} pu below its highest voltage without "
        "batteries. The bound is a cone program on radial single-phase equivalents, else a linear one."
    )
    rows = [(name, *_feeder_cells(result)) for name, result in cases.feeders.items()]
    violations = [f"violations, {name}" for name in CASES]
    headings = ["feeder", "batteries", "limit [pu]", *violations]
    headings += ["lenders", "missing [kWh]", "above the bound [%]", "tau", "episodes"]
    alignment = "l" + "r" * (len(headings) - 1)
    return Section("Other feeders", [text, Table(headings, rows, alignment)])


def _feeder_cells(result: Result) -> tuple[str, ...]:
    number = result.number
    return (
        f"{number('batteries'):.0f}",
        f"{_config(result).critical_pu:.4f}",
        *(_if_any(result, f"violations_{name}", ".0f") for name in CASES),
        f"{number('assisting_buses'):.0f}",
        f"{number('missing_energy_kwh'):.1f}",
        _if_any(result, "gap_to_bound_pct", ".2f"),
        _if_any(result, "mcts_rank_correlation", ".4f"),
        _if_any(result, "mcts_episodes", ".0f"),
    )


def _if_any(result: Result, name: str, spec: str) -> str:
    """A metric as text, empty if there is none."""
    if result.metrics.get(name) is None:
        return ""
    return format(result.number(name), spec)


def _time(rows: Sequence[DayTimes]) -> Section:
    text = (
        f"A day with the limit {BELOW_HIGHEST_PU:g} pu below the highest voltage, everything compiled. Control is every battery "
        "receding through the day, anew for each round of loans; the last column is all but the setup by the number of steps. "
        "The bound is not in it."
    )
    return Section("Time", [text, _times(rows)])


def _times(rows: Sequence[DayTimes]) -> Table:
    headings = (
        "feeder",
        "batteries",
        "steps",
        "critical",
        "lenders",
        "rounds",
        "set up [s]",
        "AC [s]",
        "ranking, loans [s]",
        "control [s]",
        "replays [s]",
        "a step [ms]",
    )
    return Table(
        headings, [_time_row(row) for row in rows], "l" + "r" * (len(headings) - 1)
    )


def _time_row(row: DayTimes) -> tuple[str, ...]:
    return (
        row.feeder,
        f"{row.batteries:,}",
        f"{row.steps:,}",
        f"{row.critical:,}",
        f"{row.lenders:,}",
        f"{row.rounds:,}",
        f"{row.setup_s:.3f}",
        f"{row.power_flow_s:.3f}",
        f"{row.ranking_s:.3f}",
        f"{row.control_s:.3f}",
        f"{row.replay_s:.3f}",
        f"{row.decision_ms:.2f}",
    )
