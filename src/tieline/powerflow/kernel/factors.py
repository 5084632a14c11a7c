"""LU factors of a nodal admittance matrix in real coordinates, LANES scenarios at a time.

An entry is a two-by-two real block (m0 m1; m2 m3) from (re v, im v) to (re i, im i), so that the slopes of devices, which are
not complex numbers, can stand in the matrix; it costs the same flops as a complex entry. Rows shared by all lanes are
(position, 4). Rows in which lanes differ are own rows, (4 * slot, LANES): `first` is the slot of the first position of an own
row, or -1 for a shared one, (node,). A row that mixes in an own row is an own row itself.

After factorising, positions below the diagonal hold the multipliers, those above it U, and the diagonal its inverse.
Right-hand sides and solutions are (node, LANES), nodes in elimination order.
"""

from __future__ import annotations

from tieline.powerflow.kernel.compiled import entry, inlined, leaf
from tieline.powerflow.kernel.lanes import load, spread, store


@inlined
def own_block(own_rows, slot):
    """The block of an own slot."""
    return (
        load(own_rows, 4 * slot),
        load(own_rows, 4 * slot + 1),
        load(own_rows, 4 * slot + 2),
        load(own_rows, 4 * slot + 3),
    )


@inlined
def _store_block(own_rows, slot, m0, m1, m2, m3):
    """Write the block of an own slot."""
    store(own_rows, 4 * slot, m0)
    store(own_rows, 4 * slot + 1, m1)
    store(own_rows, 4 * slot + 2, m2)
    store(own_rows, 4 * slot + 3, m3)


@inlined
def _product(a0, a1, a2, a3, b0, b1, b2, b3):
    """Product of two blocks."""
    return a0 * b0 + a1 * b2, a0 * b1 + a1 * b3, a2 * b0 + a3 * b2, a2 * b1 + a3 * b3


@inlined
def pair(re, im, k):
    """Real and imaginary part in row k."""
    return load(re, k), load(im, k)


@inlined
def store_pair(re, im, k, r, i):
    """Write real and imaginary part in row k."""
    store(re, k, r)
    store(im, k, i)


@inlined
def times_block(m0, m1, m2, m3, r, i):
    """A block times (r, i)."""
    return m0 * r + m1 * i, m2 * r + m3 * i


@inlined
def less_block(ar, ai, m0, m1, m2, m3, r, i):
    """(ar, ai) less a block times (r, i)."""
    return ar - m0 * r - m1 * i, ai - m2 * r - m3 * i


