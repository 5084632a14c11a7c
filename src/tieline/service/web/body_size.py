"""How large a body may be: one that says itself that it is larger is refused before it is read, any other as soon as it is.

The framework has a limit of its own (`max_body_size`), which answers with plain text and not with a problem document.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tieline.service.web.problems import Refusal

TOO_LARGE = 413


class SizedBody:
    """Middleware that counts bodies.

    Args:
        app: what answers.
        most_bytes: of a body.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.detail = f"A body may have {most_bytes / 1000:g} kB; send less at a time"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] == "http" and self._says_too_much(Headers(scope=scope)):
            answer = Refusal("too-large", f"{self.detail}.").answer(scope["path"])
            await answer(scope, receive, send)
            return
        n_bytes = 0

        async def counted_receive() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > self.most_bytes:
                raise HTTPException(TOO_LARGE, self.detail)
            return message

        await self.app(scope, counted_receive, send)

    def _says_too_much(self, headers: Headers) -> bool:
        length = headers.get("content-length", "")
        return length.isdecimal() and int(length) > self.most_bytes
