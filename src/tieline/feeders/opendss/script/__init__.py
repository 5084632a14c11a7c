"""An OpenDSS script, run line by line so that only the circuit's definition happens."""

from tieline.feeders.opendss.script.compile import (
    blank_engine,
    compiled,
    engine_vocabulary,
)

__all__ = ["blank_engine", "compiled", "engine_vocabulary"]
