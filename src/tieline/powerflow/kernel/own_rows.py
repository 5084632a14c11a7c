"""`OwnRows`: how the rows in which lanes differ are factorised, written down once as lists of what goes into each entry.

An entry a_ij ends as

    a_ij - sum of l_ik u_kj over the own rows k before i and j,

times the inverse of the diagonal of j where it is a multiplier, j < i. What shared rows take off it is the same in all lanes
and stands in the common factors. So every entry is written once and its sum stays in registers; walking row by row, as
`factors.eliminate_own` does, each step would read and write it again, which takes twice as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tieline.powerflow.kernel.arrays import item
from tieline.powerflow.kernel.compiled import leaf
from tieline.powerflow.kernel.factors import (
    inverse_block,
    less_product,
    own_block,
    product,
    store_block,
)
from tieline.powerflow.kernel.lanes import LANES, load, spread, spread_block
from tieline.typing import IntArray

if TYPE_CHECKING:
    from tieline.powerflow.kernel.pattern import FactorPattern


class OwnRows(NamedTuple):
    """The entries of own rows in the columns of own rows, row by row.

    Attributes:
        slot, position: where an entry stands among the own rows and in the pattern, (entry,).
        node: row of a diagonal entry, -1 for others, (entry,).
        divisor: slot of the diagonal of its column for a multiplier, -1 for others, (entry,).
        term_start: first of its entries of the admittance that vary, (entry + 1,).
        term: which of them, (term,).
        product_start: first of the products taken off it, (entry + 1,).
        left, right: slots of their factors, (product,).
    """

    slot: IntArray
    position: IntArray
    node: IntArray
    divisor: IntArray
    term_start: IntArray
    term: IntArray
    product_start: IntArray
    left: IntArray
    right: IntArray


def own_rows_of(
    pattern: FactorPattern, first: IntArray, varying_position: IntArray
) -> OwnRows:
    """The own rows of a pattern.

    Args:
        pattern: of the factors.
        first: first slot of each own row, -1 for shared ones, (node,).
        varying_position: position of each entry of the admittance that varies, (term,).
    """
    row = np.repeat(np.arange(len(first)), np.diff(pattern.row_start))
    is_own = (first[row] >= 0) & (first[pattern.column] >= 0)
    position = np.flatnonzero(is_own)
    row = row[position]
    column = pattern.column[position]
    slot_of_position = np.full(pattern.n_positions, -1)
    slot_of_position[position] = position + first[row] - pattern.row_start[row]
    place = np.full(pattern.n_positions, -1)
    place[position] = np.arange(len(position))
    diagonal_slot = slot_of_position[pattern.diagonal[column]]
    term_start, term = _grouped(place[varying_position], len(position))
    multiplier, update = _updates(pattern, position[column < row])
    target = place[pattern.update_target[update]]
    product_start, order = _grouped(target, len(position))
    source = pattern.update_source[update[order]]
    return OwnRows(
        slot=slot_of_position[position],
        position=position,
        node=np.where(row == column, row, -1),
        divisor=np.where(column < row, diagonal_slot, -1),
        term_start=term_start,
        term=term,
        product_start=product_start,
        left=slot_of_position[multiplier[order]],
        right=slot_of_position[source],
    )


def _updates(pattern: FactorPattern, position: IntArray) -> tuple[IntArray, IntArray]:
    """All updates of some multipliers: the position of the multiplier and the number of the update, (update,)."""
    begin = pattern.update_start[position]
    count = pattern.update_start[position + 1] - begin
    end = np.cumsum(count)
    step = np.arange(count.sum()) - np.repeat(end - count, count)
    return np.repeat(position, count), np.repeat(begin, count) + step


def _grouped(group: IntArray, n_groups: int) -> tuple[IntArray, IntArray]:
    """Members by their group: the first place of each group, (group + 1,), and which member stands in each place."""
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(n_groups + 1))
    return start, order


@leaf
def factorise_own_rows(system, work):
    """Factors of the rows in which lanes differ, at their taps and switches."""
    rows = system.matrix.own
    factors = work.own_rows
    for t in range(len(rows.slot)):
        slot = item(rows.slot, t)
        a0, a1, a2, a3 = spread_block(system.matrix.factors, item(rows.position, t))
        for k in range(item(rows.term_start, t), item(rows.term_start, t + 1)):
            re, im = _varying_entry(item(rows.term, k), system.variable, work.state)
            # a complex number as a block of four reals: (re, -im; im, re)
            a0 = a0 + re
            a1 = a1 - im
            a2 = a2 + im
            a3 = a3 + re
        for k in range(item(rows.product_start, t), item(rows.product_start, t + 1)):
            l0, l1, l2, l3 = own_block(factors, item(rows.left, k))
            u0, u1, u2, u3 = own_block(factors, item(rows.right, k))
            a0, a1, a2, a3 = less_product(
                a0, a1, a2, a3, l0, l1, l2, l3, u0, u1, u2, u3
            )
        divisor = item(rows.divisor, t)
        node = item(rows.node, t)
        if divisor >= 0:
            d0, d1, d2, d3 = own_block(factors, divisor)
            a0, a1, a2, a3 = product(a0, a1, a2, a3, d0, d1, d2, d3)
        if node >= 0:
            if len(system.variable.dead) > 0:
                store_block(factors, slot, a0, a1, a2, a3)
                _hold_dead_node(node, slot, system.variable.dead, work)
                a0, a1, a2, a3 = own_block(factors, slot)
            a0, a1, a2, a3 = inverse_block(a0, a1, a2, a3)
        store_block(factors, slot, a0, a1, a2, a3)


@leaf
def _varying_entry(k, variable, state):
    """Real and imaginary part of an entry of the admittance at the states of the lanes."""
    value = variable.value[k]
    factor = load(state, item(variable.a, k)) * load(state, item(variable.b, k))
    return spread(value.real) * factor, spread(value.imag) * factor


@leaf
def _hold_dead_node(node, slot, dead, work):
    """One on the diagonal of a de-energised node: without a current it ends at zero voltage."""
    for b in range(LANES):
        if dead[min(work.scenario[b], len(dead) - 1), node]:
            work.own_rows[4 * slot, b] += 1.0
            work.own_rows[4 * slot + 3, b] += 1.0
