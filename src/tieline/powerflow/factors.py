"""LU factors of nodal admittance matrices, LANES scenarios at a time: factorise, substitute forward, substitute back.

Matrices come as real and imaginary parts on the positions of a `Pattern`: (position,) if all lanes share one, (position,
    LANES) if each
has its own; the same code serves both. After factorising, positions below the diagonal hold the multipliers, those above it U,
and the diagonal its reciprocal. Right-hand sides and solutions are (node, LANES), nodes in elimination order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tieline.powerflow.lanes import LANES, entry, larger, load, spread, store
from tieline.typing import IntArray


class Pattern(NamedTuple):
    """Sparsity of the factors, see `network.pattern.FactorPattern`."""

    row_start: IntArray
    column: IntArray
    diagonal: IntArray
    update_start: IntArray
    update_target: IntArray
    update_source: IntArray


@njit(cache=True, error_model="numpy")
def factorise(re, im, pattern):
    """Factorise the matrices of all lanes in place; arrays are (position, LANES)."""
    one = spread(1.0)
    for i in range(len(pattern.diagonal)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            d = pattern.diagonal[pattern.column[p]]
            mr = load(re, p) * load(re, d) - load(im, p) * load(im, d)
            mi = load(re, p) * load(im, d) + load(im, p) * load(re, d)
            store(re, p, mr)
            store(im, p, mi)
            for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                s, t = pattern.update_source[u], pattern.update_target[u]
                sr, si = load(re, s), load(im, s)
                store(re, t, load(re, t) - mr * sr + mi * si)
                store(im, t, load(im, t) - mr * si - mi * sr)
        d = pattern.diagonal[i]
        dr, di = load(re, d), load(im, d)
        inverse = one / (dr * dr + di * di)
        store(re, d, dr * inverse)
        store(im, d, spread(0.0) - di * inverse)


@njit(cache=True, error_model="numpy")
def forward(re, im, pattern, xr, xi):
    """x <- L^-1 x."""
    for i in range(len(pattern.diagonal)):
        ar, ai = load(xr, i), load(xi, i)
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            j = pattern.column[p]
            fr, fi, jr, ji = entry(re, p), entry(im, p), load(xr, j), load(xi, j)
            ar = ar - fr * jr + fi * ji
            ai = ai - fr * ji - fi * jr
        store(xr, i, ar)
        store(xi, i, ai)


@njit(cache=True, error_model="numpy")
def back(re, im, pattern, xr, xi, vr, vi, change):
    """v <- U^-1 x; `change` (1, LANES) becomes the largest squared step |v_new - v_old|^2, or NaN where v is not a number."""
    most = spread(0.0)
    taint = spread(0.0)  # stays 0, or NaN once a voltage is not finite; a maximum alone would forget it
    for i in range(len(pattern.diagonal) - 1, -1, -1):
        ar, ai = load(xr, i), load(xi, i)
        for p in range(pattern.diagonal[i] + 1, pattern.row_start[i + 1]):
            j = pattern.column[p]
            fr, fi, jr, ji = entry(re, p), entry(im, p), load(vr, j), load(vi, j)
            ar = ar - fr * jr + fi * ji
            ai = ai - fr * ji - fi * jr
        dr, di = entry(re, pattern.diagonal[i]), entry(im, pattern.diagonal[i])
        nr, ni = dr * ar - di * ai, dr * ai + di * ar
        er, ei = nr - load(vr, i), ni - load(vi, i)
        step = er * er + ei * ei
        most = larger(most, step)
        taint = taint + (step - step)
        store(vr, i, nr)
        store(vi, i, ni)
    store(change, 0, most + taint)


@njit(cache=True, error_model="numpy")
def shared_factors(re, im, pattern):
    """Factors of one matrix, (position,) in and out."""
    lanes_re, lanes_im = _repeat(re), _repeat(im)
    factorise(lanes_re, lanes_im, pattern)
    return lanes_re[:, 0].copy(), lanes_im[:, 0].copy()


@njit(cache=True)
def _repeat(values):
    repeated = np.empty((len(values), LANES))
    for k in range(len(values)):
        repeated[k, :] = values[k]
    return repeated
