"""Loading of lines and transformers: current or apparent power in percent of the rating; see `network.ratings`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import sparse

from tieline.network.network import Network
from tieline.typing import ComplexArray, FloatArray, IntArray

ELEMENTS_KEPT = 16
"""States of which the matrix of some elements is kept: lines and transformers of a few situations."""


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


def loading_of_elements(
    network: Network, v_by_node: ComplexArray, state: FloatArray, elements: IntArray
) -> FloatArray:
    """The same of some elements, straight from the voltages of scenarios that share taps, steps and switches.

    Args:
        network: feeder arrays.
        v_by_node: node voltages, all scenarios of a node side by side, (node, scenario) [pu].
        state: state vector of all of them, (state,).
        elements: which, each with a terminal conductor, (place,).

    Returns:
        (scenario, place) [%]; NaN where no rating is known.
    """
    admittance, start = _shares_of_rating(network, state.tobytes(), elements.tobytes())
    # in this order the product and the maximum run along memory
    share: ComplexArray = np.asarray(admittance @ v_by_node)
    square = share.real**2
    square += share.imag**2
    largest = np.maximum.reduceat(square, start, axis=0)
    return 100 * np.sqrt(largest).T


@lru_cache(maxsize=ELEMENTS_KEPT)
def _shares_of_rating(
    network: Network, state: bytes, elements: bytes
) -> tuple[sparse.csr_array, IntArray]:
    """Share of its rating that each conductor of some elements carries, per unit of the node voltages, and the first conductor of
    each element.
    """
    of_element = network.terminals.element
    places = np.frombuffer(elements, dtype=np.int64)
    first = np.searchsorted(of_element, places, side="left")
    last = np.searchsorted(of_element, places, side="right")
    conductors = np.concatenate(
        [np.arange(*ends) for ends in zip(first, last, strict=True)]
    )
    base_a = network.node_base_a[network.terminals.node[conductors]]
    share_per_pu = base_a / network.ratings.conductor_a[conductors]
    admittance = network.terminal_admittance(np.frombuffer(state))[conductors]
    scaled = sparse.diags_array(share_per_pu) @ admittance
    start = np.concatenate([[0], np.cumsum(last - first)[:-1]])
    return sparse.csr_array(scaled), start


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
