"""Feeders that come with other packages, by name: `pandapower:mv_oberrhein`, `simbench:1-LV-rural1--0-sw`.

The data stays where it is: the package makes the net when it is asked for, and the reader of pandapower reads it. `packages`
knows what each package has.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.feeder import Feeder
from tieline.feeders.shipped.packages import PACKAGES

EXAMPLES = "'pandapower:mv_oberrhein' or 'simbench:1-LV-rural1--0-sw'"


def is_shipped(name: str) -> bool:
    """Whether a name is one of another package's feeders, such as `simbench:...`; whether there is such a feeder is not asked."""
    package, colon, _ = name.partition(":")
    return bool(colon) and package.lower() in PACKAGES


def read_shipped(name: str) -> Feeder:
    """The feeder of a name that `is_shipped`; raises as `shipped_net` and the reader of pandapower do."""
    # not at the top: a session that reads OpenDSS files needs no reader of pandapower
    from tieline.feeders.pandapower import read_pandapower

    return read_pandapower(shipped_net(name), name)


def shipped_net(name: str) -> Any:
    """The pandapower net of a name that `is_shipped`.

    Raises:
        InputError: if the package has no such feeder.
        MissingExtraError: if the package is not installed.
    """
    package, own_name = _parts(name)
    return PACKAGES[package].make(_known(package, own_name))


def matching_names(pattern: str) -> list[str]:
    """The feeders whose names fit a pattern with `*`, such as `simbench:1-LV-*`; an unknown name without one is refused."""
    package, own_pattern = _parts(pattern)
    if "*" not in own_pattern:
        return [f"{package}:{_known(package, own_pattern)}"]
    names = [
        f"{package}:{name}"
        for name in PACKAGES[package].names()
        if fnmatchcase(name.lower(), own_pattern.lower())
    ]
    if not names:
        raise InputError(f"No feeder of {package} fits '{pattern}'.")
    return names


def _parts(name: str) -> tuple[str, str]:
    package, _, own_name = name.partition(":")
    return package.lower(), own_name


def _known(package: str, name: str) -> str:
    """The name as the package writes it."""
    names = {written.lower(): written for written in PACKAGES[package].names()}
    if name.lower() not in names:
        message = unknown_name_message(f"feeder of {package}", name, names.values())
        raise InputError(message)
    return names[name.lower()]
