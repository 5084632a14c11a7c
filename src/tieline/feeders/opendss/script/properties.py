"""Properties that a feeder file must not set: those that load a program library, and those that make the engine write.

They are found where the engine would find them: by any abbreviation, and as bare values, which fill the properties in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tieline.feeders.opendss.script.vocabulary import Vocabulary, WordList
from tieline.feeders.opendss.script.words import Parameter, folded

LOADS_CODE = frozenset(
    ("usermodel", "userdata", "shaftmodel", "shaftdata", "dynadll", "dynadata")
)
"""Properties that name a program library, or what it is told."""

TRACES = "debugtrace"
"""Makes an element write a file at every step."""

HAS_ACTION = frozenset(("loadshape", "tshape", "priceshape", "energymeter", "monitor"))
"""Classes whose property `action` does something on the spot: it clears, samples, or writes a file."""

HARMLESS_ACTION = "n"
"""First letter of the one `action` of these classes that defines something: `normalize` of a load shape."""

CHANGES_BY_ACTION = {"energymeter": ("a", "r")}
"""First letters of those that change the circuit: `allocate` loads and `reduce` lines in the zone of a meter."""

PV_MODELS = frozenset("123")
"""Models of a PV system. EPRI's OpenDSS takes any other number for 1 (the `else` over the models in `PVsystem.pas`), as in the
IEEE 9500-node feeder; the engine at hand rejects the line."""

NAMES_A_FILE = frozenset(("csvfile", "sngfile", "dblfile", "pqcsvfile"))
"""Properties whose value is the name of a file to read."""


def is_plain(vocabulary: Vocabulary, kind: str) -> bool:
    """Whether no property of a class can load, write, or name a file; its lines then need no look."""
    watched = LOADS_CODE | NAMES_A_FILE | {TRACES}
    names = vocabulary.properties(kind).names
    return bool(names) and kind not in HAS_ACTION and watched.isdisjoint(names)


def settings(
    words: WordList, parameters: Iterable[Parameter]
) -> Iterator[tuple[str, Parameter]]:
    """Each parameter with the full name of what it sets, empty if there is no such name.

    A named parameter may be abbreviated; a bare value goes to the name after the last one.
    """
    index = -1
    for parameter in parameters:
        index = words.index(parameter.name) if parameter.name else index + 1
        yield words.name(index), parameter


def loads_code(name: str) -> bool:
    """Whether a property names a program library."""
    return name in LOADS_CODE


def writes_trace(name: str, value: str) -> bool:
    """Whether a property switches a trace on; the engine reads any value that begins with y or t as yes."""
    return name == TRACES and folded(value[:1]) not in ("n", "f")


def acts(kind: str, name: str, value: str) -> bool:
    """Whether a property makes a shape or meter act, where a feeder file only defines."""
    is_action = name == "action" and kind in HAS_ACTION
    return is_action and folded(value[:1]) != HARMLESS_ACTION


def changes_circuit(kind: str, value: str) -> bool:
    """Whether such an action changes other elements than its own."""
    return folded(value.strip()[:1]) in CHANGES_BY_ACTION.get(kind, ())


def is_no_pv_model(kind: str, name: str, value: str) -> bool:
    """Whether a property gives a PV system a number for which there is no model."""
    is_model = kind == "pvsystem" and name == "model"
    return is_model and value.isdecimal() and value not in PV_MODELS
