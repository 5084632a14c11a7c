"""What a form of a page sends back, and the proof that it was a form of this service.

A browser says where a form came from: `Sec-Fetch-Site`, older ones `Origin`. Forms of a session carry its token beside that.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from tieline.service.pages.sessions import Known
from tieline.service.web.problems import Refusal

TOKEN = "token"

FOREIGN = "This form was not sent from a page of this service. Open the page again, and send it from there."


async def _own_form(request: Request) -> dict[str, str]:
    """Fields of a form; raises `Refusal` if another site sent it."""
    if not _is_from_here(request):
        raise Refusal("not-allowed", FOREIGN)
    body = await request.body()
    text = body.decode("utf-8", errors="replace")
    return dict(parse_qsl(text, keep_blank_values=True))


OwnForm = Annotated[dict[str, str], Depends(_own_form)]
"""Parameter of an operation that takes a form of anybody."""


def _is_from_here(request: Request) -> bool:
    """Whether a browser says that the form came from this service, or nothing says where from: then it is no browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _session_form(form: OwnForm, visitor: Known) -> dict[str, str]:
    """Fields of a form of who is signed in."""
    token = form.get(TOKEN, "")
    if not visitor.is_signed_in:
        raise Refusal("no-key", "Sign in first.")
    if not hmac.compare_digest(token.encode(), visitor.form_token.encode()):
        raise Refusal("not-allowed", FOREIGN)
    return form


SessionForm = Annotated[dict[str, str], Depends(_session_form)]
"""Parameter of an operation that takes a form of who is signed in."""
