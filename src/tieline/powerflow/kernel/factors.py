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
from tieline.powerflow.kernel.complex_lanes import load_complex, store_complex
from tieline.powerflow.kernel.lanes import above, larger, load, spread, store


@inlined
def _own_block(own, slot):
    """The block of an own slot."""
    return (
        load(own, 4 * slot),
        load(own, 4 * slot + 1),
        load(own, 4 * slot + 2),
        load(own, 4 * slot + 3),
    )


@inlined
def _shared_block(shared, p):
    """The block of a shared position, in every lane."""
    return spread(shared[p, 0]), spread(shared[p, 1]), spread(shared[p, 2]), spread(shared[p, 3])


@inlined
def _store_block(own, slot, m0, m1, m2, m3):
    """Write the block of an own slot."""
    store(own, 4 * slot, m0)
    store(own, 4 * slot + 1, m1)
    store(own, 4 * slot + 2, m2)
    store(own, 4 * slot + 3, m3)


@inlined
def _product(a0, a1, a2, a3, b0, b1, b2, b3):
    """Product of two blocks."""
    return a0 * b0 + a1 * b2, a0 * b1 + a1 * b3, a2 * b0 + a3 * b2, a2 * b1 + a3 * b3


@inlined
def _times(m0, m1, m2, m3, ar, ai):
    """A block times a vector; with m1 and m2 exchanged, the transposed block."""
    return m0 * ar + m1 * ai, m2 * ar + m3 * ai


@inlined
def _less_product(ar, ai, m0, m1, m2, m3, jr, ji):
    """The vector a less a block times the vector j."""
    return ar - m0 * jr - m1 * ji, ai - m2 * jr - m3 * ji


