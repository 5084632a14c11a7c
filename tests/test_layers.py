"""Folders import only from those below them, studies not from each other: the contracts in pyproject.toml hold, and can fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = ROOT / "pyproject.toml"
RUN_CONTRACT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def check_layers(source_root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contract on the package under `source_root`, with pyproject.toml beside it."""
    environment = {**os.environ, "PYTHONPATH": str(source_root)}
    command = [sys.executable, "-c", RUN_CONTRACT]
    return subprocess.run(
        command,
        cwd=source_root.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def source_copy(tmp_path: Path) -> Path:
    """A copy of the sources that a test may spoil."""
    shutil.copy(PYPROJECT, tmp_path)
    shutil.copytree(
        ROOT / "src",
        tmp_path / "src",
        ignore=shutil.ignore_patterns("__pycache__", "library"),
    )
    return tmp_path / "src"


def test_folders_import_in_reading_order():
    done = check_layers(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("feeders", "network"),
        ("network", "powerflow"),
        ("powerflow", "reports"),
        ("reports", "studies"),
        ("studies", "cli"),
    ],
)
def test_contract_fails_on_an_import_upwards(
    source_copy: Path, lower: str, higher: str
):
    (source_copy / "tieline" / lower / "upwards.py").write_text(
        f"import tieline.{higher}\n"
    )
    done = check_layers(source_copy)
    assert done.returncode == 1
    assert f"tieline.{lower}.upwards -> tieline.{higher}" in done.stdout


def test_contract_fails_on_a_study_that_imports_another(source_copy: Path):
    studies = source_copy / "tieline" / "studies"
    (studies / "battery" / "sideways.py").write_text(
        "import tieline.studies.interval.config\n"
    )
    done = check_layers(source_copy)
    assert done.returncode == 1
    assert (
        "tieline.studies.battery.sideways -> tieline.studies.interval.config"
        in done.stdout
    )


def contracts() -> list[dict]:
    return tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]


def test_every_study_is_in_the_contract_of_independence():
    studies = (ROOT / "src" / "tieline" / "studies").glob("*/study.py")
    expected = {f"tieline.studies.{path.parent.name}" for path in studies}
    (independence,) = (part for part in contracts() if part["type"] == "independence")
    assert expected == set(independence["modules"])


def test_every_folder_has_its_layer():
    layers = " ".join(contracts()[0]["layers"])
    folders = {
        path.parent.name for path in (ROOT / "src" / "tieline").glob("*/__init__.py")
    }
    missing = sorted(folder for folder in folders if f"tieline.{folder}" not in layers)
    assert not missing, (
        f"no layer for {missing}: add it to the contract in pyproject.toml"
    )


VERSION_OR_NOTHING = re.compile(r"tieline\.__version__|from tieline import __version__")
ASK_THE_PACKAGE = {
    "feeders/feeder.py",
    "network/network.py",
    "powerflow/solution.py",
}
"""Modules with methods for whoever types, `Feeder.solve` and its like, which ask the package for what lies above them."""


def test_few_modules_ask_the_package_for_more_than_its_version():
    """What lies behind the package itself is hidden from the contracts."""
    package = ROOT / "src" / "tieline"
    asking = set()
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        asks = re.search(
            r"^ *(import tieline( as \w+)?$|from tieline import)", text, re.M
        )
        names = re.findall(r"\btieline\.(?!__version__)\w+\(", text)
        if asks and (names or not VERSION_OR_NOTHING.search(text)):
            asking.add(path.relative_to(package).as_posix())
    assert asking <= ASK_THE_PACKAGE
