"""Where an answer comes from: the last section of every report, and the fingerprint of the feeder."""

from __future__ import annotations

import dataclasses
import hashlib

from tieline.feeders import Feeder
from tieline.studies.result import Result


def provenance(result: Result, feeder: Feeder) -> dict[str, object]:
    """Study, feeder, version, machine, wall time, and the configuration as far as it is set."""
    return {
        "study": result.study,
        "feeder": feeder.title or feeder.name,
        "tieline": result.version,
        "machine": result.machine,
        "wall time": f"{result.wall_s:.1f} s",
        "configuration": {
            name: value for name, value in result.to_json()["config"].items() if value is not None
        },
    }


def fingerprint(feeder: Feeder) -> str:
    """SHA-256 of everything a feeder holds, as hexadecimal text."""
    values = [getattr(feeder, field.name) for field in dataclasses.fields(feeder)]
    return hashlib.sha256(repr(values).encode()).hexdigest()
