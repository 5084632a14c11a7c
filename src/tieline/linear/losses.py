"""Active loss of a linear model, from its own flows or voltages, and its derivative by the model's unknowns x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.blocks import above, apply, beside
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


class Loss(Protocol):
    """Active loss of all lines and transformers as a function of the unknowns, (scenario, unknown)."""

    def kw(self, x: FloatArray) -> FloatArray:
        """Loss, (scenario,) [kW]."""
        ...

    def gradient(self, x: FloatArray) -> FloatArray:
        """d loss / dx, (scenario, unknown) [kW per unit of x]."""
        ...


@dataclass(frozen=True, eq=False)
class FlowLoss:
    """Loss by the flows: sum over branches of r (P^2 + Q^2) / (V_i V_j).

    The papers divide by V_l^2 and leave open at which end; the product of both ends does not depend on how a branch is
    directed.

    Attributes:
        r_pu: series resistance of each branch, (branch,) [pu].
        p_kw, q_kvar: its flow.
        v_from, v_to: voltage at its ends [pu].

    Source: H. Yuan, F. Li, Y. Wei, J. Zhu, "Novel linearized power flow and linearized OPF models for active distribution
    networks with application in distribution LMP", IEEE Trans. Smart Grid 9(1), 2018.
    """

    r_pu: FloatArray
    p_kw: Affine
    q_kvar: Affine
    v_from: Affine
    v_to: Affine

    def kw(self, x: FloatArray) -> FloatArray:
        """Loss, (scenario,) [kW]."""
        return self.by_branch_kw(x).sum(axis=1)

    def by_flow(self, x: FloatArray) -> FloatArray:
        """2 r / (V_i V_j): derivative of a branch's loss by its flow, per unit of that flow, (scenario, branch) [1/kW]."""
        return 2 * self.r_pu / (self.v_from(x) * self.v_to(x)) / S_BASE_KVA

    def by_branch_kw(self, x: FloatArray) -> FloatArray:
        """Loss of each branch, (scenario, branch) [kW]."""
        square = self.p_kw(x) ** 2 + self.q_kvar(x) ** 2
        return self.by_flow(x) / 2 * square

    def gradient(self, x: FloatArray) -> FloatArray:
        """d loss / dx, (scenario, unknown) [kW per unit of x]."""
        by_flow = self.by_flow(x)
        loss = self.by_branch_kw(x)
        slope = _by_unknowns(self.p_kw, by_flow * self.p_kw(x))
        slope += _by_unknowns(self.q_kvar, by_flow * self.q_kvar(x))
        # The loss falls with either voltage as its inverse does.
        slope += _by_unknowns(self.v_from, -loss / self.v_from(x))
        slope += _by_unknowns(self.v_to, -loss / self.v_to(x))
        return slope


@dataclass(frozen=True, eq=False)
class VoltageLoss:
    """Loss by the complex voltages: Re(V^H Y V) with the admittance of lines and transformers, x = (Re V, Im V).

    Attributes:
        matrix: symmetric, (unknown, unknown) [kW].
    """

    matrix: sparse.csr_array

    @classmethod
    def of_admittance(cls, admittance: sparse.csr_array) -> VoltageLoss:
        """From a complex matrix (node, node) [pu]."""
        # Only the Hermitian part of a form takes active power; the rest is reactive.
        hermitian = (admittance + admittance.conj().T) / 2
        top = beside(hermitian.real, -hermitian.imag)
        bottom = beside(hermitian.imag, hermitian.real)
        return cls(above(top, bottom) * S_BASE_KVA)

    def kw(self, x: FloatArray) -> FloatArray:
        """Loss, (scenario,) [kW]."""
        return (x * apply(self.matrix, x)).sum(axis=1)

    def gradient(self, x: FloatArray) -> FloatArray:
        """d loss / dx, (scenario, unknown) [kW per unit of x]."""
        return 2 * apply(self.matrix, x)


def _by_unknowns(part: Affine, weight: FloatArray) -> FloatArray:
    """Derivative by x of a number whose derivative by `part`, a function of x, is `weight`; (scenario, unknown)."""
    return apply(part.matrix.T, weight)
