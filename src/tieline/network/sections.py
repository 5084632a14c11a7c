"""Galvanic sections of a network, and how well the voltage of each to ground is determined.

A section is what conductors join: lines, windings, shunts. Transformers couple sections by voltage differences only, therefore
the common voltage of a section to ground follows from its admittance to ground alone,

    y = sum over its nodes i and j of Y_ij,

which for a delta that nothing earths is no more than the charging of its lines and the antifloat shunts of its windings. The
currents of the windings cancel in that sum, up to their last digits: its common voltage is known to

    eps sqrt(sum |Y_ij|^2) / |y|,    i in the section, j beyond it,

as rounding errors add up, however long an iteration goes on. Where the matrix is factorised anew at every iteration, all entries
of the section take part, j within it as well. Loads between phases do not see the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tieline.feeders.connections import Pair, phase_pairs
from tieline.feeders.joining import number_parts
from tieline.network.network import Network
from tieline.typing import BoolArray, FloatArray, IntArray

NETWORKS_KEPT = 16
"""As many as plans are kept for."""

GROUND_NUMBER = 0
"""Number of ground at a bus, where no node is."""

Tie = tuple[str, str]
"""Names of two nodes that a conductor joins."""


@dataclass(frozen=True, eq=False)
class Sections:
    """Galvanic sections while the feeder's own lines are closed.

    Attributes:
        of_node: number of the section of each node, (node,).
        to_ground_pu: admittance of each to ground, (section,) [pu]; infinite at an ideal source.
        is_earthed: whether the source or a winding with an earthed end stands in it, (section,).
        noise_pu: how well the voltage of each to ground can be known, (section,) [pu], while the factors of the matrix stay the
            same; huge where nothing determines it.
        newton_noise_pu: the same where the matrix is factorised anew at every iteration.
    """

    of_node: IntArray
    to_ground_pu: FloatArray
    is_earthed: BoolArray
    noise_pu: FloatArray
    newton_noise_pu: FloatArray


@lru_cache(maxsize=NETWORKS_KEPT)
def sections_of(network: Network) -> Sections:
    """The sections of a network, which never changes and is its own key."""
    section = _number_sections(network)
    count = int(section.max()) + 1
    y = network.nodal_admittance(network.states.as_feeder).tocoo()
    value = np.asarray(y.data, dtype=np.complex128)
    section_of_row = section[y.row]
    is_inside = section_of_row == section[y.col]
    inside = is_inside.astype(float)
    conductance = _sum_by_section(section_of_row, value.real * inside, count)
    susceptance = _sum_by_section(section_of_row, value.imag * inside, count)
    to_ground = np.hypot(conductance, susceptance)
    # an ideal source holds its voltage to ground
    to_ground[section[network.held_nodes]] = np.inf
    squares = np.abs(value) ** 2
    coupling_squares = squares * (1.0 - inside)
    # what stands inside a section is rounded once for all iterations, unless the factors are taken anew
    of_couplings = _sum_by_section(section_of_row, coupling_squares, count)
    of_all = _sum_by_section(section_of_row, squares, count)
    return Sections(
        of_node=section,
        to_ground_pu=to_ground,
        is_earthed=_has_earth(network, section, count),
        noise_pu=_noise_pu(of_couplings, to_ground),
        newton_noise_pu=_noise_pu(of_all, to_ground),
    )


def _sum_by_section(section: IntArray, values: FloatArray, count: int) -> FloatArray:
    """Sum of the values of each section, (section,); `section` and `values` are (value,)."""
    return np.bincount(section, values, count).astype(np.float64)


def _noise_pu(squares: FloatArray, to_ground: FloatArray) -> FloatArray:
    """What rounding leaves unknown of each section's voltage, from the sum of its squared admittances, (section,) [pu]."""
    limits = np.finfo(float)
    return limits.eps * np.sqrt(squares) / np.maximum(to_ground, limits.tiny)


def _number_sections(network: Network) -> IntArray:
    """Number of the section of each node, (node,)."""
    index = network.node_index
    # a tie to ground joins nothing: two sections that are both earthed keep voltages of their own
    ties = [(a, b) for a, b in _ties(network) if a in index and b in index]
    row = [index[a] for a, _ in ties]
    column = [index[b] for _, b in ties]
    return number_parts(network.n_nodes, row, column)


def _has_earth(network: Network, section: IntArray, count: int) -> BoolArray:
    """Whether the source or an earthed end of a winding stands in each section, (section,)."""
    earthed_nodes = network.source_nodes.tolist()
    for transformer in network.feeder.transformers:
        for winding in transformer.windings:
            for phase, end in phase_pairs(winding.nodes, winding.connection):
                if end == GROUND_NUMBER:
                    node = network.node_index[f"{winding.bus}.{phase}"]
                    earthed_nodes.append(node)
    is_earthed = np.zeros(count, dtype=bool)
    is_earthed[section[earthed_nodes]] = True
    return is_earthed


def _ties(network: Network) -> Iterator[Tie]:
    """Nodes that lines, windings, capacitors and shunts join; ground is number 0 of a bus, which is no node."""
    feeder = network.feeder
    for line in feeder.lines:
        if line.closed:
            for a, b in zip(line.from_nodes, line.to_nodes, strict=True):
                yield f"{line.from_bus}.{a}", f"{line.to_bus}.{b}"
    for transformer in feeder.transformers:
        for winding in transformer.windings:
            yield from _named(
                winding.bus, phase_pairs(winding.nodes, winding.connection)
            )
    for element in (*feeder.capacitors, *feeder.shunts):
        yield from _named(element.bus, phase_pairs(element.nodes, element.connection))


def _named(bus: str, pairs: list[Pair]) -> Iterator[Tie]:
    return ((f"{bus}.{a}", f"{bus}.{b}") for a, b in pairs)
