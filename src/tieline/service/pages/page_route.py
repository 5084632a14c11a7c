"""`PageRoute`: what goes wrong on the way to a page is told as a page; who is not signed in is asked to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from tieline.errors import TielineError
from tieline.service.pages.look import page
from tieline.service.pages.sessions import SignInNeeded, visitor_of
from tieline.service.web.failures import refusal_of
from tieline.service.web.problems import TITLES, Refusal

SEE_OTHER = 303

NO_PAGE = "No page has this address. Check it, or go on from the first page."


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """The handler, with errors told as pages."""
        inner: Callable[..., Any] = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except SignInNeeded:
                return RedirectResponse(_sign_in_place(request), SEE_OTHER)
            except (TielineError, RequestValidationError) as error:
                return _problem_page(request, error)

        return handle


def _sign_in_place(request: Request) -> str:
    """Address of the page that asks for a key, and leads back here."""
    place = request.url.path
    if request.url.query:
        place = f"{place}?{request.url.query}"
    return f"/sign-in?to={quote(place)}"


def _problem_page(request: Request, error: Exception) -> Response:
    if _is_of_address(error):
        return problem_page(request, Refusal("not-there", NO_PAGE))
    return problem_page(request, refusal_of(request, error))


def _is_of_address(error: Exception) -> bool:
    """Whether it is the address that names nothing, and not what was asked of a page."""
    if not isinstance(error, RequestValidationError):
        return False
    return all(problem["loc"][0] == "path" for problem in error.errors())


def problem_page(request: Request, refusal: Refusal) -> Response:
    """The page that tells a refusal."""
    _, title = TITLES[refusal.kind]
    visitor = visitor_of(request, request.app.state.service)
    answer = page(
        "problem.html",
        visitor,
        refusal.status,
        title=title,
        detail=str(refusal),
        findings=refusal.findings,
    )
    answer.headers.update(refusal.headers)
    return answer