@entry
def eliminate_shared(values, first, pattern):
    """Factorise one matrix as far as all lanes have it in common, (position, 4) in and out.

    Shared rows end as factors. Own rows end with their multipliers of shared rows, and with what is left to factorise in the
    columns of own rows.
    """
    f = values.copy()
    for i in range(len(pattern.diagonal)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            k = pattern.column[p]
            if first[k] < 0:
                _eliminate_shared_entry(f, p, pattern.diagonal[k], pattern)
        if first[i] < 0:
            _invert_shared(f, pattern.diagonal[i])
    return f


@leaf
def _eliminate_shared_entry(f, p, d, pattern):
    """Turn the entry at position p into its multiplier, the diagonal of its column standing inverted at d, and update its row."""
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
        t0, t1, t2, t3 = _product(m0, m1, m2, m3, f[s, 0], f[s, 1], f[s, 2], f[s, 3])
        f[t, 0] -= t0
        f[t, 1] -= t1
        f[t, 2] -= t2
        f[t, 3] -= t3


@leaf
def _invert_shared(f, d):
    """Invert the block at position d."""
    m0 = f[d, 0]
    m3 = f[d, 3]
    determinant = m0 * m3 - f[d, 1] * f[d, 2]
    f[d, 0] = m3 / determinant
    f[d, 1] = -f[d, 1] / determinant
    f[d, 2] = -f[d, 2] / determinant
    f[d, 3] = m0 / determinant


@leaf
def eliminate_own(first, pattern, work):
    """Factorise what is left of the own rows of all lanes, in place."""
    row_start, diagonal = pattern.row_start, pattern.diagonal
    for i in range(len(diagonal)):
        if first[i] < 0:
            continue
        shift = first[i] - row_start[i]
        for p in range(row_start[i], diagonal[i]):
            k = pattern.column[p]
            if first[k] >= 0:
                _eliminate_own_entry(p, shift, diagonal[k], first[k] - row_start[k], pattern, work)
        _invert_own(work.own, diagonal[i] + shift)


@leaf
def _eliminate_own_entry(p, shift, d, shift_d, pattern, work):
    """The same as `_eliminate_shared_entry` in own slots: those of the row are at its positions plus `shift`, those of the row of
    the diagonal d at its positions plus `shift_d`.
    """
    own = work.own
    a0, a1, a2, a3 = _own_block(own, p + shift)
    d0, d1, d2, d3 = _own_block(own, d + shift_d)
    m0, m1, m2, m3 = _product(a0, a1, a2, a3, d0, d1, d2, d3)
    _store_block(own, p + shift, m0, m1, m2, m3)
    for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
        target = pattern.update_target[u] + shift
        s0, s1, s2, s3 = _own_block(own, pattern.update_source[u] + shift_d)
        t0, t1, t2, t3 = _product(m0, m1, m2, m3, s0, s1, s2, s3)
        a0, a1, a2, a3 = _own_block(own, target)
        _store_block(own, target, a0 - t0, a1 - t1, a2 - t2, a3 - t3)


@leaf
def _invert_own(own, slot):
    """Invert the block of an own slot."""
    zero = spread(0.0)
    d0, d1, d2, d3 = _own_block(own, slot)
    inverse = spread(1.0) / (d0 * d3 - d1 * d2)
    b1 = zero - d1 * inverse
    b2 = zero - d2 * inverse
    _store_block(own, slot, d3 * inverse, b1, b2, d0 * inverse)


@leaf
def forward(matrix, pattern, work):
    """x <- L^-1 x in the rows of the iteration; no current enters the inner ones."""
    shared, first, own, xr, xi = matrix.factors, matrix.first, work.own, work.xr, work.xi
    column = pattern.column
    for i in range(pattern.n_inner, len(pattern.diagonal)):
        ar, ai = load_complex(xr, xi, i)
        begin = pattern.active_start[i]
        end = pattern.diagonal[i]
        if first[i] < 0:
            for p in range(begin, end):
                jr, ji = load_complex(xr, xi, column[p])
                m0, m1, m2, m3 = _shared_block(shared, p)
                ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
        else:
            shift = first[i] - pattern.row_start[i]
            for p in range(begin, end):
                jr, ji = load_complex(xr, xi, column[p])
                if first[column[p]] < 0:
                    m0, m1, m2, m3 = _shared_block(shared, p)
                    ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
                else:
                    m0, m1, m2, m3 = _own_block(own, p + shift)
                    ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
        store_complex(xr, xi, i, ar, ai)


@leaf
def back(matrix, pattern, begin_row, end_row, noise, work):
    """v <- U^-1 x in the rows from `begin_row` up to `end_row`, given v in the later rows.

    `work.change` becomes the largest squared step |v_new - v_old|^2 of those above the `noise` of their node, (node,), or NaN
    where v is not finite.
    """
    shared, first, own, vr, vi = matrix.factors, matrix.first, work.own, work.vr, work.vi
    column = pattern.column
    most = spread(0.0)
    # Stays 0, or becomes NaN once a voltage is not finite: a maximum alone would forget it.
    taint = spread(0.0)
    for i in range(end_row - 1, begin_row - 1, -1):
        ar, ai = load_complex(work.xr, work.xi, i)
        begin = pattern.diagonal[i] + 1
        end = pattern.row_start[i + 1]
        if first[i] < 0:
            for p in range(begin, end):
                jr, ji = load_complex(vr, vi, column[p])
                m0, m1, m2, m3 = _shared_block(shared, p)
                ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
            m0, m1, m2, m3 = _shared_block(shared, begin - 1)
        else:
            shift = first[i] - pattern.row_start[i]
            for p in range(begin, end):
                jr, ji = load_complex(vr, vi, column[p])
                m0, m1, m2, m3 = _own_block(own, p + shift)
                ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
            m0, m1, m2, m3 = _own_block(own, begin - 1 + shift)
        nr, ni = _times(m0, m1, m2, m3, ar, ai)
        old_r, old_i = load_complex(vr, vi, i)
        er = nr - old_r
        ei = ni - old_i
        step = er * er + ei * ei
        most = larger(most, above(step, noise[i]))
        taint = taint + (step - step)
        store_complex(vr, vi, i, nr, ni)
    store(work.change, 0, most + taint)


@entry
def dependent_rows(seed, pattern):
    """Rows whose factors change when those in `seed` do, (node,) bool in and out: a row mixes in every row of its multipliers."""
    depends = seed.copy()
    for i in range(len(depends)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            if depends[pattern.column[p]]:
                depends[i] = True
    return depends


@leaf
def solve_own(pattern, work):
    """x <- A^-1 x with factors in which every row is an own row."""
    own, xr, xi, column = work.own, work.xr, work.xi, pattern.column
    for i in range(len(pattern.diagonal)):
        ar, ai = load_complex(xr, xi, i)
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            jr, ji = load_complex(xr, xi, column[p])
            m0, m1, m2, m3 = _own_block(own, p)
            ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
        store_complex(xr, xi, i, ar, ai)
    for i in range(len(pattern.diagonal) - 1, -1, -1):
        ar, ai = load_complex(xr, xi, i)
        for p in range(pattern.diagonal[i] + 1, pattern.row_start[i + 1]):
            jr, ji = load_complex(xr, xi, column[p])
            m0, m1, m2, m3 = _own_block(own, p)
            ar, ai = _less_product(ar, ai, m0, m1, m2, m3, jr, ji)
        m0, m1, m2, m3 = _own_block(own, pattern.diagonal[i])
        nr, ni = _times(m0, m1, m2, m3, ar, ai)
        store_complex(xr, xi, i, nr, ni)


@leaf
def solve_own_transposed(pattern, work):
    """x <- A^-T x with factors in which every row is an own row: the same walk, from the entries' columns to their rows."""
    own, xr, xi, column = work.own, work.xr, work.xi, pattern.column
    for i in range(len(pattern.diagonal)):
        ar, ai = load_complex(xr, xi, i)
        m0, m1, m2, m3 = _own_block(own, pattern.diagonal[i])
        nr, ni = _times(m0, m2, m1, m3, ar, ai)
        store_complex(xr, xi, i, nr, ni)
        for p in range(pattern.diagonal[i] + 1, pattern.row_start[i + 1]):
            jr, ji = load_complex(xr, xi, column[p])
            m0, m1, m2, m3 = _own_block(own, p)
            jr, ji = _less_product(jr, ji, m0, m2, m1, m3, nr, ni)
            store_complex(xr, xi, column[p], jr, ji)
    for i in range(len(pattern.diagonal) - 1, -1, -1):
        nr, ni = load_complex(xr, xi, i)
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            jr, ji = load_complex(xr, xi, column[p])
            m0, m1, m2, m3 = _own_block(own, p)
            jr, ji = _less_product(jr, ji, m0, m2, m1, m3, nr, ni)
            store_complex(xr, xi, column[p], jr, ji)
