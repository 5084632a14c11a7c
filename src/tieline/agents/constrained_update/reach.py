"""Which constraints can be reached by one update: only these need to stand in its program.

Inside its trust region an agent changes what it does at sample s by da_s = L_s (e_s + A_s zeta_s), with the mean over samples of
|e_s|^2 + |A_s|^2 at most 2 delta (see `fisher`; |A|_F^2 <= 1/2 |A + A^T|_F^2 for triangular A). With c_s = dJ/da_s, by Cauchy and
Schwarz twice,

    |change of J| <= sqrt( 2 delta  x  samples  x  sum over s of (1 + |zeta_s|^2) |L_s^T c_s|^2 )

which needs no derivative by parameters. It bounds the linear change for any network whatsoever.

c_s follows from broadcast voltages and the network, which all agents know, but L and zeta are an agent's own. For all to come to
the same set by themselves, L is replaced by a standard deviation that they have agreed on, and |zeta|^2 by its mean, the number
of actions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.typing import BoolArray, FloatArray


def reach_bound(
    by_action: FloatArray, factor: FloatArray, noise: FloatArray, delta: float
) -> FloatArray:
    """How far one agent can change each return, at most, (return,).

    Args:
        by_action: derivative of each return by the action at each sample, (return, sample, action).
        factor: L, (sample, action, action).
        noise: zeta, (sample, action).
        delta: size of the trust region.
    """
    in_deviations = np.einsum("rsi,sij->rsj", by_action, factor)
    strength = np.sum(in_deviations**2, axis=2)
    noise_strength = np.sum(noise**2, axis=1)
    total = strength @ (1.0 + noise_strength)
    n_samples = len(noise)
    return np.sqrt(2.0 * delta * n_samples * total)


def public_reach(
    by_action: FloatArray, largest_spread: float, delta: float
) -> FloatArray:
    """The same from what all agents know: no action varies by more than `largest_spread`."""
    n_samples, n_actions = by_action.shape[1:]
    factor = largest_spread * np.broadcast_to(
        np.eye(n_actions), (n_samples, n_actions, n_actions)
    )
    return reach_bound(by_action, factor, np.ones((n_samples, n_actions)), delta)


def can_be_reached(slack: FloatArray, reaches: Sequence[FloatArray]) -> BoolArray:
    """Constraints whose slack, (constraint,), all agents together could use up; also all that are broken."""
    return slack < np.sum(reaches, axis=0)
