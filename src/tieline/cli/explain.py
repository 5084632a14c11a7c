"""`tieline explain CODE`: what a finding code means and what to do, offline; the documentation has the same as a page."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter


def explain(
    code: Annotated[
        str, Parameter(help="Code of a finding, such as LOAD.KV_MISMATCH.")
    ],
) -> None:
    """Say what a finding code means and what to do about it."""
    from tieline.cli.screen import screen
    from tieline.feeders.finding_texts import explain_code

    text = explain_code(code)
    console = screen()
    severities = dict.fromkeys(way.severity for way in text.said)
    console.print(f"{text.code}: {' or '.join(severities)}", style="bold")
    for way in text.said:
        console.print()
        console.print("\nor: ".join(way.message))
        if way.remedy:
            console.print(f"What to do: {' Or: '.join(way.remedy)}")
    console.print()
    console.print(f"Said where this is checked: {text.purpose}")
    if any("<" in message for way in text.said for message in way.message):
        console.print("<...> stands for what tieline fills in.")


def how_to_explain(code: str) -> str:
    """The sentence that leads from a finding to this command."""
    return f"What [{code}] means and what to do: tieline explain {code}"
