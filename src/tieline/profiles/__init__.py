"""What load, sun and price do over time: `Scenarios` drawn from one seed, their forecasts, and the user's own series.

`config` says what can be asked, `draw` draws; `loads`, `sunlight` and `price` hold the models, `forecasting` blurs the future,
`table` reads files. The names below are fetched when first used, so that a command line can name `ProfileConfig` in its help
without loading a numerical library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.profiles.at_buses import BusSeries, draw_at_buses, read_at_buses
    from tieline.profiles.config import ForecastConfig, ProfileConfig, TariffPeriod
    from tieline.profiles.draw import draw_scenarios
    from tieline.profiles.forecasting import Forecasts, View, forecast
    from tieline.profiles.scenarios import Scenarios
    from tieline.profiles.table import load_table
    from tieline.profiles.use_table import (
        at_times,
        load_pu_from_table,
        series_from_table,
        sun_from_table,
    )

__all__ = [
    "BusSeries",
    "ForecastConfig",
    "Forecasts",
    "ProfileConfig",
    "Scenarios",
    "TariffPeriod",
    "View",
    "at_times",
    "draw_at_buses",
    "draw_scenarios",
    "forecast",
    "load_pu_from_table",
    "load_table",
    "read_at_buses",
    "series_from_table",
    "sun_from_table",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "ForecastConfig": "tieline.profiles.config",
        "ProfileConfig": "tieline.profiles.config",
        "TariffPeriod": "tieline.profiles.config",
        "Scenarios": "tieline.profiles.scenarios",
        "draw_scenarios": "tieline.profiles.draw",
        "BusSeries": "tieline.profiles.at_buses",
        "draw_at_buses": "tieline.profiles.at_buses",
        "read_at_buses": "tieline.profiles.at_buses",
        "Forecasts": "tieline.profiles.forecasting",
        "View": "tieline.profiles.forecasting",
        "forecast": "tieline.profiles.forecasting",
        "load_table": "tieline.profiles.table",
        "at_times": "tieline.profiles.use_table",
        "load_pu_from_table": "tieline.profiles.use_table",
        "series_from_table": "tieline.profiles.use_table",
        "sun_from_table": "tieline.profiles.use_table",
    },
)
