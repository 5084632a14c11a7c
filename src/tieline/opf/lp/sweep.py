"""`Sweep`: the equations of a linear model as two sweeps along the feeder, in numbers of like size.

    system dx = driven       becomes       inward w = order driven,     outward dx = drop w

With the sparse factors `order system = L U` of a feeder, w adds currents up towards the source (L has small numbers beside its
ones), and dx falls away from it by impedance times current (each row of U relative to its pivot, `drop` being one over it).
An interior-point solver keeps equations to an absolute tolerance. In the admittance matrix short lines have a million times the
numbers of long ones, and that tolerance is as much as a feeder's load: a program on `system` itself ends early and wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from tieline.linear.blocks import selection, times_rows

PIVOT_THRESHOLD = 1e-3
"""How small a diagonal entry may be beside its column and still be the pivot: the diagonal keeps the factors as sparse as the
tree, and keeps the two sweeps apart."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """One step's equations.

    Attributes:
        inward, outward, drop: (equation, w), (equation, unknown) and (equation, w).
        order: which row of the model stands in which equation, (equation, row).
    """

    inward: sparse.csr_array
    outward: sparse.csr_array
    drop: sparse.csr_array
    order: sparse.csr_array


def factorise(system: sparse.csc_array) -> SuperLU:
    """The sparse factors of a feeder's equations, in the order of its tree."""
    return splu(
        system,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=PIVOT_THRESHOLD,
        options={"SymmetricMode": True},
    )


def sweep(factors: SuperLU) -> Sweep:
    """The two sweeps of factorised equations."""
    count = len(factors.perm_r)
    per_pivot = 1 / factors.U.diagonal()
    upper = times_rows(per_pivot, sparse.csr_array(factors.U))
    return Sweep(
        inward=sparse.csr_array(factors.L),
        # Column k of the model is column perm_c[k] of the factors.
        outward=sparse.csr_array(upper[:, factors.perm_c]),
        drop=sparse.csr_array(sparse.diags_array(per_pivot)),
        order=selection(np.argsort(factors.perm_r), count),
    )
