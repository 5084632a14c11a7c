"""How large batteries must be, if a sweep over their energy was asked for."""

from __future__ import annotations

from tieline.reports import figures
from tieline.reports.html import Figure, Section, Table
from tieline.studies.battery.telling.sections.case_words import CASE_WORDS
from tieline.studies.result import Result


def sweep(result: Result) -> list[Section]:
    """Other battery energies, if asked for."""
    table = result.tables.get("sweep")
    if table is None:
        return []
    names = [name for name in CASE_WORDS if f"violations_{name}" in table]
    figure = figures.bar(
        [f"{hours:g} h" for hours in table["battery_hours"]],
        {CASE_WORDS[name]: table[f"violations_{name}"] for name in names},
        value_title="violations [bus-steps]",
        label_title="energy of the batteries at rated power",
    )
    voltage_headings = {
        f"v_max_pu_{name}": f"highest voltage, {CASE_WORDS[name]} [pu]"
        for name in names
    }
    energies = ["required_energy_kwh", "lent_energy_kwh", "missing_energy_kwh"]
    rows = Table(
        table[["battery_hours", *voltage_headings, *energies]],
        "Batteries of other energies on the same days.",
        voltage_headings
        | {
            "battery_hours": "battery energy [h]",
            "required_energy_kwh": "to borrow [kWh]",
        },
        rest_in="sweep.parquet",
    )
    blocks = [Figure(figure, "Violations by battery energy."), rows]
    return [Section("How large batteries must be", blocks)]
