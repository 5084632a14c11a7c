"""The process of its own in which OpenDSS reads a file, without any right but to read.

`parent.py` starts it and asks, `child.py` answers, `transfer.py` is what travels between them, `sandbox.py` takes the rights
away. What holds on which system stands in docs/security.md.
"""

from tieline.feeders.opendss.process.parent import read_in_process

__all__ = ["read_in_process"]
