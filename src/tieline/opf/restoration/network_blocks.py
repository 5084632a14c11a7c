"""Rows of the network in every step: balances at all buses, voltage drops, cones of branches, limits.

    l = (p^2 + q^2) / v becomes l v >= p^2 + q^2,      v_j = v_i - 2 (r p + x q) + |z|^2 l

Source: M. Farivar, S. H. Low, "Branch flow model: relaxations and convexification", part I, IEEE Trans. Power Systems 28(3),
2013.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.network.network import Network
from tieline.opf.cones.blocks import Block
from tieline.opf.problem import NetworkLimits
from tieline.opf.restoration.columns import Columns
from tieline.opf.restoration.model_network import ModelNetwork
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.rows import Rows
from tieline.opf.restoration.terms import Terms
from tieline.opf.socp.limit_rows import flow_blocks
from tieline.opf.socp.network_rows import NetworkRows
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

BRANCH_CONE = "branch flow"
"""Name of the block that is an equality before it is relaxed."""

BALANCE_OF_P = "balance of P"
"""Name of the block whose duals say what power is worth."""

Injection = tuple[IntArray, IntArray, FloatArray | float]
"""Columns (step, element) that inject, the node of each element, and by how much one of the column injects."""


@dataclass(frozen=True, eq=False)
class LimitedBranches:
    """What rows of branch limits need to know."""

    network: Network
    limits: NetworkLimits
    n_steps: int


def network_blocks(
    plant: IslandPlant, model: ModelNetwork, columns: Columns, terms: Terms
) -> Iterator[Block]:
    """Everything that the network asks for."""
    space = columns.space
    rows = NetworkRows(space, model.equivalent, model.tree)
    n_branch_steps = space.p.size
    active = _active(plant, model, columns)
    reactive = _reactive(plant, model, columns)
    yield _balance(model, columns, rows.brought_p, active, "p")
    yield _balance(model, columns, rows.brought_q, reactive, "q")
    # all drops and cones are linear in the columns alone
    no_right = np.zeros(n_branch_steps)
    yield Block(rows.drops, no_right, "zero", "voltage drops")
    no_cone_right = np.zeros(4 * n_branch_steps)
    yield Block(rows.cones, no_cone_right, "second order", BRANCH_CONE, size=4)
    limits = Rows(space)
    yield limits.at_least("lowest voltage", space.v, terms.v_low_pu**2)
    yield limits.at_most("highest voltage", space.v, terms.v_high_pu**2)
    limited = LimitedBranches(model.network, model.limits, columns.steps)
    n_branches = len(model.equivalent.names)
    yield from flow_blocks(space, limited, model.tree, n_branches)


def _active(
    plant: IslandPlant, model: ModelNetwork, columns: Columns
) -> Sequence[Injection]:
    load_pu = plant.load_kw / S_BASE_KVA
    return (
        (columns.served.after, model.load, -load_pu),
        (columns.p.after, model.generator, 1.0),
        (columns.discharge, model.battery, 1.0),
        (columns.charge, model.battery, -1.0),
        (columns.renewable_p, model.renewable, 1.0),
        (columns.unit_p.after, model.unit, 1.0),
    )


def _reactive(
    plant: IslandPlant, model: ModelNetwork, columns: Columns
) -> Sequence[Injection]:
    load_pu = plant.load_kvar / S_BASE_KVA
    return (
        (columns.served.after, model.load, -load_pu),
        (columns.q, model.generator, 1.0),
        (columns.battery_q, model.battery, 1.0),
        (columns.renewable_q, model.renewable, 1.0),
        (columns.unit_q, model.unit, 1.0),
    )


def _balance(
    model: ModelNetwork,
    columns: Columns,
    brought: sparse.csr_array,
    injections: Sequence[Injection],
    kind: str,
) -> Block:
    """What branches bring to a node and units inject there is what loads and shunts take, at every node."""
    space = columns.space
    n_nodes = model.equivalent.n_nodes
    height = columns.steps * n_nodes
    first = np.arange(columns.steps)[:, None] * n_nodes
    matrix = brought
    # at the first unit's bus too, the root of the tree: what a droop unit delivers is a column as any other
    for injecting, node, weight in injections:
        rows = (first + node).ravel()
        weights = np.broadcast_to(weight, injecting.shape).ravel()
        matrix = matrix + space.matrix(rows, injecting.ravel(), weights, height)
    admittance = model.equivalent.shunt_pu.conj()
    parts = {
        "p": (BALANCE_OF_P, admittance.real, model.idle_p_pu),
        "q": ("balance of Q", admittance.imag, model.idle_q_pu),
    }
    name, shunt, idle = parts[kind]
    matrix = matrix - space.rows([(space.v, shunt)])
    right = np.tile(-idle, columns.steps)
    return Block(sparse.csr_array(matrix), right, "zero", name)
