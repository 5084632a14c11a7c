"""The command line: `tieline feeders | solve | run | train | report | compare | explain | serve | worker | keys | mcp | bench`.

Each command lives in its own file, which is imported when the command is asked for; this one ties them together and turns errors
into exit codes.

Exit codes: 0 answered, 2 bad input (one message, no traceback), 3 no answer exists (infeasible, not converged), 130 interrupted.
"""

from __future__ import annotations

import sys
import warnings

from cyclopts import App, CycloptsError

import tieline
from tieline.cli.failures import (
    TOO_DEEP,
    TOO_LARGE,
    error_message,
    require_current_folder,
    say,
    settle_output,
    system_message,
)
from tieline.cli.screen import prepare_streams
from tieline.errors import TielineError

app = App(
    name="tieline",
    help="Coordinate distributed energy resources on distribution feeders.",
    version=f"tieline {tieline.__version__}",
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `main` says what is left behind
)
app.command(
    "tieline.cli.feeders:app", name="feeders", help="List, inspect and convert feeders."
)
app.command(
    "tieline.cli.solve:solve_feeder",
    name="solve",
    help="Solve the AC power flow of a feeder, or with --opf find its DERs' best set-points and the prices at its nodes.",
)
app.command(
    "tieline.cli.run:app",
    name="run",
    help="Run a study and write its folder: configuration, result, tables, report.",
)
app.command(
    "tieline.cli.train:app",
    name="train",
    help="Train the policies of a study and write them with their learning curves.",
)
app.command(
    "tieline.cli.report:report",
    name="report",
    help="Write report.html of a run folder again.",
)
app.command(
    "tieline.cli.compare:compare",
    name="compare",
    help="Hold runs of a study beside each other: what differs in question, answer, limits and feeder.",
)
app.command(
    "tieline.cli.explain:explain",
    name="explain",
    help="Say what the code of a finding means and what to do.",
)
app.command(
    "tieline.cli.bench:app",
    name="bench",
    help="Measure speed beside other programs, errors of models, and goals of learning.",
)
app.command(
    "tieline.cli.serve:serve_command",
    name="serve",
    help="Serve studies and markets: a web page, an API, and workers that compute.",
)
app.command(
    "tieline.cli.mcp:mcp",
    name="mcp",
    help="Offer runs of a service as tools (Model Context Protocol).",
)
app.command(
    "tieline.cli.worker:work",
    name="worker",
    help="Work for a service that runs elsewhere: take jobs from its database.",
)
app.command(
    "tieline.cli.keys:app",
    name="keys",
    help="Make, list and revoke the keys of a service.",
)
app.register_install_completion_command(
    help="Let the shell complete commands and flags."
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    tokens = arguments
    if arguments is None:
        tokens = sys.argv[1:]
    prepare_streams()
    if not sys.warnoptions:
        # they speak to programmers; what a user must know is said in notes
        warnings.simplefilter("ignore")
    try:
        require_current_folder()
        app(tokens, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except TielineError as error:
        return say(error_message(error), error.exit_code)
    except CycloptsError as error:
        # here and not above: help has no need of what messages know
        from tieline.cli.usage import usage_message

        return say(usage_message(error), 2)
    except KeyboardInterrupt as interrupt:
        return say(f"interrupted; {str(interrupt) or 'nothing was written.'}", 130)
    except BrokenPipeError:
        settle_output()  # the reader of our output left (`tieline ... | head`); not an error
    except OSError as error:
        settle_output()
        return say(system_message(error), 2)
    except MemoryError:
        return say(TOO_LARGE, 2)
    except RecursionError:
        return say(TOO_DEEP, 2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
