"""Loading of lines and transformers: current or apparent power in percent of the rating; see `network.ratings`."""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.typing import ComplexArray, FloatArray, IntArray


def current_loading_pct(network: Network, current_a: FloatArray) -> FloatArray:
    """Loading by current: the conductor nearest to its rating.

    Args:
        network: feeder arrays.
        current_a: current magnitude at every terminal conductor, (scenario, terminal) [A].

    Returns:
        (scenario, element) [%]; NaN where no rating is known.
    """
    share = current_a / network.ratings.conductor_a
    return _largest_of_elements(network, share, network.terminals.element) * 100


def power_loading_pct(network: Network, kva: ComplexArray) -> FloatArray:
    """Loading by apparent power: the end nearest to its rating.

    Args:
        network: feeder arrays.
        kva: power into every terminal conductor, (scenario, terminal) [kVA].

    Returns:
        (scenario, element) [%]; NaN where no rating is known.
    """
    ratings = network.ratings
    if len(ratings.end_start) == 0:  # `reduceat` refuses to sum over no ends
        return _largest_of_elements(
            network, np.empty((len(kva), 0)), ratings.end_element
        )
    # The complex sum: what goes in by one conductor of an end and out by another is no load of it.
    end_kva = np.add.reduceat(kva, ratings.end_start, axis=1)
    share = np.abs(end_kva) / ratings.end_kva
    return _largest_of_elements(network, share, ratings.end_element) * 100


def _largest_of_elements(
    network: Network, share: FloatArray, element: IntArray
) -> FloatArray:
    """Largest of the columns of each element, which stand side by side; NaN for an element without any."""
    largest = np.full((len(share), len(network.elements)), np.nan)
    present, start = np.unique(element, return_index=True)
    if len(present):
        largest[:, present] = np.maximum.reduceat(share, start, axis=1)
    return largest
