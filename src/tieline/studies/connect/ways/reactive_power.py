"""Cures by the plant's own reactive power: a power factor against its active power, or a volt-var curve."""

from __future__ import annotations

from dataclasses import replace

from tieline.studies.connect.ways.case import Case, make_case
from tieline.studies.connect.ways.cure import Cure, make_cure
from tieline.studies.siting.flows import Way

POWER_FACTORS = tuple(-round(0.99 - 0.01 * k, 2) for k in range(10))
"""From -0.99 to -0.90: IEEE 1547-2018, 5.2, asks inverters of category B for 44 % of their rating, 0.90 at full power."""


def by_power_factor(case: Case) -> Cure:
    """The mildest power factor that suffices, else the strongest."""
    # a plant that was asked for with one already is helped by a stronger one alone
    settings = [pf for pf in POWER_FACTORS if _is_stronger(pf, case.way)]
    for power_factor in settings or POWER_FACTORS[-1:]:
        way = Way(power_factor)
        cured = make_case(case.setting, way, case.kw)
        if cured.holds:
            break
    return make_cure("power factor", power_factor_words(case, power_factor), cured)


def by_volt_var(case: Case) -> Cure:
    """The default curve of the standard."""
    way = replace(case.way, volt_var=True)
    cured = make_case(case.setting, way, case.kw)
    return make_cure("volt-var", "IEEE 1547-2018, category B, default curve", cured)


def power_factor_words(case: Case, power_factor: float) -> str:
    """A power factor as an engineer says it: "0.95, absorbing"."""
    against = "absorbing"
    if case.setting.config.kind == "load":
        against = "leading"
    return f"{abs(power_factor):.2f}, {against}"


def _is_stronger(power_factor: float, way: Way) -> bool:
    return Way(power_factor).tangent < way.tangent
