"""What is told of a run."""

from __future__ import annotations

from tieline.service.api.bodies.runs import RunShown
from tieline.service.store.runs import Run


def shown(run: Run) -> RunShown:
    """A run as it is told."""
    return RunShown(
        run=run.run_id,
        study=run.study,
        feeder=run.feeder,
        seed=run.config["seed"],
        status=run.state,
        reason=run.reason or None,
        asked_at=run.asked_at,
        began_at=run.begun_at,
        ended_at=run.ended_at,
        links=_links(run),
    )


def _links(run: Run) -> dict[str, str]:
    """Where to go on from here."""
    place = f"/v1/runs/{run.run_id}"
    links = {"self": place, "events": f"{place}/events"}
    if run.state == "done":
        links["result"] = f"{place}/result"
        links["report"] = f"{place}/report"
        links["tables"] = f"{place}/tables/NAME"
    return links
