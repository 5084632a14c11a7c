"""The network as the utility knows it: `Feeder`, its readers, its checks, and the bundled feeders."""

from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.library import LibraryEntry, describe_library, library_names
from tieline.feeders.load import load_feeder
from tieline.feeders.problems import find_problems, require_sound
from tieline.feeders.tables import load_tables, save_tables

__all__ = [
    "Feeder",
    "FeederError",
    "Finding",
    "LibraryEntry",
    "describe_library",
    "find_problems",
    "library_names",
    "load_feeder",
    "load_tables",
    "require_sound",
    "save_tables",
]
