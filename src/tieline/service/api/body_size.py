"""A body that says itself that it is too large is refused before it is read, with a problem document.

A body that does not say how large it is, is counted by the framework (`max_body_size`).
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tieline.service.api.problems import Refusal


class SizedBody:
    """Middleware that looks at the length a request states.

    Args:
        app: what answers.
        most_bytes: of a body.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http" or not self._is_too_large(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        detail = f"A body may have {self.most_bytes / 1000:g} kB. Send less at a time."
        answer = Refusal("too-large", detail).answer(scope["path"])
        await answer(scope, receive, send)

    def _is_too_large(self, headers: Headers) -> bool:
        length = headers.get("content-length", "")
        return length.isdecimal() and int(length) > self.most_bytes
