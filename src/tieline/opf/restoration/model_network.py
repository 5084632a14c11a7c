"""`ModelNetwork`: the tree of buses that the programs see of an island, and where loads and units stand in it.

An island with phases stands with its balanced equivalent: the exact step, on phases, is the judge. Loads count at their rated
power whatever the voltage: a share times a voltage would be no cone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.feeders.equivalent import equivalent
from tieline.linear.equivalent import Equivalent, make_equivalent
from tieline.linear.setting import feeder_as_set, make_setting
from tieline.network.forming import with_forming_buses
from tieline.network.network import Network
from tieline.network.topology import tree_from_source
from tieline.opf.branch_limits import judged_limits
from tieline.opf.make_problem import network_limits
from tieline.opf.problem import NetworkLimits
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.terms import Terms
from tieline.opf.socp.tree import Tree, orient
from tieline.settings.limits import Limits
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class ModelNetwork:
    """Branches and nodes.

    Attributes:
        network: of the single-phase equivalent, held by the first droop unit.
        equivalent, tree: its branches, and the same away from that unit.
        limits: ratings of branches.
        load, unit, generator, battery, renewable: node of each, (load,) and so on.
        idle_p_pu, idle_q_pu: what DERs that nobody decides on inject, (node,) [pu].
    """

    network: Network
    equivalent: Equivalent
    tree: Tree
    limits: NetworkLimits
    load: IntArray
    unit: IntArray
    generator: IntArray
    battery: IntArray
    renewable: IntArray
    idle_p_pu: FloatArray
    idle_q_pu: FloatArray


def model_network(plant: IslandPlant, terms: Terms) -> ModelNetwork:
    """The tree of an island.

    Args:
        plant: the island.
        terms: what branches may carry.

    Raises:
        InputError: if the island has a loop, which it names, or branches side by side.
        FeederError: if an island with phases has no balanced equivalent; with all that has none.
    """
    feeder = equivalent(plant.feeder)
    first_bus = plant.units.buses[:1]
    network = with_forming_buses(Network.from_feeder(feeder), first_bus)
    setting = make_setting(network)
    # asked before the cone program's own check, which counts branches and names none
    tree_from_source(feeder_as_set(network, setting), must_be_radial=True)
    branches = make_equivalent(network, setting, "branch flow")
    share = Limits(line_pct=terms.line_pct, transformer_pct=terms.transformer_pct)
    branch_limits = judged_limits(feeder, share)
    der_node = _nodes(network, [der.bus for der in plant.feeder.ders])
    decided = np.concatenate(
        [plant.generator_ders, plant.battery_ders, plant.renewable_ders]
    )
    idle_p_pu, idle_q_pu = _idle(plant, der_node, decided, network.n_nodes)
    return ModelNetwork(
        network=network,
        equivalent=branches,
        tree=orient(feeder.name, branches, has_source_branch=False),
        limits=network_limits(network, None, None, branch_limits),
        load=_nodes(network, [load.bus for load in plant.feeder.loads]),
        unit=_nodes(network, plant.units.buses),
        generator=der_node[plant.generator_ders],
        battery=der_node[plant.battery_ders],
        renewable=der_node[plant.renewable_ders],
        idle_p_pu=idle_p_pu,
        idle_q_pu=idle_q_pu,
    )


def _nodes(network: Network, buses: list[str] | tuple[str, ...]) -> IntArray:
    # buses of an equivalent have one node
    names = [network.feeder.bus(bus).name for bus in buses]
    return np.array([network.node_index[f"{name}.1"] for name in names], dtype=np.int64)


def _idle(
    plant: IslandPlant, der_node: IntArray, decided: IntArray, n_nodes: int
) -> tuple[FloatArray, FloatArray]:
    """Injections of the feeder's own DERs, as they are in its snapshot, (node,) both [pu]."""
    devices = plant.island.network.devices
    idle = np.setdiff1d(np.arange(len(der_node)), decided)
    node = der_node[idle]
    p_pu = np.zeros(n_nodes)
    q_pu = np.zeros(n_nodes)
    np.add.at(p_pu, node, devices.der_kw[idle])
    np.add.at(q_pu, node, devices.der_kvar[idle])
    return p_pu / S_BASE_KVA, q_pu / S_BASE_KVA
