"""How long a newcomer waits: the command line, the import, and the first solve, each in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from statistics import median

REPEATS = 5

NOTHING = "pass"
HELP = "from tieline.cli.main import main; main(['--help'])"
IMPORT = "import tieline"
SOLVE_COMMAND = "from tieline.cli.main import main; main(['solve', 'ieee13'])"
FIRST_SOLVE = "from tieline import Network, load_feeder, solve; solve(Network.from_feeder(load_feeder('ieee13')))"


@dataclass(frozen=True)
class ColdStart:
    """Wall time of whole processes [s].

    Attributes:
        python_s: Python alone, part of all others.
        help_s: `tieline --help`.
        import_s: `import tieline`.
        first_solve_s: one bundled feeder loaded and solved with its controls, functions compiled before.
        after_installation_s: the same where nothing has been compiled yet.
        command_s: `tieline solve` of that feeder to the end of its answer, functions compiled before.
        first_command_s: the same where nothing has been compiled yet.
    """

    python_s: float
    help_s: float
    import_s: float
    first_solve_s: float
    after_installation_s: float
    command_s: float
    first_command_s: float


def measure_cold_start() -> ColdStart:
    """Start processes; compiled functions go to folders of their own, empty at first."""
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as folder:
        of_command = os.environ | {"NUMBA_CACHE_DIR": f"{folder}/command"}
        environment = os.environ | {"NUMBA_CACHE_DIR": f"{folder}/python"}
        # first: they fill the folders
        first_command_s = _wall_s(SOLVE_COMMAND, of_command)
        after_installation_s = _wall_s(FIRST_SOLVE, environment)
        return ColdStart(
            python_s=_median_wall_s(NOTHING, environment),
            help_s=_median_wall_s(HELP, environment),
            import_s=_median_wall_s(IMPORT, environment),
            first_solve_s=_median_wall_s(FIRST_SOLVE, environment),
            after_installation_s=after_installation_s,
            command_s=_median_wall_s(SOLVE_COMMAND, of_command),
            first_command_s=first_command_s,
        )


def _median_wall_s(code: str, environment: dict[str, str]) -> float:
    return median(_wall_s(code, environment) for _ in range(REPEATS))


def _wall_s(code: str, environment: dict[str, str]) -> float:
    """Seconds of a process that runs `code`."""
    start_s = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start_s