@entry
def eliminate_shared(f, first, pattern):
    """Factorise one matrix, (position, 4), in place, as far as all lanes have it in common.

    Shared rows end as factors. Own rows end with their multipliers of shared rows, and with what is left to factorise in the
    columns of own rows.
    """
    for i in range(len(pattern.diagonal)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            k = pattern.column[p]
            # Multipliers of an own row differ from lane to lane: they are left to `eliminate_own`.
            if first[k] >= 0:
                continue
            d = pattern.diagonal[k]
            m0, m1, m2, m3 = _product(
                f[p, 0], f[p, 1], f[p, 2], f[p, 3], f[d, 0], f[d, 1], f[d, 2], f[d, 3]
            )
            f[p, 0] = m0
            f[p, 1] = m1
            f[p, 2] = m2
            f[p, 3] = m3
            for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                s = pattern.update_source[u]
                t = pattern.update_target[u]
                t0, t1, t2, t3 = _product(
                    m0, m1, m2, m3, f[s, 0], f[s, 1], f[s, 2], f[s, 3]
                )
                f[t, 0] -= t0
                f[t, 1] -= t1
                f[t, 2] -= t2
                f[t, 3] -= t3
        # The diagonal is kept as its inverse: later rows and every iteration then multiply where they would divide.
        if first[i] < 0:
            d = pattern.diagonal[i]
            d0 = f[d, 0]
            d1 = f[d, 1]
            d2 = f[d, 2]
            d3 = f[d, 3]
            determinant = d0 * d3 - d1 * d2
            f[d, 0] = d3 / determinant
            f[d, 1] = -d1 / determinant
            f[d, 2] = -d2 / determinant
            f[d, 3] = d0 / determinant


@leaf
def eliminate_own(matrix, pattern, work):
    """Factorise what is left of the own rows of all lanes, in place."""
    first = matrix.first
    own_rows = work.own_rows
    row_start = pattern.row_start
    diagonal = pattern.diagonal
    one = spread(1.0)
    zero = spread(0.0)
    for i in range(matrix.begin, len(diagonal)):
        if first[i] < 0:
            continue
        shift = first[i] - row_start[i]
        for p in range(row_start[i], diagonal[i]):
            k = pattern.column[p]
            # What a shared row takes off this one is the same in all lanes: `eliminate_shared` has done it.
            if first[k] < 0:
                continue
            shift_k = first[k] - row_start[k]
            a0, a1, a2, a3 = own_block(own_rows, p + shift)
            d0, d1, d2, d3 = own_block(own_rows, diagonal[k] + shift_k)
            m0, m1, m2, m3 = _product(a0, a1, a2, a3, d0, d1, d2, d3)
            _store_block(own_rows, p + shift, m0, m1, m2, m3)
            for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                target = pattern.update_target[u] + shift
                source = pattern.update_source[u] + shift_k
                s0, s1, s2, s3 = own_block(own_rows, source)
                t0, t1, t2, t3 = _product(m0, m1, m2, m3, s0, s1, s2, s3)
                a0, a1, a2, a3 = own_block(own_rows, target)
                _store_block(own_rows, target, a0 - t0, a1 - t1, a2 - t2, a3 - t3)
        d = diagonal[i] + shift
        d0, d1, d2, d3 = own_block(own_rows, d)
        inverse = one / (d0 * d3 - d1 * d2)
        b1 = zero - d1 * inverse
        b2 = zero - d2 * inverse
        _store_block(own_rows, d, d3 * inverse, b1, b2, d0 * inverse)


@entry
def add_dependent_rows(depends, pattern):
    """Add to some rows, (node,) bool, those whose factors change with theirs: a row mixes in every row of its multipliers."""
    for i in range(len(depends)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            if depends[pattern.column[p]]:
                depends[i] = True


@leaf
def solve_own(pattern, work):
    """x <- A^-1 x with factors in which every row is an own row."""
    own_rows = work.own_rows
    xr = work.xr
    xi = work.xi
    row_start = pattern.row_start
    column = pattern.column
    diagonal = pattern.diagonal
    for i in range(len(diagonal)):
        ar, ai = pair(xr, xi, i)
        for p in range(row_start[i], diagonal[i]):
            m0, m1, m2, m3 = own_block(own_rows, p)
            jr, ji = pair(xr, xi, column[p])
            ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
        store_pair(xr, xi, i, ar, ai)
    for i in range(len(diagonal) - 1, -1, -1):
        ar, ai = pair(xr, xi, i)
        for p in range(diagonal[i] + 1, row_start[i + 1]):
            m0, m1, m2, m3 = own_block(own_rows, p)
            jr, ji = pair(xr, xi, column[p])
            ar, ai = less_block(ar, ai, m0, m1, m2, m3, jr, ji)
        m0, m1, m2, m3 = own_block(own_rows, diagonal[i])
        nr, ni = times_block(m0, m1, m2, m3, ar, ai)
        store_pair(xr, xi, i, nr, ni)


@leaf
def solve_own_transposed(pattern, work):
    """x <- A^-T x with factors in which every row is an own row: the same walk, from the entries' columns to their rows."""
    own_rows = work.own_rows
    xr = work.xr
    xi = work.xi
    row_start = pattern.row_start
    column = pattern.column
    diagonal = pattern.diagonal
    # A^T = U^T L^T: U comes first, and every row is done when it has been handed on to the later ones.
    for i in range(len(diagonal)):
        m0, m1, m2, m3 = own_block(own_rows, diagonal[i])
        ar, ai = pair(xr, xi, i)
        # the transposed block
        nr, ni = times_block(m0, m2, m1, m3, ar, ai)
        store_pair(xr, xi, i, nr, ni)
        for p in range(diagonal[i] + 1, row_start[i + 1]):
            m0, m1, m2, m3 = own_block(own_rows, p)
            j = column[p]
            jr, ji = pair(xr, xi, j)
            jr, ji = less_block(jr, ji, m0, m2, m1, m3, nr, ni)
            store_pair(xr, xi, j, jr, ji)
    for i in range(len(diagonal) - 1, -1, -1):
        nr, ni = pair(xr, xi, i)
        for p in range(row_start[i], diagonal[i]):
            m0, m1, m2, m3 = own_block(own_rows, p)
            j = column[p]
            jr, ji = pair(xr, xi, j)
            jr, ji = less_block(jr, ji, m0, m2, m1, m3, nr, ni)
            store_pair(xr, xi, j, jr, ji)
