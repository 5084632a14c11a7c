"""The rules of `devices/rebound_load` in JAX: the same numbers, of arrays (episode, device), and with derivatives."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from tieline.devices.rebound_load import ReboundLoads, Reduction


def returned_now_kw(owed_kw: Any) -> Any:
    """What comes back in the step at hand, (episode, device) [kW]; `owed_kw` is (episode, device, lag)."""
    return owed_kw[..., :1].sum(axis=-1)


def next_owed_kw(devices: ReboundLoads, owed_kw: Any, shifted_kw: Any) -> Any:
    """What is due in each of the steps after this one, (episode, device, lag) [kW]."""
    moved_up = jnp.pad(owed_kw[..., 1:], ((0, 0), (0, 0), (0, 1)))
    return moved_up + devices.kernel * shifted_kw[..., None]


def kvar_per_kw(devices: ReboundLoads, load_kw: Any, load_kvar: Any) -> Any:
    """By how much reactive power follows active power, (episode, device)."""
    if not devices.at_power_factor:
        return jnp.zeros_like(load_kw)
    has_load = load_kw != 0
    return jnp.where(has_load, load_kvar / jnp.where(has_load, load_kw, 1.0), 0.0)


def possible_reduction(
    devices: ReboundLoads,
    curtail_share: Any,
    shift_share: Any,
    load_kw: Any,
    owed_kw: Any,
    steps_after: Any,
) -> Reduction:
    """As `ReboundLoads.clip` of shares of the caps; below 0 counts as 0.

    Args:
        devices: the loads.
        curtail_share, shift_share: what is wished, (episode, device).
        load_kw: load without the device, (episode, device).
        owed_kw: (episode, device, lag).
        steps_after: steps left in which all has to come back, (episode,); None where nothing has to.
    """
    curtailed_kw: Any = jnp.clip(curtail_share, 0.0, 1.0) * devices.curtail_max_kw
    shift_max_kw: Any = devices.shift_max_kw
    if steps_after is not None:
        lag = np.arange(1, devices.n_lags + 1)
        last_lag = np.max(lag * (devices.kernel > 0), axis=1, initial=0)
        closes = last_lag <= steps_after[:, None]
        shift_max_kw = jnp.where(closes, shift_max_kw, 0.0)
    wished_kw = jnp.clip(shift_share, 0.0, 1.0) * devices.shift_max_kw
    shifted_kw: Any = jnp.minimum(wished_kw, shift_max_kw)
    if not devices.within_load:
        return Reduction(curtailed_kw, shifted_kw)
    wish_kw = curtailed_kw + shifted_kw
    most_kw = jnp.maximum(load_kw, 0.0) + returned_now_kw(owed_kw)
    is_beyond = wish_kw > most_kw
    share: Any = jnp.where(is_beyond, most_kw / jnp.where(is_beyond, wish_kw, 1.0), 1.0)
    return Reduction(share * curtailed_kw, share * shifted_kw)
