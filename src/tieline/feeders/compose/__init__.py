"""Feeders joined through transformers at named buses into one feeder; a composition is a TOML file that users edit.

`config` is what such a file says, `read` finds the feeders that it names, `checks` says what cannot be joined, `rename` sets the
part's name before its names, `transformers` stands between host and part, and `join` makes one feeder of it all.
"""

from tieline.feeders.compose.config import Composition, JoiningTransformer, Part
from tieline.feeders.compose.join import join_parts
from tieline.feeders.compose.read import compose, read_composition

__all__ = [
    "Composition",
    "JoiningTransformer",
    "Part",
    "compose",
    "join_parts",
    "read_composition",
]
