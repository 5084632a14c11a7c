"""Rows of the branch flow model: balances, voltage drops, the slack's voltage, the cones of branches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.equivalent import Equivalent
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.opf.socp.rows import Block, Space, interleave
from tieline.opf.socp.tree import Tree
from tieline.typing import FloatArray, IntArray


class Taken(NamedTuple):
    """Active and reactive power taken at each node, (step x node) [pu]."""

    p: Affine
    q: Affine


class NetworkRows:
    """Matrices of one tree, which stay the same from problem to problem but for what loads take.

    Attributes:
        free: nodes that are not the slack.
        brought_p, brought_q: what branches bring to each node less what they take away, (step x node, column) [pu].
        drops, slack: voltage drops of branches, voltage of the slack; rows of zero cones.
        cones: |(2P, 2Q, l - v)| <= l + v with v at the sending end of the impedance.
    """

    def __init__(self, space: Space, equivalent: Equivalent, tree: Tree):
        self.space = space
        self.equivalent = equivalent
        self.tree = tree
        self.free = np.setdiff1d(np.arange(equivalent.n_nodes), [equivalent.slack])
        self.brought_p = self._brought(space.p, tree.z_pu.real)
        self.brought_q = self._brought(space.q, tree.z_pu.imag)
        self.drops = self._drops()
        self.slack = space.rows([(space.v[:, equivalent.slack], 1.0)])
        self.cones = self._cones()

    @property
    def kept(self) -> IntArray:
        """Balances that are constraints: of every node but the slack, as rows of `brought_p`."""
        steps = np.arange(len(self.space.p))[:, None]
        return (steps * self.equivalent.n_nodes + self.free).ravel()

    def _brought(self, flow: IntArray, impedance: FloatArray) -> sparse.csr_array:
        tree = self.tree
        nodes = self.equivalent.n_nodes
        first = np.arange(len(flow))[:, None] * nodes
        parts = [
            (first + tree.end, flow, 1.0),
            (first + tree.end, self.space.l, -impedance),
            (first + tree.start, flow, -1.0),
        ]
        rows, columns, values = (
            np.concatenate([np.broadcast_to(part[k], flow.shape).ravel() for part in parts])
            for k in range(3)
        )
        return self.space.matrix(rows, columns, values, len(flow) * nodes)

    def _drops(self) -> sparse.csr_array:
        space = self.space
        tree = self.tree
        return space.rows(
            [
                (space.v[:, tree.start], 1 / tree.ratio_start**2),
                (space.p, -2 * tree.z_pu.real),
                (space.q, -2 * tree.z_pu.imag),
                (space.l, np.abs(tree.z_pu) ** 2),
                (space.v[:, tree.end], -1 / tree.ratio_end**2),
            ]
        )

    def _cones(self) -> sparse.csr_array:
        space = self.space
        v = space.v[:, self.tree.start]
        weight = 1 / self.tree.ratio_start**2
        return interleave(
            [
                space.rows([(space.l, -1.0), (v, -weight)]),
                space.rows([(space.p, -2.0)]),
                space.rows([(space.q, -2.0)]),
                space.rows([(space.l, -1.0), (v, weight)]),
            ]
        )

    def balance_block(self, name: str, taken: Affine) -> Block:
        """P or Q of every node but the slack: what branches bring is taken."""
        brought = {"p": self.brought_p, "q": self.brought_q}[name]
        balance = sparse.csr_array(brought - taken.matrix)
        return Block(sparse.csr_array(balance[self.kept]), taken.constant[self.kept], "zero", name)

    def taken(self, problem: Problem, decisions: Decisions) -> Taken:
        """P and Q that devices and shunts take at each node, (step x node) [pu]."""
        p_matrix, p_constant, q_matrix, q_constant = decisions.device_maps(problem)
        devices = problem.network.devices
        shunt = self.equivalent.shunt_pu
        return Taken(
            self._at_nodes(problem, Affine(p_matrix, p_constant), devices.zip_p, shunt.real),
            self._at_nodes(problem, Affine(q_matrix, q_constant), devices.zip_q, -shunt.imag),
        )

    def _at_nodes(
        self, problem: Problem, asked: Affine, zip_shares: FloatArray, shunt: FloatArray
    ) -> Affine:
        """What devices that ask for a power over u, (step x device), take with their voltage dependence, over x."""
        rated, per_v = self._by_node(problem, zip_shares)
        by_v = (per_v @ asked.constant.reshape(problem.n_steps, -1).T).T + shunt
        every = np.arange(by_v.size)
        of_v = self.space.matrix(every, self.space.v.ravel(), by_v.ravel(), by_v.size)
        gather = sparse.csr_array(sparse.kron(sparse.eye_array(problem.n_steps), rated))
        of_u = self.space.on_u(sparse.csr_array(gather @ asked.matrix))
        return Affine(of_u + of_v, gather @ asked.constant)

    def _by_node(
        self, problem: Problem, zip_shares: FloatArray
    ) -> tuple[sparse.csr_array, sparse.csr_array]:
        """What nodes take of the rated power of devices, whatever the voltage and per v, both (node, device)."""
        devices = problem.network.devices
        impedance, current, power = zip_shares.T
        no_ders = np.zeros(problem.n_ders, dtype=bool)
        # A share times a voltage would be no cone: flexible loads take their rated power.
        is_rated = np.append(problem.flexible.is_flexible, no_ders)[devices.device]
        rated = devices.share * np.where(is_rated, 1.0, power + current / 2)
        of_v = (impedance + current / 2) * devices.per_rated**2
        per_v = devices.share * np.where(is_rated, 0.0, of_v)
        return self._gathered(problem, rated), self._gathered(problem, per_v)

    def _gathered(self, problem: Problem, weight: FloatArray) -> sparse.csr_array:
        """Weights of device branches as a matrix (node, device)."""
        devices = problem.network.devices
        shape = (self.equivalent.n_nodes, len(devices.p_kw))
        return sparse.coo_array((weight, (devices.plus, devices.device)), shape=shape).tocsr()
