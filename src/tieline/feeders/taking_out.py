"""`take_out`: a feeder without some of its elements, named with or without their kind.

What only acts on an element goes with it: the regulators of a transformer, the control of a capacitor or an
inverter. Buses stay, because what hangs on them would hang on nothing. A capacitor control that measures at an element which is
gone is a finding of the checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tieline.errors import InputError, require_text, unknown_name_message

if TYPE_CHECKING:
    from tieline.feeders.feeder import Feeder

KINDS = {
    "line": "lines",
    "transformer": "transformers",
    "regulator": "regulators",
    "capacitor": "capacitors",
    "control": "capacitor_controls",
    "inverter_control": "inverter_controls",
    "load": "loads",
    "pv": "pvs",
    "storage": "storages",
    "generator": "generators",
    "shunt": "shunts",
    "source": "sources",
    "current_source": "current_sources",
}
"""The word in front of a name -> the field of `Feeder`."""


class Element(NamedTuple):
    """An element by its kind and name."""

    kind: str
    name: str

    @property
    def full_name(self) -> str:
        """The name that no element of another kind has."""
        return f"{self.kind}.{self.name}"


def take_out(feeder: Feeder, names: Sequence[str]) -> Feeder:
    """The feeder without the elements of these names.

    Raises:
        InputError: with every name that does not exist, or stands for elements of several kinds.
    """
    by_name = _elements_by_name(feeder)
    out: set[Element] = set()
    problems: list[str] = []
    for name in names:
        try:
            out.add(_element(feeder, name, by_name))
        # all names that are wrong are told together
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    out |= _followers(feeder, out)
    changes = {}
    for kind, field in KINDS.items():
        elements = getattr(feeder, field)
        changes[field] = tuple(
            one for one in elements if Element(kind, one.name) not in out
        )
    return feeder.replace(**changes)


def _elements_by_name(feeder: Feeder) -> dict[str, list[Element]]:
    """Elements by their name, and by their name behind their kind."""
    by_name: defaultdict[str, list[Element]] = defaultdict(list)
    for kind, field in KINDS.items():
        for one in getattr(feeder, field):
            element = Element(kind, one.name)
            by_name[element.name].append(element)
            by_name[element.full_name].append(element)
    return dict(by_name)


def _element(feeder: Feeder, name: str, by_name: dict[str, list[Element]]) -> Element:
    require_text(f"element of feeder '{feeder.name}'", name)
    key = name.strip().lower()
    elements = by_name.get(key, [])
    if len(elements) == 1:
        return elements[0]
    if elements:
        choice = " or ".join(f"'{element.full_name}'" for element in elements)
        raise InputError(
            f"'{key}' is the name of {len(elements)} elements of feeder '{feeder.name}'. Say which: {choice}."
        )
    if key in {bus.name for bus in feeder.buses}:
        raise InputError(
            f"'{key}' is a bus of feeder '{feeder.name}', and buses stay. Take out the lines and devices at it, "
            "or open a line on the way to it: with_switch(name, closed=False)."
        )
    where = f"of feeder '{feeder.name}'"
    has_kind = key.partition(".")[0] in KINDS
    # of every element one of its two names, the one that is like what was typed
    candidates = [
        one for one in by_name if (one.partition(".")[0] in KINDS) == has_kind
    ]
    raise InputError(unknown_name_message("element", name, candidates, where))


def _followers(feeder: Feeder, out: set[Element]) -> set[Element]:
    """What has nothing to act on once the elements are gone."""
    followers = set()
    for regulator in feeder.regulators:
        if Element("transformer", regulator.transformer) in out:
            followers.add(Element("regulator", regulator.name))
    for control in feeder.capacitor_controls:
        if Element("capacitor", control.capacitor) in out:
            followers.add(Element("control", control.name))
    for inverter in feeder.inverter_controls:
        if Element(inverter.der_kind, inverter.der) in out:
            followers.add(Element("inverter_control", inverter.name))
    return followers
