"""The balanced single-phase equivalent of a feeder with phases: one node a bus, which stands for three balanced phases.

`convert` makes it, `lines`, `transformers` and `devices` convert what the feeder has, `checks` says what has no equivalent.
"""

from tieline.feeders.equivalent.convert import equivalent

__all__ = ["equivalent"]
