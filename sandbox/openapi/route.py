"""GET /openapi.json: the simulated API's own description, for anyone."""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.openapi.document import document

NAME = "openapi.json"


class DescriptionRoutes:
    """The document's route; it needs no key."""

    def routes(self, prefix: str) -> list[Route]:
        """The route under the API's prefix."""
        return [Route(f"{prefix}/{NAME}", self.describe, methods=["GET"])]

    async def describe(self, request: Request) -> Response:
        """The document, with the address at which the API was reached."""
        return json_answer(
            _document(str(request.url.replace(query="", fragment="")).removesuffix(f"/{NAME}"))
        )


@lru_cache(maxsize=8)
def _document(base_url: str) -> dict[str, object]:
    return document(base_url)
