"""What load, sun and price do over time: `Scenarios` drawn from one seed, their forecasts, and the user's own series.

`config` says what can be asked, `draw` draws; `loads`, `sunlight` and `price` hold the models, `forecasting` blurs the future,
`table` reads files. The names below are fetched when first used, so that a command line can name `ProfileConfig` in its help
without loading a numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tieline.profiles.config import ForecastConfig, ProfileConfig, TariffPeriod
    from tieline.profiles.draw import draw_scenarios
    from tieline.profiles.forecasting import Forecasts, View, forecast
    from tieline.profiles.scenarios import Scenarios
    from tieline.profiles.table import load_table
    from tieline.profiles.use_table import at_times, load_pu_from_table, series_from_table

__all__ = [
    "ForecastConfig",
    "Forecasts",
    "ProfileConfig",
    "Scenarios",
    "TariffPeriod",
    "View",
    "at_times",
    "draw_scenarios",
    "forecast",
    "load_pu_from_table",
    "load_table",
    "series_from_table",
]

_HOME = {
    "ForecastConfig": "config",
    "ProfileConfig": "config",
    "TariffPeriod": "config",
    "Scenarios": "scenarios",
    "draw_scenarios": "draw",
    "Forecasts": "forecasting",
    "View": "forecasting",
    "forecast": "forecasting",
    "load_table": "table",
    "at_times": "use_table",
    "load_pu_from_table": "use_table",
    "series_from_table": "use_table",
}
"""Which module each public name comes from."""


def __getattr__(name: str) -> Any:
    """The public name, imported from its module."""
    if name not in _HOME:
        raise AttributeError(
            f"module 'tieline.profiles' has no attribute '{name}'. Public names: {', '.join(__all__)}."
        )
    return getattr(import_module(f"tieline.profiles.{_HOME[name]}"), name)
