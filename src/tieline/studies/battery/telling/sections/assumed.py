"""The assumptions behind the numbers."""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.profiles.told import tell_loads, tell_prices, tell_sun
from tieline.reports.html import Section, Text
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import is_stretched


def assumed(config: BatteryConfig, feeder: Feeder) -> Section:
    """The assumptions behind the numbers."""
    texts = [
        *_series_texts(config, feeder),
        f"Batteries: state of charge {config.soc_min_pct:g} to {config.soc_max_pct:g} %, at the start and at least at the end "
        f"{config.initial_soc_pct:g} %; efficiency {config.efficiency_pct:g} % each way. Batteries of the feeder itself "
        "keep their ratings.",
        f"Every battery plans {config.horizon_h:g} h ahead: first it keeps the reverse power of its bus within "
        f"{config.theta_words} as far as it can, then it lowers the bill. No battery discharges past that limit.",
        "Cooperation is cooperative state-of-charge control (CSOCC): batteries of other regions lend capacity to the region "
        "where the voltage would be too high.",
        f"An assisting bus lends up to {config.alpha_a_pct:g} % of power and energy of its batteries.",
        "The bound is one optimum over the feeder and the whole day with the same batteries and the voltage limit; it need not "
        "absorb any surplus.",
    ]
    if feeder.origin:
        texts.append(f"Figures of the feeder: {feeder.origin}.")
    return Section("What was assumed", [Text(text) for text in texts])


def _series_texts(config: BatteryConfig, feeder: Feeder) -> list[str]:
    """Where loads, sun and prices come from."""
    profiles = config.drawn_profiles
    return [
        tell_loads(feeder, profiles, config.load_table),
        *_stretched_text(config, feeder),
        tell_sun(feeder, profiles, config.sun_table),
        tell_prices(profiles, config.price_table, config.currency),
    ]


def _stretched_text(config: BatteryConfig, feeder: Feeder) -> list[str]:
    """What is made of drawn loads."""
    if not is_stretched(feeder, config):
        return []
    return [
        f"One load curve for all buses: that of the drawn homes, stretched to {config.light_load_pct:g} % under the highest "
        f"sun and {config.peak_load_pct:g} % at its peak; reactive load {config.reactive_pct:g} % of nominal."
    ]
