"""`set_aside_loaded`: what a process has loaded is left out of Python's search for reference cycles.

A full search looks at every object and stops all threads meanwhile: a quarter of a second for the libraries of a web process, in
which no bid is answered, and once a minute at 200 bids a second. What is loaded when work begins stays to the end, so there is
nothing to find in it. What is used no more is still freed at once, by its count of references.

Source: the documentation of `gc.freeze`; C. Wu, Dismissing Python Garbage Collection at Instagram, 2017.
"""

from __future__ import annotations

import gc


def set_aside_loaded() -> None:
    """Search a last time, then leave out all that is there."""
    gc.collect()
    gc.freeze()
