"""`Connection`: the API of a service as tools ask it; what is refused becomes one sentence with all findings."""

from __future__ import annotations

from typing import Any, Protocol

from tieline.errors import TielineError

UNREACHABLE = "The service at {url} does not answer ({reason}). Start it with `tieline serve`, or give another --url."


class ServiceRefusal(TielineError):
    """The service refuses what is asked, or has no answer."""


class Answer(Protocol):
    """What comes back from a request."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        ...

    def json(self) -> Any:
        """The body."""
        ...


class Client(Protocol):
    """What sends requests: a client of httpx, or one that talks to an app in this process."""

    def request(self, method: str, url: str, *, json: Any = None) -> Answer:
        """Send a request and wait for its answer."""
        ...


class Connection:
    """A service.

    Args:
        client: sends requests to it, with a key.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer; raises `ServiceRefusal` with everything that is wrong."""
        answer = self._client.request(method, path, json=body)
        content = answer.json()
        if answer.status_code >= 400:
            raise ServiceRefusal(_sentence(content))
        return content


def _sentence(problem: dict[str, Any]) -> str:
    """A problem document in words."""
    lines = [problem["detail"]]
    for finding in problem.get("findings", []):
        line = f"{finding['where']}: {finding['message']}"
        remedy = finding.get("remedy")
        lines.append(f"{line} {remedy}" if remedy else line)
    return "\n".join(lines)


def connect(url: str, key: str) -> Connection:
    """A connection to a service by its address and a key of it.

    Raises:
        ServiceRefusal: if nothing answers there.
    """
    import httpx2

    headers = {"Authorization": f"Bearer {key}"}
    client = httpx2.Client(base_url=url, headers=headers)
    try:
        client.get("/health/live")
    except httpx2.HTTPError as error:
        raise ServiceRefusal(UNREACHABLE.format(url=url, reason=error)) from error
    return Connection(client)
