"""Fixtures that every test folder uses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from short_runs import prepare_short_runs
from tieline.studies.restoration.training.threads import allow_waiting_threads

# before any test imports NumPy or computes with JAX
prepare_short_runs()
allow_waiting_threads()

HERE = Path(__file__).parent

SLOW = (
    "agents",
    "bench",
    "cases",
    "cli",
    "envs/ders/test_optimum.py",
    "envs/compiled",
    "envs/faces",
    "envs/flexible_loads/test_optimum.py",
    "envs/reserve",
    "feeders/opendss",
    "feeders/pandapower",
    "powerflow/dense",
    "powerflow/derivatives/test_jax_solve.py",
    "powerflow/interval",
    "powerflow/test_loadability.py",
    "powerflow/test_opendss_reference.py",
    "powerflow/test_summary.py",
    "profiles/test_forecasting.py",
    "profiles/test_households.py",
    "profiles/test_loads.py",
    "reports",
    "service",
    "soak",
    "studies",
    "docs_site",
    "test_docs_pages.py",
    "test_examples.py",
    "test_readme.py",
    "test_site.py",
)
"""Folders and files of tests that `make quick` leaves out: learning, whole runs, other engines, large feeders, random draws."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`, which `make quick` gives."""
    parser.addoption(
        "--quick", action="store_true", help="leave out the tests that are slow"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--quick` slow tests are not even read: what they import takes long too."""
    is_ours = config.getoption("--quick") and collection_path.is_relative_to(HERE)
    if is_ours and collection_path.relative_to(HERE).as_posix() in SLOW:
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first: a long file that begins last keeps one of two processes busy while the other waits."""
    items.sort(key=lambda item: not _is_slow(item.path))


# asked once for each test, of which a file may have a thousand
@cache
def _is_slow(path: Path) -> bool:
    return any(path.is_relative_to(HERE / slow) for slow in SLOW)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with raw feeder files and reference solutions, beside the checkout; without it the test is skipped."""
    folder = Path(__file__).parents[2] / "shared"
    if not (folder / "feeders").is_dir():
        pytest.skip("raw feeders and reference solutions are not beside this checkout")
    return folder
