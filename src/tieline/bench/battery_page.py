"""The docs page of the battery study, in Markdown. Every number and judgement in it comes from the results."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from tieline.bench.battery import BELOW_HIGHEST_PU, Row
from tieline.bench.battery_cases import SMALL_LOAN_PCT, Cases, goals
from tieline.bench.goals import goals_table
from tieline.bench.machine import describe, versions
from tieline.bench.page import table
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.cases import CASES
from tieline.studies.result import Result

PACKAGES = ("numpy", "numba", "clarabel", "highspy")
TIME_HEADINGS = (
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


def page(rows: Sequence[Row], cases: Cases, command: str) -> str:
    """The page of the results of `bench.battery` and `bench.battery_cases`."""
    sections = [
        _head(command),
        _goals(cases),
        _published(cases),
        _days(cases.days, cases.forecast),
        _sweep(cases),
        _feeders(cases),
        _time(rows),
    ]
    return "\n\n".join(sections) + "\n"


def _head(command: str) -> str:
    known = ", ".join(f"{name} {number}" for name, number in versions(PACKAGES).items())
    return (
        "# Cooperative battery control: what it keeps, what it costs, how long it takes\n\n"
        f"[What is asked](../battery.md). Written by the command\n\n```bash\n{command}\n```\n\nMachine: {describe()}. {known}."
    )


def _goals(cases: Cases) -> str:
    saving = cases.published.number("saving_vs_conventional_pct")
    text = (
        "The first five are of the published case, the last of the 123-node feeder with the limit of the table below. CSOCC "
        f"saves {saving:.1f} % against the conventional rule; the thesis reports 38.6 % on a private feeder."
    )
    return "## Goals\n\n" + goals_table(goals(cases)) + "\n\n" + text


def _published(cases: Cases) -> str:
    own, small = (_settings_row(result) for result in (cases.published, cases.small_loans))
    text = (
        f"33 buses, seed 0, one day. The critical buses are {_critical(cases.published)}, "
        f"{cases.published.number('at_risk_h'):g} h at risk. Reverse energy is that of the critical buses in these hours, net of "
        "what lenders took over."
    )
    rows = [_case_row(cases.published, name, name) for name in CASES]
    rows.append(_case_row(cases.small_loans, "csocc", f"csocc, loans of {SMALL_LOAN_PCT:g} %"))
    loans = table(
        ("loans of", "C_r [kWh]", "lent [kWh]", "missing [kWh]", "lenders"), [own, small], "rrrrr"
    )
    return f"## The published case\n\n{text}\n\n{table(CASE_HEADINGS, rows, 'lrrrr')}\n\n{loans}"


CASE_HEADINGS = (
    "case",
    "violations [bus-steps]",
    "highest voltage [pu]",
    "reverse energy at risk [kWh]",
    "cost [USD]",
)


def _case_row(result: Result, case: str, name: str) -> tuple[str, ...]:
    number = result.number
    return (
        name,
        f"{number(f'violations_{case}'):.0f}",
        f"{number(f'v_max_pu_{case}'):.4f}",
        f"{number(f'reverse_kwh_critical_{case}'):.1f}",
        f"{number(f'cost_usd_{case}'):.2f}",
    )


def _settings_row(result: Result) -> tuple[str, ...]:
    energies = (result.number(f"{name}_energy_kwh") for name in ("required", "lent", "missing"))
    share = result.config.alpha_a_pct if isinstance(result.config, BatteryConfig) else 0.0
    return (
        f"{share:g} %",
        *(f"{energy:.1f}" for energy in energies),
        f"{result.number('assisting_buses'):.0f}",
    )


def _critical(result: Result) -> str:
    buses = result.tables["buses"]
    return ", ".join(buses.loc[buses["role"] == "critical", "bus"])


def _days(result: Result, on_forecast: Result) -> str:
    days, guessed = result.tables["days"], on_forecast.tables["days"]
    cost, broken = (
        days.pivot(index="day", columns="case", values=what) for what in ("cost_usd", "violations")
    )
    load, proven = (
        days.groupby("day")["load_bill_usd"].first(),
        days.groupby("day")["proven_usd"].max(),
    )
    shares = {
        "bill with CSOCC [USD]": cost["csocc"],
        "bill of the load alone [USD]": load,
        **{
            f"csocc against {name} [% of the load's]": 100 * (cost["csocc"] - cost[name]) / load
            for name in CASES
            if name != "csocc"
        },
        "mpc against bound [% of the load's]": 100 * (cost["mpc"] - cost["bound"]) / load,
        "bound against its proof [% of the load's]": 100 * (cost["bound"] - proven) / load,
        "csocc against bound [% of the bound's bill]": 100
        * (cost["csocc"] - cost["bound"])
        / cost["bound"].abs(),
        **{f"violations, {name}": broken[name] for name in CASES},
        **{
            f"violations, {name} on forecasts": _by_day(guessed, name, "violations")
            for name in ("mpc", "csocc")
        },
        "csocc on forecasts against known days [% of the load's]": 100
        * (_by_day(guessed, "csocc", "cost_usd") - cost["csocc"])
        / load,
    }
    rows = [
        (what, *(f"{number:.2f}" for number in _spread(values))) for what, values in shares.items()
    ]
    text = (
        f"{len(cost)} days, drawn as the published one: other prices and other homes under the same sky. What PV feeds back "
        "leaves bills of very different size, so differences are shares of what the load alone would cost, and one of them also "
        "of the bill; below 0 CSOCC is cheaper. The distance of batteries alone to the bound is what it costs to keep reverse "
        "power down before looking at the price, which the bound need not do. The bound's proof is the optimum of its "
        "relaxation.\n\n" + _errors(on_forecast)
    )
    return f"## Other days\n\n{text}\n\n" + table(
        ("", "mean", "std", "lowest", "highest"), rows, "lrrrr"
    )


def _by_day(days: pd.DataFrame, case: str, what: str) -> pd.Series:
    return days[days["case"] == case].set_index("day")[what]


def _errors(result: Result) -> str:
    assert isinstance(result.config, BatteryConfig)
    far = result.config.forecasts
    return (
        f"*On forecasts*: far ahead they err by {far.load_spread:.0%} of each load, {far.sun_spread:.0%} of the sun and "
        f"{far.price_spread:.0%} of the price (standard deviation). Loans are decided anew every "
        f"{result.config.coordinate_every_h:g} h, the MPC plans anew in each step."
    )


def _spread(values: pd.Series) -> tuple[float, ...]:
    """Mean, standard deviation, lowest and highest, to the digits shown and without a negative zero."""
    found = values.mean(), values.std(ddof=0), values.min(), values.max()
    return tuple(round(float(number), 2) + 0.0 for number in found)


def _sweep(cases: Cases) -> str:
    text = (
        "Batteries of other energies on the published day. With loans of half a battery, and of "
        f"{SMALL_LOAN_PCT:g} %; `mpc` does not lend."
    )
    small = cases.small_sweep.tables["sweep"]
    rows = []
    for k, row in enumerate(cases.sweep.tables["sweep"].to_dict("records")):
        other = small.iloc[k]
        rows.append(
            (
                f"{row['battery_hours']:g}",
                f"{row['violations_mpc']:.0f}",
                *_loans(row),
                *_loans(other),
            )
        )
    lent = ("violations, csocc", "highest voltage [pu]", "missing [kWh]")
    headings = (
        "energy [h]",
        "violations, mpc",
        *lent,
        *(f"{name}, {SMALL_LOAN_PCT:g} %" for name in lent),
    )
    return f"## Battery energy\n\n{text}\n\n" + table(headings, rows, "r" * len(headings))


def _loans(row: Mapping[Hashable, float] | pd.Series) -> tuple[str, ...]:
    return (
        f"{row['violations_csocc']:.0f}",
        f"{row['v_max_pu_csocc']:.4f}",
        f"{row['missing_energy_kwh']:.0f}",
    )


def _feeders(cases: Cases) -> str:
    text = (
        f"The same question on every bundled feeder, with the limit {BELOW_HIGHEST_PU:g} pu below its highest voltage without "
        "batteries. The bound is a cone program on radial single-phase equivalents, else a linear one."
    )
    rows = [(name, *_feeder_row(result)) for name, result in cases.feeders.items()]
    headings = ("feeder", "batteries", "limit [pu]", *(f"violations, {name}" for name in CASES))
    headings += ("lenders", "missing [kWh]", "above the bound [%]", "tau", "episodes")
    return f"## Other feeders\n\n{text}\n\n" + table(
        headings, rows, "l" + "r" * (len(headings) - 1)
    )


def _feeder_row(result: Result) -> tuple[str, ...]:
    number = result.number
    limit = result.config.critical_pu if isinstance(result.config, BatteryConfig) else 0.0
    return (
        f"{number('batteries'):.0f}",
        f"{limit:.4f}",
        *(_if_any(result, f"violations_{name}", ".0f") for name in CASES),
        f"{number('assisting_buses'):.0f}",
        f"{number('missing_energy_kwh'):.1f}",
        _if_any(result, "gap_to_bound_pct", ".2f"),
        _if_any(result, "mcts_rank_correlation", ".4f"),
        _if_any(result, "mcts_episodes", ".0f"),
    )


def _if_any(result: Result, name: str, spec: str) -> str:
    """A metric as text, empty if there is none."""
    return "" if result.metrics.get(name) is None else format(result.number(name), spec)


def _time(rows: Sequence[Row]) -> str:
    text = (
        f"A day with the limit {BELOW_HIGHEST_PU:g} pu below the highest voltage, everything compiled. Control is every battery "
        "receding through the day, anew for each round of loans; the last column is all but the setup by the number of steps. "
        "The bound is not in it."
    )
    return f"## Time\n\n{text}\n\n" + table(
        TIME_HEADINGS, [time_cells(row) for row in rows], "l" + "r" * (len(TIME_HEADINGS) - 1)
    )


def time_cells(row: Row) -> tuple[str, ...]:
    """A row of the time table, by `TIME_HEADINGS`."""
    counts = (row.batteries, row.steps, row.critical, row.lenders, row.rounds)
    seconds = (row.setup_s, row.power_flow_s, row.ranking_s, row.control_s, row.replay_s)
    return (
        row.feeder,
        *(f"{count:,}" for count in counts),
        *(f"{s:.3f}" for s in seconds),
        f"{row.decision_ms:.2f}",
    )
