"""The public names of a folder, fetched from their modules when first used: importing the folder then costs nothing.

    __getattr__, __dir__ = lazy_face(__name__, {"draw_scenarios": "tieline.profiles.draw"})

The command line names configurations in its help without loading a numerical library this way. A folder that does so names its
public things once more under `TYPE_CHECKING`, for type checkers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_face(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose public names live in other modules.

    Args:
        package: name of the package; it lists its public names in `__all__`.
        homes: public name -> the module that defines it. A name must not be that of a module of the package: once imported, the
            module itself would be found under it.
    """
    namespace = vars(sys.modules[package])

    def fetch(name: str) -> Any:
        if name not in homes:
            public = ", ".join(namespace["__all__"])
            raise AttributeError(
                f"module '{package}' has no attribute '{name}'. Public names: {public}."
            )
        value = getattr(import_module(homes[name]), name)
        namespace[name] = value  # the next use finds it without coming here
        return value

    def names() -> list[str]:
        return [
            *namespace["__all__"],
            *(name for name in namespace if name.startswith("__")),
        ]

    return fetch, names
