"""The branches of a single-phase equivalent as the textbook has them: r + jx between two ideal ratios.

A source behind an impedance is one more branch, from a slack node that is appended to the network's nodes. Shunts (capacitors,
loads' constant admittances, charging, magnetising) are gathered per node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.errors import InputError
from tieline.feeders.elements import Line
from tieline.linear.affine import Affine
from tieline.linear.blocks import times_rows
from tieline.linear.setting import Setting
from tieline.network.admittance import line_admittances_s, winding_admittance_s, winding_volt
from tieline.network.network import Network
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

SLACK_BRANCH = "source"


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
        InputError: if the feeder is no single-phase equivalent, or a transformer has more than two windings.
    """
    feeder = network.feeder
    if not feeder.single_phase_equivalent:
        raise InputError(
            f"The {model} model is for single-phase equivalents; feeder '{feeder.name}' has phases. Use lindistflow."
        )
    rows = [*_lines(network, setting), *_transformers(network, setting, model), *_source(network)]
    names, start, end, z_pu, closed, ratio_start, ratio_end, shift = zip(*rows, strict=True)
    has_slack_branch = names[-1] == SLACK_BRANCH
    source = network.source_nodes[0]
    parts = (np.array(column) for column in (start, end, z_pu, closed, ratio_start, ratio_end, shift))
    start, end, z_pu, closed, ratio_start, ratio_end, shift = parts
    return Equivalent(
        names=names,
        start=start,
        end=end,
        z_pu=z_pu.astype(complex),
        closed=closed.astype(float),
        ratio_start=ratio_start,
        ratio_end=ratio_end,
        shift_rad=shift,
        shunt_pu=_shunts(network, setting, start, end, closed / z_pu, ratio_start, ratio_end, has_slack_branch),
        slack=network.n_nodes if has_slack_branch else int(source),
        slack_pu=setting.source_pu * feeder.source.kv_ll / float(network.node_kv[source]),
        slack_rad=np.radians(feeder.source.angle_deg),
        n_listed=len(rows) - has_slack_branch,
    )


Row = tuple[str, int, int, complex, float, float, float, float]


def _lines(network: Network, setting: Setting) -> Iterator[Row]:
    closed = setting.state[network.states.lines]
    for k, line in enumerate(network.feeder.lines):
        start, end = _nodes(network, line)
        series_s, _ = line_admittances_s(line, network.feeder.frequency_hz)
        z_pu = 1 / complex(series_s[0, 0]) / _base_ohm(network, start)
        # Ends on different bases are a line between two voltage levels' bases: the ratio of the bases, no transformer.
        yield f"line '{line.name}'", start, end, z_pu, closed[k], 1.0, network.node_kv[start] / network.node_kv[end], 0.0


def _transformers(network: Network, setting: Setting, model: str) -> Iterator[Row]:
    for k, transformer in enumerate(network.feeder.transformers):
        if len(transformer.windings) != 2:
            raise InputError(
                f"The {model} model knows transformers of two windings; '{transformer.name}' has {len(transformer.windings)}. "
                "Replace it by two transformers."
            )
        first, second = transformer.windings
        start, end = (int(network.nodes(f"{winding.bus}.{winding.nodes[0]}")[0]) for winding in (first, second))
        tap = 1 / setting.state[network.states.first_winding[k] :][:2]
        volt_squared = winding_volt(transformer, first) * winding_volt(transformer, second)
        z_pu = -S_BASE_KVA * 1e3 / complex(winding_admittance_s(transformer)[0, 1] * volt_squared)
        ratios = tap[0] * first.kv / network.node_kv[start], tap[1] * second.kv / network.node_kv[end]
        yield f"transformer '{transformer.name}'", start, end, z_pu, 1.0, *ratios, np.radians(transformer.shift_deg)


def _source(network: Network) -> Iterator[Row]:
    if not network.source_is_ideal:
        source, node = network.feeder.source, int(network.source_nodes[0])
        z_pu = complex(source.r1_ohm, source.x1_ohm) / _base_ohm(network, node)
        yield SLACK_BRANCH, network.n_nodes, node, z_pu, 1.0, 1.0, 1.0, 0.0


def _nodes(network: Network, line: Line) -> tuple[int, int]:
    start, end = network.nodes(f"{line.from_bus}.{line.from_nodes[0]}", f"{line.to_bus}.{line.to_nodes[0]}")
    return int(start), int(end)


def _base_ohm(network: Network, node: int) -> float:
    return float(network.node_kv[node]) ** 2 * 1e3 / S_BASE_KVA


def _shunts(network, setting, start, end, y_pu, ratio_start, ratio_end, has_slack_branch) -> ComplexArray:
    """What is left of the diagonal of the nodal admittance without the branches, (node,) [pu]."""
    shunt = np.zeros(network.n_nodes + has_slack_branch, dtype=complex)
    shunt[: network.n_nodes] = network.nodal_admittance(setting.state).diagonal()
    if has_slack_branch:
        shunt[network.n_nodes] = y_pu[-1]
    np.subtract.at(shunt, start, y_pu / ratio_start**2)
    np.subtract.at(shunt, end, y_pu / ratio_end**2)
    return shunt


def incidence(equivalent: Equivalent, at_start: FloatArray | float, at_end: FloatArray | float) -> sparse.csr_array:
    """(branch, node) matrix with `at_start` at the start of each branch and minus `at_end` at its end."""
    count, branch = len(equivalent.start), np.arange(len(equivalent.start))
    values = np.concatenate([np.broadcast_to(at_start, count), -np.broadcast_to(at_end, count)]).astype(float)
    where = np.tile(branch, 2), np.concatenate([equivalent.start, equivalent.end])
    return sparse.coo_array((values, where), shape=(count, equivalent.n_nodes)).tocsr()


def node_of_devices(network: Network, n_nodes: int) -> sparse.csr_array:
    """(node, device) share of each device's power at each node; a device of an equivalent sits between a node and ground."""
    devices = network.devices
    shape = (n_nodes, len(devices.p_kw))
    return sparse.coo_array((devices.share, (devices.plus, devices.device)), shape=shape).tocsr()


def listed(equivalent: Equivalent, flows: sparse.csr_array, constant: FloatArray) -> Affine:
    """Flows in kW or kvar of the feeder's own branches, from those of all branches in per unit."""
    own = slice(equivalent.n_listed)
    return Affine(flows[own] * S_BASE_KVA, constant[own] * S_BASE_KVA)


def without_slack(equivalent: Equivalent, blocks: int, matrix: sparse.csr_array) -> sparse.csr_array:
    """A matrix with empty rows for the slack, whose values are given; it has `blocks` rows per node, block by block."""
    keep = np.ones(blocks * equivalent.n_nodes)
    keep[equivalent.slack :: equivalent.n_nodes] = 0.0
    return times_rows(keep, matrix)
