"""What critical and assisting buses store over the day, the lent part marked, and the price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.reports import figures
from tieline.reports.clock import HOUR_TITLE, hours_of_day
from tieline.reports.html import Block, Figure, Section, Text
from tieline.reports.numbers import brief
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.sections.case_words import CASE_WORDS
from tieline.studies.result import Result
from tieline.typing import FloatArray

STORED_CASES = ("conventional", "mpc", "csocc")
"""Cases whose stored energy is drawn."""


def energy(result: Result, config: BatteryConfig) -> Section:
    """Stored energy of critical and assisting buses, with the lent part marked, and what the critical buses feed back."""
    captions = {
        "critical": "Stored energy of the critical buses.",
        "assisting": _lent_caption(result),
    }
    schedules = result.tables["schedules"]
    roles = schedules["bus"].map(result.tables["buses"].set_index("bus")["role"])
    blocks: list[Block] = [Text(_reverse_text(result, config))]
    for role, caption in captions.items():
        of_role = schedules[roles == role]
        if len(of_role):
            blocks.append(Figure(_stored_figure(of_role, role), caption))
    blocks.append(_price_figure(result.tables["steps"], config.currency))
    return Section("Stored and lent energy", blocks)


def _reverse_text(result: Result, config: BatteryConfig) -> str:
    """What the critical buses feed back while they are at risk."""
    at_risk_h = brief(result.metrics["at_risk_h"])
    idle, alone, csocc = (
        brief(result.metrics[f"reverse_kwh_critical_{name}"])
        for name in ("none", "mpc", "csocc")
    )
    return (
        f"In the {at_risk_h} h at risk the critical buses feed back {idle} kWh above {config.theta_words} without "
        f"batteries, {alone} kWh with batteries alone and {csocc} kWh with cooperation, net of what others took over."
    )


def _lent_caption(result: Result) -> str:
    lent_kwh = brief(result.metrics["lent_energy_kwh"])
    return f"Stored energy of the assisting buses; the band is what they hold for the critical region, {lent_kwh} kWh in all."


def _price_figure(steps: pd.DataFrame, currency: str) -> Figure:
    """The price over the day."""
    figure = figures.lines_with_band(
        hours_of_day(steps["time"]),
        {"price": steps["price_per_mwh"]},
        x_title=HOUR_TITLE,
        y_title=f"price [{currency}/MWh]",
    )
    return Figure(
        figure,
        "Price of energy: batteries charge where it is low and discharge where it is high.",
    )


def _stored_figure(schedules: pd.DataFrame, role: str) -> figures.Figure:
    """What the batteries of some buses store together in each case; of assisting buses with what is lent of it."""
    by_step = schedules.groupby(["case", "time"], sort=False)
    totals = by_step[["stored_kwh", "lent_kw", "discharge_kw"]].sum()
    cases = [
        name for name in STORED_CASES if name in totals.index.get_level_values("case")
    ]
    hours = hours_of_day(totals.loc[cases[0]].index.to_series())
    bands = {}
    if role == "assisting":
        csocc = totals.loc["csocc"]
        step_h = float(hours[1] - hours[0])
        lent_kwh = np.cumsum(csocc["lent_kw"].to_numpy()) * step_h
        lowest_kwh = float(totals["stored_kwh"].min())
        bands[CASE_WORDS["csocc"]] = _lent_band(
            csocc["stored_kwh"].to_numpy(), lent_kwh, lowest_kwh
        )
    lines = {
        CASE_WORDS[name]: totals.loc[name]["stored_kwh"].to_numpy() for name in cases
    }
    return figures.lines_with_band(
        hours, lines, bands=bands, x_title=HOUR_TITLE, y_title="stored energy [kWh]"
    )


def _lent_band(
    stored_kwh: FloatArray, lent_kwh: FloatArray, lowest_kwh: float
) -> tuple[FloatArray, FloatArray]:
    """Stored energy without and with what is held for others, (step,) each [kWh]; `lent_kwh` is what was lent by then."""
    # what was lent is gone again once the batteries were emptied below it
    still_stored_kwh = np.minimum(lent_kwh, stored_kwh - lowest_kwh)
    return stored_kwh - still_stored_kwh, stored_kwh
