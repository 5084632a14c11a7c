"""The way back of the reader: a feeder as an OpenDSS script."""

from tieline.feeders.opendss.writer.script import opendss_script

__all__ = ["opendss_script"]
