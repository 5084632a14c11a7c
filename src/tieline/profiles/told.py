"""What a run over time assumed about its load, sun and prices, in sentences for its reader.

A default that nobody asked for (Edmonton's sun, the Alberta pool) shapes every number of the answer, so it is said each time,
with the flag that changes it.
"""

from __future__ import annotations

from tieline.counted import counted
from tieline.feeders import Feeder
from tieline.profiles.config import ProfileConfig
from tieline.profiles.draw import follows_load_shapes, follows_sun_shapes

PLACE_FLAGS = "--latitude, --longitude and --time-zone"


def tell_loads(feeder: Feeder, config: ProfileConfig, table: str | None) -> str:
    """Where the loads come from; `table`: the file that was given for them."""
    if table is not None:
        return f"Loads over time are those of {table}."
    if not follows_load_shapes(feeder, config):
        return (
            f"Loads over time are drawn from models of customers ({config.customers}); give --load-table for measured "
            "ones."
        )
    shaped = [load for load in feeder.loads if load.yearly_shape or load.daily_shape]
    n_constant = len(feeder.loads) - len(shaped)
    constant = ""
    if n_constant:
        constant = f"; {counted(n_constant, 'load')} without one stay at nominal power"
    return (
        f"Loads over time follow the load shapes of the feeder's file ({counted(len(shaped), 'load')}{constant}), whose first "
        "point is the hour after midnight of the first of January; --shapes drawn draws them instead."
    )


def tell_sun(feeder: Feeder, config: ProfileConfig, table: str | None) -> str:
    """Where the sun comes from."""
    if table is not None:
        return f"PV output over time is that of {table}."
    if follows_sun_shapes(feeder, config):
        return "PV output over time is the mean of the shapes that the feeder's own PV systems follow; --shapes drawn draws it."
    return (
        f"The sun is that of latitude {config.latitude:g}, longitude {config.longitude:g}, {config.altitude_m:g} m above the sea "
        f"({config.time_zone}), drawn under a {config.cloudiness} sky; {PLACE_FLAGS} say another place."
    )


def tell_prices(config: ProfileConfig, table: str | None, currency: str) -> str:
    """Where prices come from."""
    if table is not None:
        return f"Prices are those of {table}, taken as {currency}/MWh."
    if config.price == "time-of-use":
        return f"Prices are those of a tariff of tieline's own, taken as {currency}/MWh; give --price-table for yours."
    return (
        f"Prices are drawn after twenty years of the Alberta pool, with a mean of {config.pool_mean_per_mwh:g} taken as "
        f"{currency}/MWh; give --price-table for yours."
    )


def tell_unasked_place(
    feeder: Feeder, config: ProfileConfig, table: str | None
) -> list[str]:
    """That the sun is drawn for the place of the defaults, which is hardly that of the feeder; nothing where it is not drawn."""
    usual = ProfileConfig()
    is_usual = (config.latitude, config.longitude) == (usual.latitude, usual.longitude)
    is_drawn = table is None and not follows_sun_shapes(feeder, config)
    if not (is_usual and is_drawn):
        return []
    return [
        f"The sun is drawn for Edmonton, Canada ({config.time_zone}), because no place was given: {PLACE_FLAGS} say another one."
    ]
