"""The minute by its regions: each solves its own program, prices bring their answers together (consensus)."""

from tieline.opf.balancing.consensus.agree import Consensus

__all__ = ["Consensus"]
