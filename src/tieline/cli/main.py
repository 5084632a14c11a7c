"""The command line: `tieline feeders | solve | run | train | report | bench`.

Each command lives in its own file; this one ties them together and turns errors into exit codes.

Exit codes: 0 answered, 2 bad input (one message, no traceback), 3 no answer exists (infeasible, not converged), 130 interrupted.
"""

from __future__ import annotations

import sys

from cyclopts import App, CycloptsError

import tieline
from tieline.cli import bench, feeders, report, run, solve, train
from tieline.errors import TielineError

app = App(
    name="tieline",
    help="Coordinate distributed energy resources on distribution feeders.",
    version=f"tieline {tieline.__version__}",
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `main` says what is left behind
)
app.command(feeders.app)
app.command(solve.solve_feeder, name="solve")
app.command(run.app)
app.command(train.app)
app.command(report.report)
app.command(bench.app)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    tokens = sys.argv[1:] if arguments is None else arguments
    try:
        app(tokens, exit_on_error=False, print_error=False)
    except (TielineError, CycloptsError) as error:
        print(f"tieline: {str(error).strip()}", file=sys.stderr)
        return getattr(error, "exit_code", 2)
    except KeyboardInterrupt as interrupt:
        print(f"tieline: interrupted; {str(interrupt) or 'nothing was written.'}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left (`tieline ... | head`); not an error
    return 0


if __name__ == "__main__":
    sys.exit(main())
