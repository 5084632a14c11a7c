"""Random paths with a memory: independent child seeds, and noise whose values forget each other exponentially.

The noise is a stationary Ornstein-Uhlenbeck process x with mean 0 and standard deviation 1, read at even steps:

    x[t+1] = rho x[t] + sqrt(1 - rho^2) e[t],  rho = exp(-step / memory),  e standard normal

Exact at any step (G. E. Uhlenbeck, L. S. Ornstein, On the theory of the Brownian motion, Phys. Rev. 36, 1930,
doi:10.1103/PhysRev.36.823).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.signal import lfilter

from tieline.typing import FloatArray


def child(seed: int, *path: int) -> np.random.Generator:
    """The generator at a place in the tree of seeds, for example (scenario, topic).

    The same place gives the same numbers however many neighbours are drawn (`SeedSequence.spawn` numbers its children so).
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=path))


def correlation(step_h: float, memory_h: float) -> float:
    """Correlation between neighbouring steps; a memory of zero gives none."""
    if memory_h > 0:
        return math.exp(-step_h / memory_h)
    return 0.0


def remember(innovations: FloatArray, rho: float) -> FloatArray:
    """Paths with correlation `rho` between steps from standard normal numbers; time is the first axis, in their shape."""
    scaled = innovations.copy()
    # all but the first: the path begins in its steady state, with no warming up
    scaled[1:] *= math.sqrt(1 - rho**2)
    return np.asarray(lfilter([1.0], [1.0, -rho], scaled, axis=0))
