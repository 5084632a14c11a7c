"""Loads that give way and catch up: power curtailed is gone, power shifted out of a step comes back in the steps after it.

    P = load - curtailed - shifted + returned
    returned_t = owed_t + sum over k >= 1 of kernel_k shifted_(t-k)
    0 <= curtailed <= its cap,     0 <= shifted <= its cap,     if so asked: curtailed + shifted - returned <= load

`kernel_k` is the share of a step's shifted power that comes back k steps later: (0.25, 0.25, 0.25, 0.25) is four equal parts,
lossless because it adds up to 1. Power may be shifted out while earlier power comes back. The state is what is owed: what is
already due in each of the next steps. Left out: comfort, a limit on energy curtailed, a rebound that depends on the hour.

Reactive power stays as it is, or follows the active power at the power factor that the load has in the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.checks import require
from tieline.errors import InputError, ShapeError
from tieline.typing import BoolArray, FloatArray


class Reduction(NamedTuple):
    """What devices take off their loads, (scenario, device) each [kW]."""

    curtailed_kw: FloatArray
    shifted_kw: FloatArray


@dataclass(frozen=True, eq=False)
class ReboundLoads:
    """What each device may do; `make` fills and checks the arrays.

    Attributes:
        names: of the devices.
        curtail_max_kw, shift_max_kw: caps, (device,) [kW].
        kernel: share of shifted power that comes back 1, 2, ... steps later, (device, lag).
        within_load: whether no more is taken off a load than it has, what comes back included.
        at_power_factor: whether reactive power follows active power; else it stays as it is.
    """

    names: tuple[str, ...]
    curtail_max_kw: FloatArray
    shift_max_kw: FloatArray
    kernel: FloatArray
    within_load: bool = False
    at_power_factor: bool = False

    @classmethod
    def make(
        cls,
        names: Sequence[str],
        curtail_max_kw: ArrayLike,
        shift_max_kw: ArrayLike,
        kernel: ArrayLike,
        *,
        within_load: bool = False,
        at_power_factor: bool = False,
    ) -> ReboundLoads:
        """Devices from numbers or tables.

        Args:
            names: of the devices.
            curtail_max_kw, shift_max_kw: caps, a number or (device,) [kW].
            kernel: shares that come back, (lag,) for all devices or (device, lag), short ones filled up with zeros.
            within_load, at_power_factor: as the attributes.

        Raises:
            InputError: if a cap or a share is below zero or not finite; names each.
            ShapeError: if an array does not fit.
        """
        each = (len(names),)
        shares = np.atleast_1d(np.asarray(kernel, dtype=float))
        devices = cls(
            names=tuple(names),
            curtail_max_kw=_fit("curtail_max_kw", curtail_max_kw, each),
            shift_max_kw=_fit("shift_max_kw", shift_max_kw, each),
            kernel=_fit("kernel", shares, (*each, shares.shape[-1])),
            within_load=within_load,
            at_power_factor=at_power_factor,
        )
        require("Flexible load", devices.names, devices._rules())
        return devices

    def _rules(self) -> dict[str, BoolArray]:
        """What must hold of each device."""
        return {
            "curtail_max_kw >= 0": _is_amount(self.curtail_max_kw),
            "shift_max_kw >= 0": _is_amount(self.shift_max_kw),
            "every share of the kernel >= 0": np.all(_is_amount(self.kernel), axis=1),
        }

    @property
    def n_lags(self) -> int:
        """Steps over which the slowest rebound comes back."""
        return self.kernel.shape[1]

    @property
    def nothing_owed_kw(self) -> FloatArray:
        """The state in which nothing is under way, (device, lag) [kW]."""
        return np.zeros(self.kernel.shape)

    def returned_kw(self, owed_kw: ArrayLike) -> FloatArray:
        """What comes back in the step at hand, (scenario, device) [kW]; `owed_kw` is (scenario, device, lag)."""
        owed = np.asarray(owed_kw, dtype=float)
        # without a lag nothing ever comes back
        return owed[..., :1].sum(axis=-1)

    def limits_kw(
        self,
        load_kw: ArrayLike,
        owed_kw: ArrayLike,
        steps_after: ArrayLike | None = None,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Most that may be curtailed, shifted, and both together, each (scenario, device) [kW].

        Args:
            load_kw: load without the device, (scenario, device) [kW].
            owed_kw: the state, (scenario, device, lag) [kW].
            steps_after: steps left in the horizon within which every rebound has to close, a number or (scenario,); None where
                none has to.
        """
        load = np.asarray(load_kw, dtype=float)
        curtail_kw = np.broadcast_to(self.curtail_max_kw, load.shape).copy()
        shift_kw = np.broadcast_to(self.shift_max_kw, load.shape).copy()
        if steps_after is not None:
            shift_kw = np.where(self.closes_within(steps_after), shift_kw, 0.0)
        together_kw = curtail_kw + shift_kw
        if self.within_load:
            room_kw = np.maximum(load, 0.0) + self.returned_kw(owed_kw)
            together_kw = np.minimum(together_kw, room_kw)
        return curtail_kw, shift_kw, together_kw

    def closes_within(self, steps_after: ArrayLike) -> BoolArray:
        """Whether all that is shifted in a step comes back within as many steps, a number or (scenario,); (scenario, device)."""
        lag = np.arange(1, self.n_lags + 1)
        last_lag = np.max(lag * (self.kernel > 0), axis=1, initial=0)
        return last_lag <= np.asarray(steps_after)[..., None]

    def returned_share(self, n_steps: int) -> FloatArray:
        """Share of what is shifted in each of some steps that returns within them, (step, device)."""
        return np.array(
            [
                self.kernel[:, :steps_after].sum(axis=1)
                for steps_after in reversed(range(n_steps))
            ]
        )

    def clip(
        self,
        curtailed_kw: ArrayLike,
        shifted_kw: ArrayLike,
        load_kw: ArrayLike,
        owed_kw: ArrayLike,
        steps_after: ArrayLike | None = None,
    ) -> Reduction:
        """What is possible of a wish, arguments as in `limits_kw`.

        Each is brought within its cap; where both together are more than the load has, both shrink by the same share.
        """
        curtail_max, shift_max, most_kw = self.limits_kw(load_kw, owed_kw, steps_after)
        curtailed = np.clip(np.asarray(curtailed_kw, dtype=float), 0.0, curtail_max)
        shifted = np.clip(np.asarray(shifted_kw, dtype=float), 0.0, shift_max)
        wanted_kw = curtailed + shifted
        share = np.ones_like(wanted_kw)
        np.divide(most_kw, wanted_kw, out=share, where=wanted_kw > most_kw)
        return Reduction(share * curtailed, share * shifted)

    def next_owed_kw(self, owed_kw: ArrayLike, shifted_kw: ArrayLike) -> FloatArray:
        """What is due in each of the steps after this one, (scenario, device, lag) [kW]."""
        owed = np.asarray(owed_kw, dtype=float)
        shifted = np.asarray(shifted_kw, dtype=float)
        moved_up = np.zeros_like(owed)
        moved_up[..., :-1] = owed[..., 1:]
        return moved_up + self.kernel * shifted[..., None]

    def returned_in_steps(
        self, owed_kw: ArrayLike, shifted_kw: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """What comes back in each of many steps, (step, device), and what is owed after them, (device, lag), both [kW].

        Args:
            owed_kw: before the first step, (device, lag) [kW].
            shifted_kw: (step, device) [kW].
        """
        owed = np.asarray(owed_kw, dtype=float)
        returned = np.zeros(shifted_kw.shape)
        for step, shifted in enumerate(shifted_kw):
            returned[step] = self.returned_kw(owed)
            owed = self.next_owed_kw(owed, shifted)
        return returned, owed

    def consumption(
        self,
        load_kw: ArrayLike,
        load_kvar: ArrayLike,
        reduction: Reduction,
        returned_kw: ArrayLike,
    ) -> tuple[FloatArray, FloatArray]:
        """P and Q that the loads take, (scenario, device) each [kW, kvar]; below zero a bus gives power to the grid."""
        p = np.asarray(load_kw, dtype=float)
        q = np.asarray(load_kvar, dtype=float)
        returned = np.asarray(returned_kw, dtype=float)
        change = returned - reduction.curtailed_kw - reduction.shifted_kw
        return p + change, q + self.kvar_per_kw(p, q) * change

    def kvar_per_kw(self, load_kw: ArrayLike, load_kvar: ArrayLike) -> FloatArray:
        """By how much reactive power follows active power, (scenario, device); 0 where a load of zero has no power factor."""
        p = np.asarray(load_kw, dtype=float)
        q = np.asarray(load_kvar, dtype=float)
        follows = np.zeros(np.broadcast_shapes(p.shape, q.shape))
        if self.at_power_factor:
            np.divide(q, p, out=follows, where=p != 0)
        return follows


def equal_parts(steps: int, factor: float = 1.0) -> FloatArray:
    """The kernel that brings shifted power back in equal parts, (lag,).

    Args:
        steps: number of steps after the shift in which a part comes back.
        factor: share of the shifted energy that comes back in all; 1 is lossless.

    Raises:
        InputError: if there is no step.
    """
    if steps < 1:
        raise InputError(
            f"A rebound in equal parts needs at least one step; got {steps}."
        )
    return np.full(steps, factor / steps)


def _is_amount(values: FloatArray) -> BoolArray:
    return (values >= 0) & np.isfinite(values)


def _fit(name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    array = np.asarray(value, dtype=float)
    try:
        return np.broadcast_to(array, shape).copy()
    except ValueError:
        raise ShapeError(
            f"{name} of the flexible loads has shape {array.shape}; expected {shape}."
        ) from None
