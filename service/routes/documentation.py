"""The API's documentation as a page, from assets of our own."""

from fastapi import APIRouter
from starlette.responses import Response

from service.pages import pages

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def documentation() -> Response:
    """The operations, to read and to try."""
    return pages.page("docs.html")
