"""`Seats`: who learns where, when regions and seeds learn side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Seats:
    """How (region, seed, game) becomes (learner, game): a learner per region and seed, or per seed with shared networks."""

    n_regions: int
    n_seeds: int
    is_shared: bool

    @property
    def n_learners(self) -> int:
        """Learners side by side."""
        if self.is_shared:
            return self.n_seeds
        return self.n_regions * self.n_seeds

    def learner_of(self, region: int, seed: int) -> int:
        """Who learns in a region with the seed of that place."""
        if self.is_shared:
            return seed
        return region * self.n_seeds + seed

    def seat(self, array: np.ndarray) -> np.ndarray:
        """(region, seed, game, ...) -> (learner, game, ...)."""
        if self.is_shared:
            array = np.swapaxes(array, 0, 1)
        return array.reshape(self.n_learners, -1, *array.shape[3:])

    def unseat(self, array: np.ndarray) -> np.ndarray:
        """(learner, game) -> (region, seed, game)."""
        if self.is_shared:
            by_seed = array.reshape(self.n_seeds, self.n_regions, -1)
            return np.swapaxes(by_seed, 0, 1)
        return array.reshape(self.n_regions, self.n_seeds, -1)
