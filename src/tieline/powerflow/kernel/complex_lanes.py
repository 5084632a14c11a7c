"""Complex numbers in lanes: real and imaginary parts in two arrays, loaded, stored and multiplied together."""

from __future__ import annotations

from tieline.powerflow.kernel.compiled import inlined
from tieline.powerflow.kernel.lanes import load, store


@inlined
def load_complex(real_rows, imag_rows, row):
    """Both parts of a row."""
    return load(real_rows, row), load(imag_rows, row)


@inlined
def store_complex(real_rows, imag_rows, row, re, im):
    """Write both parts of a row."""
    store(real_rows, row, re)
    store(imag_rows, row, im)


@inlined
def add_complex(real_rows, imag_rows, row, re, im):
    """Add to both parts of a row."""
    store(real_rows, row, load(real_rows, row) + re)
    store(imag_rows, row, load(imag_rows, row) + im)


@inlined
def plus_product(re, im, g, b, ur, ui):
    """The complex number re + j im plus (g + j b) (ur + j ui)."""
    return re + g * ur - b * ui, im + g * ui + b * ur
