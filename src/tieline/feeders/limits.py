"""The limits that fit a feeder, for a configuration whose profile is `standard`: in this order

    1. those of the study's published case on this very feeder
    2. those that the feeder's buses state, if it is one band for all of them
    3. ANSI C84.1 range A where the network has 60 Hz, EN 50160 where it has 50 Hz; where nobody states the frequency, that of
       the nominal voltages to which most of its buses are nearest

Loading is judged at 100 % of the ratings where a study looks at it: both standards are of voltages alone. A flag goes before all
of this, number by number.

Sources: ANSI C84.1-2020, table 1, and IEC 60038:2009, tables 1 and 3 (series I), for nominal voltages.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeVar

from tieline.config_files import make_config
from tieline.feeders.feeder import Feeder
from tieline.settings.limit_fields import FULL_RATING, LimitSettings
from tieline.settings.limits import PER_BUS, LimitProfile

Config = TypeVar("Config", bound=LimitSettings)

AT_FREQUENCY: dict[float, LimitProfile] = {60.0: "ansi-a", 50.0: "en50160"}
"""The standard of voltages by frequency [Hz]."""

NOMINAL_KV = {
    60.0: (
        *(0.208, 0.24, 0.48, 0.6, 2.4, 4.16, 4.8, 6.9, 8.32, 12.0, 12.47, 13.2, 13.8),
        *(20.78, 22.86, 23.0, 24.94, 34.5),
    ),
    50.0: (
        *(0.4, 0.69, 1.0, 3.0, 3.3, 6.0, 6.6, 10.0, 11.0, 15.0, 20.0, 22.0, 30.0, 33.0),
        35.0,
    ),
}
"""Nominal voltages between phases up to 35 kV [kV], by frequency [Hz]; higher ones are common to both."""


@dataclass(frozen=True)
class Fitting:
    """The profile of a feeder, and why it is that one, as the end of a sentence."""

    profile: LimitProfile
    because: str


@dataclass(frozen=True)
class BusBand:
    """The one band that all buses state [pu]; None for a side that none states."""

    lowest_pu: float | None
    highest_pu: float | None


def standard_of(feeder: Feeder) -> Fitting:
    """The standard of voltages that a feeder is judged by."""
    hertz = feeder.frequency_hz
    if hertz in AT_FREQUENCY and not feeder.frequency_is_assumed:
        return Fitting(AT_FREQUENCY[hertz], f"because the feeder has {hertz:g} Hz")
    # a feeder of several levels is judged by the one at which most of it is
    counts = Counter(bus.kv_ll for bus in feeder.buses)
    kv = max(counts, key=lambda level: counts[level])
    usual_hertz, nearest_kv = _nearest(kv)
    said = f"its frequency of {hertz:g} Hz is neither 50 nor 60 Hz"
    if feeder.frequency_is_assumed:
        said = "its file states no frequency"
    return Fitting(
        AT_FREQUENCY[usual_hertz],
        f"because {said}, and {kv:g} kV is nearest to {nearest_kv:g} kV, a voltage of {usual_hertz:g} Hz",
    )


def band_of_buses(feeder: Feeder) -> BusBand | None:
    """The band that all buses state alike, those of sources aside: what they hold is no limit. None if there is none."""
    at_source = {source.bus for source in feeder.sources}
    buses = [bus for bus in feeder.buses if bus.name not in at_source]
    bands = {(bus.v_low_limit_pu, bus.v_high_limit_pu) for bus in buses}
    if len(bands) != 1:
        return None
    band = BusBand(*bands.pop())
    if band == BusBand(None, None):
        return None
    return band


def states_limits(feeder: Feeder) -> bool:
    """Whether any bus states a limit of its own."""
    return any(
        bus.v_low_limit_pu is not None or bus.v_high_limit_pu is not None
        for bus in feeder.buses
    )


def with_limits_of(feeder: Feeder, config: Config) -> tuple[Config, str]:
    """A configuration whose limits are numbers, and why they are these, as the end of a sentence.

    Args:
        feeder: on which the question is asked.
        config: the question.

    Returns:
        The configuration as it is, and no word, where it has numbers without the feeder.

    Raises:
        InputError: if the numbers do not go with the rest of the configuration.
    """
    if not config.needs_feeder:
        return config, ""
    changes, because = _changes(feeder, config)
    fields = {name: getattr(config, name) for name in type(config).model_fields}
    return make_config(type(config), fields | changes), because


def _changes(feeder: Feeder, config: LimitSettings) -> tuple[dict[str, Any], str]:
    """Fields that take the place of `standard`."""
    published = config.PUBLISHED.get(feeder.name)
    if published is not None:
        return {"limits": published}, "those of the study's published case"
    ratings = {
        name: getattr(FULL_RATING, name)
        for name in ("line_pct", "transformer_pct")
        if name in config.JUDGED and getattr(config, name) is None
    }
    if config.LIMITS_BY_BUS and states_limits(feeder):
        return {"limits": PER_BUS, **ratings}, "those that its buses state"
    fitting = standard_of(feeder)
    band = band_of_buses(feeder)
    if band is None:
        because = f"{fitting.profile}, {fitting.because}{_other_bands(feeder)}"
        return {"limits": fitting.profile, **ratings}, because
    numbers = {
        name: getattr(band, name)
        for name in ("lowest_pu", "highest_pu")
        if name in config.JUDGED and getattr(config, name) is None
    }
    return {
        "limits": fitting.profile,
        **numbers,
        **ratings,
    }, "voltages as its buses state them"


def _other_bands(feeder: Feeder) -> str:
    """That buses state limits which differ from each other, and are not those that are judged."""
    if not states_limits(feeder):
        return ""
    return "; its buses state bands of their own that differ, and only an optimal power flow keeps each"


def _nearest(kv_ll: float) -> tuple[float, float]:
    """Frequency and nominal voltage to which a voltage is nearest, by their ratio."""
    pairs = [(hertz, kv) for hertz, levels in NOMINAL_KV.items() for kv in levels]
    return min(pairs, key=lambda pair: abs(math.log(kv_ll / pair[1])))
