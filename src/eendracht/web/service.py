"""What every route of one server shares: the node, the door, the lanes, the news and the figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from eendracht.kernel.credentials import Authenticator
from eendracht.kernel.instance import Instance
from eendracht.kit.landscapes import Landscapes
from eendracht.kit.routing import Asker
from eendracht.web.door import Door
from eendracht.web.figures import Figures
from eendracht.web.lanes import Lanes, News


class Service:
    """One server over one node."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.store = instance.store
        self.history = instance.history
        self.lanes = Lanes(instance.store)
        self.news = News(instance.store, self.lanes)
        self.door = Door(Authenticator(instance.store), self.lanes.run, instance.audit)
        self.figures = Figures(instance)
        self.landscapes = Landscapes(instance.open_wings)

    async def identify(self, scope: Scope) -> Asker:
        """Give who asks; raises Unauthenticated or TooManyRequests."""
        return await self.door.identify(scope)

    def close(self) -> None:
        """Let the work that runs finish; the node itself stays open."""
        self.lanes.close()
        self.landscapes.close()


def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service_of)]
"""The service behind a request, for the routes of the frame."""
