"""The branches of a single-phase equivalent as the textbook has them: r + jx between two ideal ratios.

A source behind an impedance is one more branch, from a slack node that is appended to the network's nodes. Shunts (capacitors,
charging, magnetising) are gathered per node; loads are devices and not among them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from tieline.errors import InputError
from tieline.feeders.elements import Nodes
from tieline.linear.affine import Affine
from tieline.linear.blocks import assemble, selection, times_rows
from tieline.linear.setting import Setting
from tieline.network.admittance import (
    line_admittances_s,
    winding_admittance_s,
    winding_volt,
)
from tieline.network.current_sources import require_no_current_sources
from tieline.network.network import Network
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Equivalent:
    """Branches (branch,) and nodes of a single-phase equivalent; the source's branch, if it has one, stands last.

    Attributes:
        names: "line 'x'", "transformer 'y'".
        start, end: nodes of each branch.
        z_pu: series impedance [pu]; of an open line too.
        closed: 1 or 0.
        ratio_start, ratio_end: turns ratio of each end against the bus bases [pu]: V / ratio is what drives the impedance.
        shift_rad: by how much the end lags the start at no load.
        shunt_pu: admittance to ground at each node [pu].
        slack: the node whose voltage is given.
        slack_pu, slack_rad: its voltage.
        n_listed: branches that are lines and transformers of the feeder.
    """

    names: tuple[str, ...]
    start: IntArray
    end: IntArray
    z_pu: ComplexArray
    closed: FloatArray
    ratio_start: FloatArray
    ratio_end: FloatArray
    shift_rad: FloatArray
    shunt_pu: ComplexArray
    slack: int
    slack_pu: float
    slack_rad: float
    n_listed: int

    @property
    def n_nodes(self) -> int:
        """Nodes, the appended one included."""
        return len(self.shunt_pu)

    @property
    def y_pu(self) -> ComplexArray:
        """Series admittance, 0 for an open line, (branch,) [pu]."""
        return self.closed / self.z_pu


def make_equivalent(network: Network, setting: Setting, model: str) -> Equivalent:
    """Branches and shunts of a single-phase equivalent at a setting.

    Raises:
        InputError: if the feeder is no single-phase equivalent or has current sources, or a transformer more than two windings.
    """
    feeder = network.feeder
    require_no_current_sources(feeder, f"The {model} model")
    if not feeder.single_phase_equivalent:
        raise InputError(
            f"The {model} model is for single-phase equivalents; feeder '{feeder.name}' has phases. Use lindistflow."
        )
    branches = [
        *_lines(network, setting),
        *_transformers(network, setting, model),
        *_source(network),
    ]
    names, *columns = zip(*branches, strict=True)
    arrays: dict[str, Any] = {
        name: np.array(column)
        for name, column in zip(_Branch._fields[1:], columns, strict=True)
    }
    source = int(network.source_nodes[0])
    return Equivalent(
        names=names,
        **arrays,
        shunt_pu=_shunts(network, setting, branches),
        slack=source if network.source_is_ideal else network.n_nodes,
        slack_pu=float(setting.source_pu[0])
        * feeder.source.kv_ll
        / float(network.node_kv[source]),
        slack_rad=math.radians(feeder.source.angles_deg[0]),
        n_listed=len(feeder.lines) + len(feeder.transformers),
    )


class _Branch(NamedTuple):
    """One row of the arrays of `Equivalent`."""

    name: str
    start: int
    end: int
    z_pu: complex
    closed: float = 1.0
    ratio_start: float = 1.0
    ratio_end: float = 1.0
    shift_rad: float = 0.0


def _lines(network: Network, setting: Setting) -> Iterator[_Branch]:
    frequency_hz = network.feeder.frequency_hz
    closed = setting.state[network.states.lines]
    for k, line in enumerate(network.feeder.lines):
        start = _node(network, line.from_bus, line.from_nodes)
        end = _node(network, line.to_bus, line.to_nodes)
        smallest_ohm = float(network.smallest_ohm[start])
        series_s, _ = line_admittances_s(line, frequency_hz, smallest_ohm)
        z_ohm = 1 / complex(series_s[0, 0])
        # One, unless a line joins two voltage bases: then it acts as an ideal ratio at its end.
        bases = float(network.node_kv[start] / network.node_kv[end])
        yield _Branch(
            name=f"line '{line.name}'",
            start=start,
            end=end,
            z_pu=z_ohm / _base_ohm(network, start),
            closed=float(closed[k]),
            ratio_end=bases,
        )


def _transformers(network: Network, setting: Setting, model: str) -> Iterator[_Branch]:
    for k, transformer in enumerate(network.feeder.transformers):
        windings = transformer.windings
        if len(windings) != 2:
            raise InputError(
                f"The {model} model knows transformers of two windings; '{transformer.name}' has {len(windings)}. "
                "Replace it by two transformers."
            )
        start, end = (
            _node(network, winding.bus, winding.nodes) for winding in windings
        )
        # The state holds 1 / tap of every winding, the two of this transformer side by side.
        inverse_tap = setting.state[network.states.first_winding[k] :][:2]
        rated_volt = np.array(
            [winding_volt(transformer, winding) for winding in windings]
        )
        base_volt = network.node_kv[[start, end]] * 1e3
        ratio_start, ratio_end = rated_volt / inverse_tap / base_volt
        mutual_s = winding_admittance_s(transformer)[0, 1]
        power_va = complex(mutual_s * rated_volt.prod())
        yield _Branch(
            name=f"transformer '{transformer.name}'",
            start=start,
            end=end,
            # Between windings stands minus the series admittance.
            z_pu=-S_BASE_KVA * 1e3 / power_va,
            ratio_start=float(ratio_start),
            ratio_end=float(ratio_end),
            shift_rad=math.radians(transformer.shift_deg),
        )


def _source(network: Network) -> Iterator[_Branch]:
    if not network.source_is_ideal:
        source = network.feeder.source
        node = int(network.source_nodes[0])
        z_ohm = complex(source.r1_ohm, source.x1_ohm)
        yield _Branch("source", network.n_nodes, node, z_ohm / _base_ohm(network, node))


def _node(network: Network, bus: str, nodes: Nodes) -> int:
    return network.node_index[f"{bus}.{nodes[0]}"]


def _base_ohm(network: Network, node: int) -> float:
    return float(network.node_kv[node]) ** 2 * 1e3 / S_BASE_KVA


def _shunts(
    network: Network, setting: Setting, branches: list[_Branch]
) -> ComplexArray:
    """What is left of the diagonal of the nodal admittance without the branches, (node,) [pu]."""
    diagonal = network.nodal_admittance(setting.state).diagonal()
    appended = [] if network.source_is_ideal else [0.0]
    shunt = np.concatenate([diagonal, appended])
    for branch in branches:
        y_pu = branch.closed / branch.z_pu
        shunt[branch.end] -= y_pu / branch.ratio_end**2
        if branch.start < network.n_nodes:
            # the appended node has no diagonal to take from
            shunt[branch.start] -= y_pu / branch.ratio_start**2
    return shunt


def incidence(
    equivalent: Equivalent, at_start: FloatArray | float, at_end: FloatArray | float
) -> sparse.csr_array:
    """(branch, node) matrix with `at_start` at the start of each branch and minus `at_end` at its end."""
    count = len(equivalent.start)
    start_values = np.broadcast_to(at_start, count)
    end_values = np.broadcast_to(at_end, count)
    values = np.concatenate([start_values, -end_values]).astype(float)
    rows = np.tile(np.arange(count), 2)
    columns = np.concatenate([equivalent.start, equivalent.end])
    return assemble(rows, columns, values, (count, equivalent.n_nodes))


def node_of_devices(network: Network, n_nodes: int) -> sparse.csr_array:
    """(node, device) share of each device's power at each node; a device of an equivalent sits between a node and ground."""
    devices = network.devices
    shape = (n_nodes, len(devices.p_kw))
    return assemble(devices.plus, devices.device, devices.share, shape)


def node_of_network(network: Network, n_nodes: int) -> sparse.csr_array:
    """(node, network node), one where both are the same; nothing is taken at a node that was appended for the source."""
    return selection(np.arange(network.n_nodes), n_nodes).T.tocsr()


def listed(
    equivalent: Equivalent, flows: sparse.csr_array, constant: FloatArray
) -> Affine:
    """Flows in kW or kvar of the feeder's own branches, from those of all branches in per unit."""
    feeder_branches = slice(equivalent.n_listed)
    matrix = flows[feeder_branches] * S_BASE_KVA
    return Affine(matrix, constant[feeder_branches] * S_BASE_KVA)


def without_slack(
    equivalent: Equivalent, blocks: int, matrix: sparse.csr_array
) -> sparse.csr_array:
    """A matrix with empty rows for the slack, whose values are given; it has `blocks` rows per node, block by block."""
    weight = np.ones(blocks * equivalent.n_nodes)
    weight[equivalent.slack :: equivalent.n_nodes] = 0.0
    return times_rows(weight, matrix)
