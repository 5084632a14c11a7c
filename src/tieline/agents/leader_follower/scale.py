"""`Scale`: what learners see, shifted and divided so that every number varies by about one.

Tokens are of the size of one, but the difference between two DERs that decides may be a hundredth of it, and a small network
learns a hundred times slower from such an input. Measured once, before learning; a policy has it in the weights of its first
layer:

    W (x - mean) / spread + b = W' x + b',     W' = W / spread,     b' = b - W' mean
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray

CONSTANT = 1e-6
"""A spread below which an input counts as constant: it is only shifted."""


@dataclass(frozen=True, eq=False)
class Scale:
    """Mean and spread of each input of each learner, (learner, input)."""

    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, inputs: FloatArray, is_there: BoolArray) -> Scale:
        """From inputs (learner, game, der, input) of the DERs that are there, (learner, game, der)."""
        counts = is_there[..., None]
        tokens = (1, 2)
        n_tokens = counts.sum(axis=tokens)
        # a learner that saw no DER gets the mean 0 in place of 0 / 0
        divisor = np.maximum(n_tokens, 1)
        inputs_there = np.where(counts, inputs, 0.0)
        mean = inputs_there.sum(axis=tokens) / divisor
        distance = inputs - mean[:, None, None]
        distance_there = np.where(counts, distance, 0.0)
        squares = distance_there**2
        variance = squares.sum(axis=tokens) / divisor
        spread = np.sqrt(variance)
        varies = spread > CONSTANT
        return cls(mean, np.where(varies, spread, 1.0))

    def __call__(self, inputs: FloatArray) -> FloatArray:
        """Inputs in this measure, (learner, game, der, input)."""
        shifted = inputs - self.mean[:, None, None]
        return shifted / self.spread[:, None, None]

    def folded(
        self, layer: tuple[FloatArray, FloatArray], learner: int
    ) -> tuple[FloatArray, FloatArray]:
        """The first layer of a learner's actors for inputs as they are seen: weight (agent, input, out), bias (agent, out)."""
        weight, bias = layer
        spread = self.spread[learner]
        # in double: differences of large numbers are taken
        scaled = np.asarray(weight, float) / spread[:, None]
        shift = self.mean[learner] @ scaled
        return scaled, np.asarray(bias, float) - shift
