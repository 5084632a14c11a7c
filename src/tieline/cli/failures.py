"""What the command line says when something fails that no command foresaw: the system refused, or too much was asked."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

from tieline.cli.explain import how_to_explain
from tieline.errors import InputError, TielineError, reason_of

TOO_LARGE = (
    "what was asked takes more memory than there is. Ask for less at a time: fewer days, longer steps, fewer scenarios, "
    "deployments or levels."
)
LONGEST_PATH = 200
"""Letters of a path that are shown."""

TO_COPY = ": tieline "
"""What a line holds that ends in a command; who copies one that stands in two lines gives half of it."""

TOO_DEEP = "a file that was given is nested deeper than any file of its kind needs. Give one that is less deep."


def say(message: str, code: int) -> int:
    """Write the one message of a command that failed; returns its exit code."""
    text = f"tieline: {message}"
    if sys.stderr.isatty():
        text = _between_words(text, shutil.get_terminal_size().columns)
    print(text, file=sys.stderr)
    return code


def _between_words(text: str, width: int) -> str:
    """The text in lines that end between words; a terminal ends them anywhere."""
    wrapper = textwrap.TextWrapper(
        width, break_long_words=False, break_on_hyphens=False
    )
    lines = [
        line if TO_COPY in line else wrapper.fill(line) for line in text.splitlines()
    ]
    return "\n".join(lines)


def error_message(error: TielineError) -> str:
    """The message of an error; where it is a list of findings, the way to what their codes mean."""
    message = str(error).strip()
    findings = getattr(error, "findings", ())
    if not findings:
        return message
    return f"{message}\n{how_to_explain(findings[0].code)}"


def system_message(error: OSError) -> str:
    """What the system refused, where, and what to do next."""
    names = (error.filename, error.filename2)  # a rename has two
    places = [f"'{_short(str(name))}'" for name in names if name is not None]
    where = " and ".join(places) or "the output"
    return f"{where}: {reason_of(error)}. Check the path, its rights and the space left there, and run the command again."


def _short(place: str) -> str:
    """A path as far as it can be read; the end of a long one says what it is."""
    if len(place) <= LONGEST_PATH:
        return place
    return f"...{place[-LONGEST_PATH:]} ({len(place)} letters)"


def require_current_folder() -> None:
    """Raise `InputError` if the folder in which the command was given is gone: no path has a meaning then."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise InputError(
            "The current folder does not exist any more. Change to one that does (cd), and try again."
        ) from None


def settle_output() -> None:
    """Write what is still unwritten; if that fails, send it to nowhere, so that Python does not fail again when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
