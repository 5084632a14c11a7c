"""The packages that bring feeders: which names each has, and how it makes the net of one.

pandapower has a function for each network; those that need no argument count, with what they make then. SimBench has codes:
version, levels, kind, lower grids, scenario (0 today, 1 and 2 of the future) and "sw" or "no_sw", with or without all switches.
Source: S. Meinecke et al., "SimBench - a benchmark dataset of electric power systems", Energies 13(12), 2020.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tieline.errors import MissingExtraError

PANDAPOWER = "pandapower"
SIMBENCH = "simbench"

WHAT = "Reading a network of"


@dataclass(frozen=True, slots=True)
class Package:
    """What a package brings.

    Attributes:
        names: gives the names of its feeders.
        make: gives the pandapower net of one of these.
    """

    names: Callable[[], tuple[str, ...]]
    make: Callable[[str], Any]


def _pandapower_names() -> tuple[str, ...]:
    public = vars(_pandapower_networks())
    return tuple(sorted(name for name, value in public.items() if _makes_net(value)))


def _makes_net(value: Any) -> bool:
    """Whether something is a function of the networks that can be called without arguments."""
    if not inspect.isfunction(value):
        return False
    is_network = value.__module__.startswith("pandapower.networks")
    is_public = not value.__name__.startswith("_")
    parameters = inspect.signature(value).parameters.values()
    needed = [
        parameter
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    return is_network and is_public and not needed


def _pandapower_net(name: str) -> Any:
    return getattr(_pandapower_networks(), name)()


def _pandapower_networks() -> Any:
    try:
        import pandapower.networks
    except ImportError:
        reading = f"{WHAT} pandapower"
        raise MissingExtraError(PANDAPOWER, PANDAPOWER, reading) from None
    return pandapower.networks


def _simbench_names() -> tuple[str, ...]:
    return tuple(_simbench().collect_all_simbench_codes())


@lru_cache(maxsize=1)
def _simbench_net(code: str) -> Any:
    """The net of a code; kept, because a study asks for the grid and for its profiles, and each takes seconds."""
    simbench = _simbench()
    with warnings.catch_warnings():
        # about the versions of its own tables
        warnings.simplefilter("ignore")
        return simbench.get_simbench_net(code)


def _simbench() -> Any:
    try:
        # by name: an install without the extra has no such module for a type checker either
        return importlib.import_module(SIMBENCH)
    except ImportError:
        raise MissingExtraError(SIMBENCH, SIMBENCH, f"{WHAT} SimBench") from None


PACKAGES = {
    PANDAPOWER: Package(_pandapower_names, _pandapower_net),
    SIMBENCH: Package(_simbench_names, _simbench_net),
}
"""By the word before the colon."""
