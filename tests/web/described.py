"""Answers that tests get anyhow, held against the description that the server gives of itself."""

from __future__ import annotations

from typing import Any

import httpx
import schemathesis

BASE = "/v1"


class Description:
    """What a server says of its API."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schema = schemathesis.openapi.from_dict(document)

    def hold(self, answer: httpx.Response) -> httpx.Response:
        """Give an answer back that keeps to the description; raises what schemathesis raises for one that does not."""
        path = answer.request.url.path.removeprefix(BASE)
        operation = self._schema.find_operation_by_path(answer.request.method, path)
        assert operation is not None, f"{answer.request.method} {path} is not described"
        operation.validate_response(answer)
        return answer


def describe_server(address: str) -> Description:
    """Read the description of a server at an address without a path."""
    return Description(httpx.get(f"{address}{BASE}/openapi.json", timeout=60).raise_for_status().json())
