"""Reader for OpenDSS circuits: OpenDSS compiles the script in a process without rights; the circuit is read back from it."""

from tieline.feeders.opendss.primitives import EnginePrimitive, engine_yprim
from tieline.feeders.opendss.reader import read_opendss

__all__ = ["EnginePrimitive", "engine_yprim", "read_opendss"]
