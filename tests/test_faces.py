"""Every folder says what is public, and what it says is there; faces fetch it when first used."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

import tieline

PACKAGE = Path(tieline.__file__).parent
FOLDERS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
NEEDS_EXTRA = {
    "jax_voltages": "jax",
    "train": "jax",
    "train_seeds": "jax",
    "TrainResult": "jax",
}
"""Public names that only exist where an optional package is installed."""


def public_names(text: str) -> list[str] | None:
    """The `__all__` of a source; None if it has none."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id == "__all__":
                return ast.literal_eval(node.value)
    return None


def test_public_names_of_a_small_source():
    assert public_names('a = 1\n__all__ = ["a"]\n') == ["a"]
    assert public_names("__all__: list[str] = []\n") == []
    assert public_names("a = 1\n") is None


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_says_what_is_public(folder: str):
    text = (PACKAGE / folder / "__init__.py").read_text(encoding="utf-8")
    names = public_names(text)
    assert names is not None, f"{folder}/__init__.py has no __all__"
    module = importlib.import_module(f"tieline.{folder}")
    for name in names:
        extra = NEEDS_EXTRA.get(name)
        if extra is None or find_spec(extra) is not None:
            value = getattr(module, name)
            # A module of the same name would be found in place of the thing, once it is imported.
            assert (
                type(value).__name__ != "module"
                or not (PACKAGE / folder / f"{name}.py").exists()
            )


@pytest.mark.parametrize("folder", ["profiles", "envs", "agents"])
def test_face_loads_nothing_until_it_is_asked(folder: str):
    code = f"import sys, tieline.{folder}; print(any(name in sys.modules for name in ('numpy', 'numba', 'jax')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    "module", [tieline, *(f"tieline.{name}" for name in FOLDERS)], ids=str
)
def test_completion_offers_every_public_name(module: ModuleType | str):
    package = importlib.import_module(module) if isinstance(module, str) else module
    assert set(package.__all__) <= set(dir(package))
    assert "__doc__" in dir(package)


def test_unknown_name_of_a_face_says_what_there_is():
    import tieline.agents

    with pytest.raises(
        AttributeError, match=r"'tieline.agents' has no attribute 'serch'.*search"
    ):
        _ = tieline.agents.serch
    assert not hasattr(tieline.agents, "__wrapped__")
