"""Rows of the branch flow model: balances, voltage drops, the slack's voltage, the cones of branches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.blocks import apply, assemble
from tieline.linear.equivalent import Equivalent
from tieline.opf.cones.blocks import Block, interleave
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.opf.socp.rows import Space, Term
from tieline.opf.socp.tree import Tree
from tieline.typing import FloatArray, IntArray


class Consumed(NamedTuple):
    """Active and reactive power consumed at each node, (step x node) [pu]."""

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
        nodes = np.arange(equivalent.n_nodes)
        self.free = np.setdiff1d(nodes, [equivalent.slack])
        self.brought_p = self._brought(space.p, tree.z_pu.real)
        self.brought_q = self._brought(space.q, tree.z_pu.imag)
        self.drops = self._drops()
        slack_v = space.v[:, equivalent.slack]
        self.slack = space.rows([(slack_v, 1.0)])
        self.cones = self._cones()

    @property
    def balanced(self) -> IntArray:
        """Balances that are constraints: of every node but the slack, as rows of `brought_p`, (balance,)."""
        steps = np.arange(len(self.space.p))
        first = steps * self.equivalent.n_nodes
        rows = first[:, None] + self.free
        return rows.ravel()

    def _brought(self, flow: IntArray, impedance: FloatArray) -> sparse.csr_array:
        steps = len(flow)
        n_nodes = self.equivalent.n_nodes
        first = np.arange(steps)[:, None] * n_nodes
        start = (first + self.tree.start).ravel()
        end = (first + self.tree.end).ravel()
        sent = np.ones(flow.size)
        # P is that of the sending end: the receiving end gets it less the loss.
        lost = np.tile(impedance, steps)
        rows = np.concatenate([end, end, start])
        columns = np.concatenate([flow, self.space.l, flow]).ravel()
        values = np.concatenate([sent, -lost, -sent])
        return self.space.matrix(rows, columns, values, steps * n_nodes)

    def _drops(self) -> sparse.csr_array:
        space = self.space
        tree = self.tree
        r = tree.z_pu.real
        x = tree.z_pu.imag
        terms: list[Term] = [
            (space.v[:, tree.start], 1 / tree.ratio_start**2),
            (space.p, -2 * r),
            (space.q, -2 * x),
            (space.l, r**2 + x**2),
            (space.v[:, tree.end], -1 / tree.ratio_end**2),
        ]
        return space.rows(terms)

    def _cones(self) -> sparse.csr_array:
        space = self.space
        v = space.v[:, self.tree.start]
        weight = 1 / self.tree.ratio_start**2
        # l v >= P^2 + Q^2 as a cone of second order: (l + v)^2 >= (2 P)^2 + (2 Q)^2 + (l - v)^2.
        square: Term = (space.l, -1.0)
        bound = space.rows([square, (v, -weight)])
        p = space.rows([(space.p, -2.0)])
        q = space.rows([(space.q, -2.0)])
        difference = space.rows([square, (v, weight)])
        return interleave([bound, p, q, difference])

    def balance_block(self, name: str, consumed: Affine) -> Block:
        """P or Q of every node but the slack: what branches bring is taken."""
        brought = {"p": self.brought_p, "q": self.brought_q}[name]
        balanced = self.balanced
        balance = sparse.csr_array(brought - consumed.matrix)
        rows = sparse.csr_array(balance[balanced])
        right = consumed.constant[balanced]
        return Block(rows, right, "zero", name)

    def consumed(self, problem: Problem, decisions: Decisions) -> Consumed:
        """P and Q that devices and shunts take at each node, (step x node) [pu]."""
        p_matrix, p_constant, q_matrix, q_constant = decisions.device_maps(problem)
        p_rated = Affine(p_matrix, p_constant)
        q_rated = Affine(q_matrix, q_constant)
        devices = problem.network.devices
        shunt = self.equivalent.shunt_pu.conj()
        return Consumed(
            p=self._at_nodes(problem, p_rated, devices.zip_p, shunt.real),
            q=self._at_nodes(problem, q_rated, devices.zip_q, shunt.imag),
        )

    def _at_nodes(
        self, problem: Problem, rated: Affine, zip_shares: FloatArray, shunt: FloatArray
    ) -> Affine:
        """What devices that ask for a power over u, (step x device), take with their voltage dependence, over x."""
        space = self.space
        n_steps = problem.n_steps
        constant_part, part_per_v = self._by_node(problem, zip_shares)
        rated_by_step = rated.constant.reshape(n_steps, -1)
        per_v = apply(part_per_v, rated_by_step) + shunt
        rows = np.arange(per_v.size)
        of_v = space.matrix(
            rows,
            space.v.ravel(),
            per_v.ravel(),
            per_v.size,
        )

        # A decision times a voltage would be no cone: what is decided counts as at rated voltage.
        n_branches = len(problem.network.devices.plus)
        whole = self._gathered(problem, np.ones(n_branches))
        by_u = sparse.csr_array(_each_step(n_steps, whole) @ rated.matrix)
        constant = _each_step(n_steps, constant_part) @ rated.constant
        return Affine(space.on_u(by_u) + of_v, constant)

    def _by_node(
        self, problem: Problem, zip_shares: FloatArray
    ) -> tuple[sparse.csr_array, sparse.csr_array]:
        """What nodes take of the rated power of devices, whatever the voltage and per v, both (node, device)."""
        devices = problem.network.devices
        impedance, current, power = zip_shares.T
        # |V| of a constant current is taken as (1 + v) / 2, half of it constant and half per v.
        constant_part = power + current / 2
        part_per_v = (impedance + current / 2) * devices.per_rated**2
        constant_rows = self._gathered(problem, constant_part)
        rows_per_v = self._gathered(problem, part_per_v)
        return constant_rows, rows_per_v

    def _gathered(self, problem: Problem, part: FloatArray) -> sparse.csr_array:
        """A part of what each device branch takes as a matrix (node, device)."""
        devices = problem.network.devices
        weight = devices.share * part
        shape = (self.equivalent.n_nodes, len(devices.p_kw))
        return assemble(devices.plus, devices.device, weight, shape)


def _each_step(n_steps: int, matrix: sparse.csr_array) -> sparse.csr_array:
    """The same gathering in every step: a matrix with a block for each."""
    return sparse.csr_array(sparse.kron(sparse.eye_array(n_steps), matrix))
