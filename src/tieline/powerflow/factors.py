"""LU factors of nodal admittance matrices, LANES scenarios at a time: factorise, substitute forward, substitute back.

Matrices come as real and imaginary parts on the positions of a `Pattern`, (position,), the same for all lanes; rows in which
lanes differ are kept apart, (slot, LANES), see `Own`. After factorising, positions below the diagonal hold the multipliers, those
above it U, and the diagonal its reciprocal. Right-hand sides and solutions are (node, LANES), nodes in elimination order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tieline.powerflow.lanes import LANES, larger, load, spread, store
from tieline.typing import FloatArray, IntArray


class Pattern(NamedTuple):
    """Sparsity of the factors, see `network.pattern.FactorPattern`."""

    row_start: IntArray
    column: IntArray
    diagonal: IntArray
    update_start: IntArray
    update_target: IntArray
    update_source: IntArray


class Own(NamedTuple):
    """The rows that each scenario has for itself because its taps or switches differ: usually a few on the way to the source.

    Rows that elimination does not mix with a varying entry are the same for all and stay shared.

    `first` is the slot of the first position of an own row, or -1 for a shared row, (node,); `re`, `im` the entries before
    factorising that all scenarios have in common, (slot,).
    """

    first: IntArray
    re: FloatArray
    im: FloatArray


@njit(cache=True, error_model="numpy")
def factorise(re, im, own_re, own_im, first, pattern):
    """Factorise the own rows of all lanes in place, (slot, LANES), given the shared factors, (position,)."""
    one = spread(1.0)
    for i in range(len(pattern.diagonal)):
        if first[i] < 0:
            continue
        here = first[i] - pattern.row_start[i]
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            k = pattern.column[p]
            d = pattern.diagonal[k]
            ar, ai = load(own_re, p + here), load(own_im, p + here)
            if first[k] >= 0:
                there = first[k] - pattern.row_start[k]
                dr, di = load(own_re, d + there), load(own_im, d + there)
                mr, mi = ar * dr - ai * di, ar * di + ai * dr
                for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                    s, t = pattern.update_source[u] + there, pattern.update_target[u] + here
                    _subtract_product(own_re, own_im, t, mr, mi, load(own_re, s), load(own_im, s))
            else:
                dr, di = spread(re[d]), spread(im[d])
                mr, mi = ar * dr - ai * di, ar * di + ai * dr
                for u in range(pattern.update_start[p], pattern.update_start[p + 1]):
                    s, t = pattern.update_source[u], pattern.update_target[u] + here
                    _subtract_product(own_re, own_im, t, mr, mi, spread(re[s]), spread(im[s]))
            store(own_re, p + here, mr)
            store(own_im, p + here, mi)
        d = pattern.diagonal[i] + here
        dr, di = load(own_re, d), load(own_im, d)
        inverse = one / (dr * dr + di * di)
        store(own_re, d, dr * inverse)
        store(own_im, d, spread(0.0) - di * inverse)


@njit(cache=True, error_model="numpy", inline="always")
def _subtract_product(re, im, target, mr, mi, sr, si):
    """target -= m s, all complex."""
    store(re, target, load(re, target) - mr * sr + mi * si)
    store(im, target, load(im, target) - mr * si - mi * sr)


@njit(cache=True, error_model="numpy")
def forward(re, im, own_re, own_im, first, pattern, xr, xi):
    """x <- L^-1 x."""
    for i in range(len(pattern.diagonal)):
        ar, ai = load(xr, i), load(xi, i)
        begin, end = pattern.row_start[i], pattern.diagonal[i]
        if first[i] < 0:
            for p in range(begin, end):
                j, fr, fi = pattern.column[p], spread(re[p]), spread(im[p])
                jr, ji = load(xr, j), load(xi, j)
                ar = ar - fr * jr + fi * ji
                ai = ai - fr * ji - fi * jr
        else:
            here = first[i] - begin
            for p in range(begin, end):
                j, fr, fi = pattern.column[p], load(own_re, p + here), load(own_im, p + here)
                jr, ji = load(xr, j), load(xi, j)
                ar = ar - fr * jr + fi * ji
                ai = ai - fr * ji - fi * jr
        store(xr, i, ar)
        store(xi, i, ai)


@njit(cache=True, error_model="numpy")
def back(re, im, own_re, own_im, first, pattern, xr, xi, vr, vi, change):
    """v <- U^-1 x; `change` (1, LANES) becomes the largest squared step |v_new - v_old|^2, or NaN where v is not finite."""
    most = spread(0.0)
    taint = spread(0.0)  # stays 0, or NaN once a voltage is not finite; a maximum alone would forget it
    for i in range(len(pattern.diagonal) - 1, -1, -1):
        ar, ai = load(xr, i), load(xi, i)
        begin, end = pattern.diagonal[i] + 1, pattern.row_start[i + 1]
        if first[i] < 0:
            for p in range(begin, end):
                j, fr, fi = pattern.column[p], spread(re[p]), spread(im[p])
                jr, ji = load(vr, j), load(vi, j)
                ar = ar - fr * jr + fi * ji
                ai = ai - fr * ji - fi * jr
            dr, di = spread(re[begin - 1]), spread(im[begin - 1])
        else:
            here = first[i] - pattern.row_start[i]
            for p in range(begin, end):
                j, fr, fi = pattern.column[p], load(own_re, p + here), load(own_im, p + here)
                jr, ji = load(vr, j), load(vi, j)
                ar = ar - fr * jr + fi * ji
                ai = ai - fr * ji - fi * jr
            dr, di = load(own_re, begin - 1 + here), load(own_im, begin - 1 + here)
        nr, ni = dr * ar - di * ai, dr * ai + di * ar
        er, ei = nr - load(vr, i), ni - load(vi, i)
        step = er * er + ei * ei
        most = larger(most, step)
        taint = taint + (step - step)
        store(vr, i, nr)
        store(vi, i, ni)
    store(change, 0, most + taint)


@njit(cache=True, error_model="numpy")
def shared_factors(re: FloatArray, im: FloatArray, pattern: Pattern) -> tuple[FloatArray, FloatArray]:
    """Factors of one matrix, (position,) in and out."""
    lanes_re, lanes_im = repeat(re), repeat(im)
    factorise(re, im, lanes_re, lanes_im, pattern.row_start[:-1], pattern)
    return lanes_re[:, 0].copy(), lanes_im[:, 0].copy()


@njit(cache=True)
def repeat(values):
    """The same numbers in every lane, (k,) -> (k, LANES)."""
    repeated = np.empty((len(values), LANES))
    for k in range(len(values)):
        repeated[k, :] = values[k]
    return repeated


@njit(cache=True)
def dependent_rows(seed, pattern):
    """Rows whose factors change when those in `seed` do, (node,) bool in and out: a row mixes in every row of its multipliers."""
    depends = seed.copy()
    for i in range(len(depends)):
        for p in range(pattern.row_start[i], pattern.diagonal[i]):
            if depends[pattern.column[p]]:
                depends[i] = True
    return depends
