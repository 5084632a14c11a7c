"""`Tails`, a batch of windows as it was solved, and derivatives of its gain and of the tails of its limits by all set-points.

A wish beyond what a device can do has no effect further out, and all of it on the way back: its derivative is left as it is where
it points back, and is 0 where it points out. Were it 0 both ways, a wish that was once beyond would never come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.window_model import SetPointSlopes, WindowOutcome
from tieline.studies.microgrids.training.judge import DEVICE_WEIGHT, Judge
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Tails:
    """A batch as it was solved.

    Attributes:
        wish: set-points that agents asked for.
        outcome: what became of what devices could follow.
        window_weights: what each window counts in the gain, (window,).
        values: excess of each group and device, (scenario, row).
        places: the constraint of the grid that is worst in its group, (scenario, group).
        weights: what counts in the tail, (scenario, row).
    """

    wish: SetPoints
    outcome: WindowOutcome
    window_weights: FloatArray
    values: FloatArray
    places: IntArray
    weights: FloatArray

    @property
    def gain(self) -> float:
        """Of all microgrids, weighted mean over the windows [currency]."""
        of_windows = self.outcome.gain.sum(axis=1)
        mean = self.window_weights @ of_windows
        return float(mean)

    @property
    def means(self) -> FloatArray:
        """Of the tails, (row,)."""
        weighted = self.weights * self.values
        return weighted.sum(axis=0)

    @property
    def shape(self) -> tuple[int, ...]:
        """Windows, steps, DERs."""
        return self.wish.der_kw.shape

    @property
    def n_groups(self) -> int:
        """Groups of the grid; the rows after them are devices."""
        return self.places.shape[1]


def slopes_of(judge: Judge, tails: Tails) -> SetPointSlopes:
    """Derivatives of the gain, of tails of the grid and of tails of devices, (1 + row, window, step, der)."""
    gain = _gain_slopes(tails)
    grid = _grid_slopes(tails)
    devices = _device_slopes(judge, tails)
    by_kw = np.concatenate([gain.by_kw, grid.by_kw, devices.by_kw])
    by_kvar = np.concatenate([gain.by_kvar, grid.by_kvar, devices.by_kvar])
    return SetPointSlopes(by_kw, by_kvar)


def _gain_slopes(tails: Tails) -> SetPointSlopes:
    """(1, window, step, der)."""
    slopes = tails.outcome.gain_slopes()
    # a row of its own, and windows along the next axis
    weights = tails.window_weights[None, :, None, None]
    by_kw = weights * slopes.by_kw
    by_kvar = weights * slopes.by_kvar
    weighted = SetPointSlopes(by_kw, by_kvar)
    return _one_sided(tails, weighted, 1.0)


def _grid_slopes(tails: Tails) -> SetPointSlopes:
    """(group, window, step, der)."""
    in_tail = tails.weights[:, : tails.n_groups]
    scenario, group = np.nonzero(in_tail)
    worst = tails.places[scenario, group]
    slopes = tails.outcome.excess_slopes(scenario, worst)
    weight = in_tail[scenario, group][:, None]

    def spread_out(of_pairs: FloatArray) -> FloatArray:
        n_scenarios, n_groups = in_tail.shape
        _, n_ders = of_pairs.shape
        whole = np.zeros((n_groups, n_scenarios, n_ders))
        whole[group, scenario] = weight * of_pairs
        return whole.reshape(n_groups, *tails.shape)

    by_kw = spread_out(slopes.by_kw)
    by_kvar = spread_out(slopes.by_kvar)
    # a constraint is to fall
    return _one_sided(tails, SetPointSlopes(by_kw, by_kvar), -1.0)


def _device_slopes(judge: Judge, tails: Tails) -> SetPointSlopes:
    """(device, window, step, der)."""
    in_tail = tails.weights[:, tails.n_groups :]
    n_scenarios, n_devices = in_tail.shape
    # a sum for each device, in which it alone counts
    weights = np.zeros((n_devices, n_scenarios, n_devices))
    device = np.arange(n_devices)
    weights[device, :, device] = DEVICE_WEIGHT * in_tail.T
    by_window = weights.reshape(n_devices, *tails.shape)
    start = tails.outcome.windows.start
    return judge.device_slopes(tails.wish, start, by_window)


def _one_sided(tails: Tails, slopes: SetPointSlopes, better: float) -> SetPointSlopes:
    """Slopes without those that point out; `better` is 1 for what is to rise and -1 for what is to fall."""
    wish = tails.wish
    response = tails.outcome.set_points
    beyond_kw = wish.der_kw - response.der_kw
    beyond_kvar = wish.der_kvar - response.der_kvar
    by_kw = better * _inward(better * slopes.by_kw, beyond_kw)
    by_kvar = better * _inward(better * slopes.by_kvar, beyond_kvar)
    return SetPointSlopes(by_kw, by_kvar)


def _inward(rise: FloatArray, beyond: FloatArray) -> FloatArray:
    """0 where a rise leads further beyond."""
    leads_out = rise * beyond > 0
    return np.where(leads_out, 0.0, rise)
