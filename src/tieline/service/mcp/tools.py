"""The tools: start a run, see how far it is, read what came out; feeders of the library; what a finding means.

Docstrings are what the other side reads: they say what to ask next.
"""

from __future__ import annotations

from typing import Any

from tieline.feeders import describe_library
from tieline.feeders.finding_texts import explain_code
from tieline.service.mcp.connection import Connection
from tieline.studies.catalogue import STUDIES


class Tools:
    """Tools on a connection to a service."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_studies(self) -> list[dict[str, str]]:
        """The questions that can be asked: name of each study and what it answers."""
        return [
            {"study": study.name, "question": study.question}
            for study in STUDIES.values()
        ]

    def list_feeders(self) -> list[dict[str, str]]:
        """The distribution feeders that every study knows by name, and what they are."""
        return [
            {"feeder": entry.name, "title": entry.title} for entry in describe_library()
        ]

    def start_run(
        self,
        study: str,
        feeder: str | None = None,
        seed: int | None = None,
        configuration: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask a study a question about a feeder.

        Everything is checked first and all that is wrong is told together. The same question is the same run: asking twice costs
        nothing. Then ask run_status with the run's id until its status is "done".

        Args:
            study: name, of list_studies.
            feeder: name, of list_feeders; the study's own if not given.
            seed: of random draws.
            configuration: fields of the study, as flags of `tieline run STUDY --help` with underscores.
        """
        body = {
            "study": study,
            "feeder": feeder,
            "seed": seed,
            "configuration": configuration or {},
        }
        return self._connection.ask("POST", "/v1/runs", body)

    def run_status(self, run: str) -> dict[str, Any]:
        """How far a run is: waiting, running or done. A run without an answer is refused with the reason why."""
        return self._connection.ask("GET", f"/v1/runs/{run}")

    def run_result(self, run: str) -> dict[str, Any]:
        """What came out of a run that is done: metrics by name, and warnings that belong beside them."""
        content = self._connection.ask("GET", f"/v1/runs/{run}/result")
        return {name: content[name] for name in ("study", "metrics", "warnings")}

    def explain_finding(self, code: str) -> dict[str, Any]:
        """What a finding code such as LOAD.KV_MISMATCH means, and what to do about it."""
        text = explain_code(code)
        said = [
            {"severity": way.severity, "message": way.message, "remedy": way.remedy}
            for way in text.said
        ]
        return {"code": text.code, "purpose": text.purpose, "said": said}
