"""Reader for OpenDSS circuits: OpenDSS itself compiles the script, the circuit is read back from it."""

from tieline.feeders.opendss.primitives import EnginePrimitive, engine_yprim
from tieline.feeders.opendss.reader import read_opendss

__all__ = ["EnginePrimitive", "engine_yprim", "read_opendss"]
