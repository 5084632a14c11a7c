"""Limits of what a line may lose, as rows beside those of branch flows (eq. 29 of the papers; off unless asked for).

A loss is the power into all conductors of a line, so it is a row in kW that adds up all of them. It is convex in what DERs
inject: its rows are renewed at every linearisation, as those of flows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from scipy import sparse

from tieline.errors import InputError, unknown_name_message
from tieline.linear.blocks import assemble
from tieline.network.network import Network
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.problem import NetworkLimits
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA


def with_loss_limits(
    network: Network, limits: NetworkLimits, loss_kw: Mapping[str, float]
) -> NetworkLimits:
    """Limits with the highest loss of some lines.

    Args:
        network: feeder arrays.
        limits: of voltages and flows.
        loss_kw: highest loss of each line by name [kW].

    Raises:
        InputError: for a line that is not there.
    """
    lines = {line.name for line in network.feeder.lines}
    unknown = [name for name in loss_kw if name not in lines]
    if unknown:
        where = f"of feeder '{network.feeder.name}'"
        raise InputError(unknown_name_message("line", unknown[0], lines, where))
    places = [network.element_index["line", name] for name in loss_kw]
    elements = np.array(places, dtype=np.int64)
    names = tuple(f"line '{name}' loss" for name in loss_kw)
    highest = np.array(list(loss_kw.values()), dtype=float)
    rows = _rows(network, names, elements, highest)
    return dataclasses.replace(limits, flows=_joined(limits.flows, rows))


def _rows(
    network: Network, names: tuple[str, ...], elements: IntArray, highest: FloatArray
) -> FlowLimits:
    terminals = network.terminals
    row = np.full(len(network.elements), -1)
    row[elements] = np.arange(len(elements))
    row_of_terminal = row[terminals.element]
    conductors = np.flatnonzero(row_of_terminal >= 0)
    rows = row_of_terminal[conductors]
    ones = np.ones(len(conductors))
    shape = (len(names), len(terminals.element))
    gather = assemble(rows, conductors, ones, shape)
    return FlowLimits(
        names=names,
        element=elements,
        side=np.ones(len(names), dtype=np.int64),
        unit=np.array(["kW"] * len(names), dtype="<U3"),
        sign=np.ones(len(names)),
        limit=highest,
        scale=np.maximum(highest, S_BASE_KVA),
        gather=gather,
    )


def _joined(first: FlowLimits, second: FlowLimits) -> FlowLimits:
    """The rows of two tables."""
    columns = {}
    for name in ("element", "side", "unit", "sign", "limit", "scale"):
        parts = (getattr(first, name), getattr(second, name))
        columns[name] = np.concatenate(parts)
    stack = sparse.vstack([first.gather, second.gather])
    gather = sparse.csr_array(stack)
    return FlowLimits(names=first.names + second.names, gather=gather, **columns)
