"""`Ratings`: what each line and transformer may carry, as currents of its conductors and as apparent power of its ends.

    line, rated in A        every conductor carries it; in power it is the sum over the phase conductors at nominal voltage
    line, rated in kVA      the same the other way round: the current that carries it at nominal voltage, spread over the phases
    transformer             every winding has its share of the rating; its current is that of this power at the winding's rated
                            voltage, whatever the tap:  S / (phases V), times sqrt(3) at the corners of a closed delta

A line that is rated both ways has both. Loading by current is what pandapower shows by default, and PowerFactory and ETAP;
MATPOWER limits power. The neutral of several phases is not rated with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tieline.feeders.elements import Line, Transformer, Winding
from tieline.network.admittance import winding_volt
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA, SQRT3

if TYPE_CHECKING:
    from tieline.network.network import Network

PHASES = (1, 2, 3)


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings of one network. An end is one side of an element: the end of a line, a winding of a transformer.

    Attributes:
        conductor_a: of each terminal conductor, (terminal,) [A]; NaN where nothing is rated, infinite at neutrals of windings.
        end_start: first terminal conductor of each end; the others follow it, (end,).
        end_element: element of each end, (end,).
        end_kva: of each end, (end,) [kVA]; NaN where nothing is rated.
    """

    conductor_a: FloatArray
    end_start: IntArray
    end_element: IntArray
    end_kva: FloatArray

    def of_element_kva(self, element: int) -> float:
        """Rating of the first end of an element [kVA]."""
        return float(self.end_kva[np.searchsorted(self.end_element, element)])


def make_ratings(network: Network) -> Ratings:
    """The ratings of a network's lines and transformers; other elements have none."""
    terminals = network.terminals
    # a new end begins wherever element or side change
    is_other_element = np.diff(terminals.element, prepend=-1) != 0
    is_other_side = np.diff(terminals.side, prepend=0) != 0
    end_start = np.flatnonzero(is_other_element | is_other_side)
    conductors_of = np.split(np.arange(len(terminals.node)), end_start[1:])
    conductor_a = np.full(len(terminals.node), np.nan)
    end_kva = np.full(len(end_start), np.nan)
    end_element = terminals.element[end_start]
    end_side = terminals.side[end_start]
    rated = _rated_parts(network)
    for k, element in enumerate(end_element):
        part = rated.get(network.elements[element])
        conductors = conductors_of[k]
        if isinstance(part, Line):
            conductor_a[conductors], end_kva[k] = _line_end(network, part, conductors)
        elif isinstance(part, Transformer):
            winding = part.windings[end_side[k] - 1]
            conductor_a[conductors], end_kva[k] = _winding_end(network, part, winding)
    return Ratings(conductor_a, end_start, end_element, end_kva)


def _rated_parts(network: Network) -> dict[tuple[str, str], Line | Transformer]:
    """Lines and transformers by kind and name."""
    parts: dict[tuple[str, str], Line | Transformer] = {}
    for line in network.feeder.lines:
        parts["line", line.name] = line
    for unit in network.feeder.transformers:
        parts["transformer", unit.name] = unit
    return parts


def _line_end(
    network: Network, line: Line, conductors: IntArray
) -> tuple[FloatArray, float]:
    """Current of each conductor [A] and power of all [kVA] that one end of a line may carry."""
    rating_a = line.current_rating_a or np.nan
    rating_kva = line.rating_kva or np.nan
    node = network.terminals.node[conductors]
    is_phase = np.isin(network.node_number[node], PHASES)
    phases = node
    if is_phase.any():
        phases = node[is_phase]
    a_per_kva = network.node_base_a / S_BASE_KVA
    if np.isnan(rating_a):
        kva_per_phase = rating_kva / len(phases)
        return kva_per_phase * a_per_kva[node], rating_kva
    if np.isnan(rating_kva):
        kva_of_phases = rating_a / a_per_kva[phases]
        rating_kva = float(kva_of_phases.sum())
    return np.full(len(node), rating_a), rating_kva


def _winding_end(
    network: Network, transformer: Transformer, winding: Winding
) -> tuple[FloatArray, float]:
    """The same of one winding of a transformer."""
    first_kva = transformer.windings[0].kva
    kva = winding.kva * (transformer.rating_kva or first_kva) / first_kva
    current_a = kva * 1e3 / transformer.phases / winding_volt(transformer, winding)
    if network.feeder.single_phase_equivalent:
        current_a /= SQRT3
    if winding.connection == "delta" and transformer.phases == 3:
        current_a *= SQRT3
    of_node = np.full(len(winding.nodes), current_a)
    # both ends of a winding of one phase carry its current; a neutral of several is not rated
    if winding.connection == "wye" and transformer.phases > 1:
        of_node[-1] = np.inf
    return of_node[np.array(winding.nodes) != 0], kva
