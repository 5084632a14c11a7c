"""Which lines may fail: those about classes that a snapshot has no use for.

Files written for another version of OpenDSS, or sent without their load shapes, would else be lost for a line that nobody
needs. A protection device is such a class as long as a line does not say whether its switch is open.
"""

from __future__ import annotations

from collections.abc import Iterable

from tieline.feeders.opendss.script.properties import settings
from tieline.feeders.opendss.script.vocabulary import Vocabulary
from tieline.feeders.opendss.script.words import Parameter

SHAPES = ("loadshape", "growthshape", "priceshape", "tshape")
CURVES = ("spectrum", "tcc_curve", "dynamicexp")
METERS = ("monitor", "energymeter", "sensor")
CONTROLS = (
    "invcontrol",
    "expcontrol",
    "storagecontroller",
    "gendispatcher",
    "upfccontrol",
    "espvlcontrol",
)

LEFT_OUT = frozenset((*SHAPES, *CURVES, *METERS, *CONTROLS))
"""Classes whose objects are left out of a feeder."""

PROTECTION = frozenset(("relay", "recloser", "fuse"))
"""Classes of which only the state of the switch is read."""

STATES = frozenset(("state", "normal", "action"))


def forgive(
    kind: str,
    parameters: Iterable[Parameter] = (),
    vocabulary: Vocabulary | None = None,
) -> bool:
    """Whether a feeder is the same without a line about this class; `parameters` are those of the whole line."""
    if kind not in PROTECTION or vocabulary is None:
        return kind in LEFT_OUT
    named = (parameter for parameter in parameters if parameter.name)
    return not any(
        name in STATES for name, _ in settings(vocabulary.properties(kind), named)
    )
