"""The microgrids of a feeder: what lies behind each point of common coupling (PCC), seen from the source.

A PCC is a transformer or line. Without it, its microgrid has no other way to the source; where it has one, the point couples
nothing, and is refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.feeder import Feeder
from tieline.network.topology import bus_graph
from tieline.typing import IntArray

PCC_ENDING = "_pcc"
"""What `tieline feeders compose` calls the transformers between host and parts."""


@dataclass(frozen=True)
class Microgrid:
    """A privately owned part of the feeder.

    Attributes:
        name: that of the PCC, without its ending.
        pcc: the transformer or line that joins it.
        buses: behind the PCC.
        loads, ders: positions among the loads and DERs of the feeder, (load,) and (der,).
    """

    name: str
    pcc: str
    buses: frozenset[str]
    loads: IntArray
    ders: IntArray


def microgrids_of(
    feeder: Feeder, pccs: Sequence[str] | None = None
) -> tuple[Microgrid, ...]:
    """The microgrids behind some points.

    Args:
        feeder: a feeder that passed its checks.
        pccs: names of transformers or lines; None takes all whose name ends with `PCC_ENDING`.

    Raises:
        InputError: if there is no such element, none at all, one that couples nothing, or one that lies behind another; names
            each.
    """
    elements = {one.name: one for one in (*feeder.lines, *feeder.transformers)}
    names = _default(elements) if pccs is None else [pcc.lower() for pcc in pccs]
    if not names:
        raise InputError(
            f"Feeder '{feeder.name}' has no transformer or line called NAME{PCC_ENDING}. Compose one (tieline feeders compose), "
            "or name the elements behind which microgrids lie (pccs)."
        )
    unknown = [name for name in names if name not in elements]
    if unknown:
        where = f"of feeder '{feeder.name}'"
        messages = [
            unknown_name_message("transformer or line", name, elements, where)
            for name in unknown
        ]
        raise InputError(" ".join(messages))
    behind = {name: _buses_behind(feeder, name) for name in names}
    loops = [name for name, buses in behind.items() if not buses]
    if loops:
        raise InputError(
            f"Behind {', '.join(loops)} lies no microgrid: without it every bus is still fed. Name an element that alone feeds "
            "what lies behind it."
        )
    _require_apart(behind)
    return tuple(_microgrid(feeder, name, buses) for name, buses in behind.items())


def _require_apart(behind: Mapping[str, frozenset[str]]) -> None:
    """Refuse microgrids within microgrids: both would set the same devices, and pay for them."""
    pairs = []
    for inner, outer in itertools.permutations(behind, 2):
        if behind[inner] <= behind[outer]:
            pairs.append(f"{inner} lies behind {outer}")
    if pairs:
        raise InputError(
            f"A microgrid within a microgrid has two owners: {'; '.join(pairs)}. Name one of each in pccs."
        )


def _default(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith(PCC_ENDING)]


def _buses_behind(feeder: Feeder, pcc: str) -> frozenset[str]:
    """Buses that lose the source with this element."""
    source = feeder.source.bus
    # a copy, from which the point is taken out
    graph = nx.MultiGraph(bus_graph(feeder))
    fed_buses = nx.node_connected_component(graph, source)
    # keys are "kind.name"
    keys = {f"line.{pcc}", f"transformer.{pcc}"}
    edges = [edge for edge in graph.edges(keys=True) if edge[2] in keys]
    graph.remove_edges_from(edges)
    return frozenset(fed_buses - nx.node_connected_component(graph, source))


def _microgrid(feeder: Feeder, pcc: str, buses: frozenset[str]) -> Microgrid:
    in_microgrid = [load.bus in buses for load in feeder.loads]
    der_in_microgrid = [der.bus in buses for der in feeder.ders]
    return Microgrid(
        name=pcc.removesuffix(PCC_ENDING),
        pcc=pcc,
        buses=buses,
        loads=np.flatnonzero(in_microgrid),
        ders=np.flatnonzero(der_in_microgrid),
    )
