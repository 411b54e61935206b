"""One suite over both registers of cases, and what is true of the ZGW APIs alone, on a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.services.built_in import BuiltInRegister
from eendracht.services.connections import RegisterConnection, load_connections
from eendracht.services.registers import (
    CaseRegister,
    NewCase,
    NoRegister,
    RegisterRefused,
    RegisterUnreachable,
    document_of,
    open_register,
)
from eendracht.services.zgw.client import ZgwClient
from eendracht.services.zgw.notifications import subscribe
from eendracht.services.zgw.register import ZgwRegister
from tests.services.case_nodes import AMSTERDAM, UTRECHT, make_node, with_settings, write_connections
from tests.services.zgw.serving import RSIN, connection_text, run_register
from tests.web.serving import Server, free_port


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_register() as running:
        yield running


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with make_node(tmp_path / "node") as instance:
        yield instance


def connect(server: Server, node: Instance, **changes: Any) -> RegisterConnection:
    write_connections(node.settings.folder, connection_text(server.url))
    return replace(load_connections(node.settings).registers[UTRECHT], **changes)


@pytest.fixture(params=["built-in", "zgw"])
def register(request: pytest.FixtureRequest, node: Instance, server: Server) -> Iterator[CaseRegister]:
    is_zgw = request.param == "zgw"
    made: CaseRegister = ZgwRegister(connect(server, node)) if is_zgw else BuiltInRegister(node, UTRECHT)
    yield made
    made.close()


def new_case(number: str, node: Instance, **changes: Any) -> NewCase:
    given = NewCase(
        number=number,
        service="public-service:gm0344/parkeren",
        summary="Parkeervergunning",
        received_on=date(2026, 2, 9),
        registered_on=date(2026, 2, 10),
        subject=node.vault.add_subject(),
        decide_by=date(2026, 4, 7),
    )
    return replace(given, **changes)


def number_of(request: pytest.FixtureRequest) -> str:
    return f"EEN-{abs(hash(request.node.nodeid)) % 10**12}"


def state(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(server.url + "/_state").json()
    return found


def cause(server: Server, **trouble: Any) -> None:
    httpx.post(server.url + "/_trouble", json=trouble)


# -- both -------------------------------------------------------------------------------------------------------------


def test_a_case_comes_back_as_it_was_made(register: CaseRegister, node: Instance, request: Any) -> None:
    number = number_of(request)
    assert register.find_case(number) is None
    made = register.create_case(new_case(number, node))
    assert (made.number, made.started_on, made.deadline) == (number, date(2026, 2, 9), date(2026, 4, 7))
    assert made.ended_on is None
    assert register.read_case(made.address) == register.find_case(number) == made


def test_a_case_without_a_term_has_no_deadline(register: CaseRegister, node: Instance, request: Any) -> None:
    assert register.create_case(new_case(number_of(request), node, decide_by=None)).deadline is None


def test_the_same_number_again_is_the_same_case(register: CaseRegister, node: Instance, request: Any) -> None:
    number = number_of(request)
    first = register.create_case(new_case(number, node))
    assert register.create_case(new_case(number, node)).address == first.address


def test_many_at_once_make_one_case(register: CaseRegister, node: Instance, request: Any) -> None:
    number = number_of(request)
    new = new_case(number, node)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(register.create_case(new).address)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1


def test_a_document_is_put_in_once(register: CaseRegister, node: Instance, request: Any) -> None:
    number = number_of(request)
    made = register.create_case(new_case(number, node))
    documents = [document_of(f"{number}-{at}", f"Bijlage {at}", b"inhoud", "text/plain", "b.txt") for at in range(2)]
    addresses = [register.add_document(made, document) for document in documents]
    assert register.add_document(made, documents[0]) == addresses[0]
    assert sorted(register.list_documents(made)) == sorted(addresses)


def test_a_status_is_told_and_read(register: CaseRegister, node: Instance, request: Any) -> None:
    made = register.create_case(new_case(number_of(request), node))
    register.add_status(made, "received")
    assert register.read_case(made.address).status == "Ontvangen"
    register.add_status(made, "handed-over")
    register.add_status(made, "handed-over")
    assert register.read_case(made.address).status == "Doorgezonden"


def test_what_is_not_there_is_not_found(register: CaseRegister, node: Instance, request: Any) -> None:
    made = register.create_case(new_case(number_of(request), node))
    with pytest.raises(NotFound):
        register.read_case(made.address[:-4] + "0000")


# -- the built-in store is off unless asked for -----------------------------------------------------------------------


def test_without_a_setting_or_connection_there_is_no_register(node: Instance, server: Server) -> None:
    with pytest.raises(NoRegister):
        open_register(with_settings(node, built_in_cases=""), UTRECHT)
    assert isinstance(open_register(node, UTRECHT), BuiltInRegister)
    connect(server, node)
    assert isinstance(open_register(node, UTRECHT), ZgwRegister)
    assert isinstance(open_register(node, AMSTERDAM), BuiltInRegister)


# -- the ZGW APIs alone -----------------------------------------------------------------------------------------------


def test_the_case_type_of_the_service_that_holds_is_chosen(server: Server, node: Instance, request: Any) -> None:
    register = ZgwRegister(connect(server, node))
    made = register.create_case(new_case(number_of(request), node))
    types = {row["url"]: row for row in state(server)["rows"]["catalogi/api/v1/zaaktypen"]}
    assert types[made.case_type]["identificatie"] == "B1026" and types[made.case_type]["eindeGeldigheid"] is None
    other = register.create_case(new_case(number_of(request) + "x", node, service=""))
    assert types[other.case_type]["identificatie"] == "B0000"


def test_every_request_carries_what_the_standard_asks(server: Server, node: Instance, request: Any) -> None:
    register = ZgwRegister(connect(server, node))
    before = len(state(server)["seen"])
    register.create_case(new_case(number_of(request), node))
    seen = state(server)["seen"][before:]
    assert len(seen) >= 3
    for asked in seen:
        headers = asked["headers"]
        assert headers["accept-crs"] == "EPSG:4326" and headers["authorization"].startswith("Bearer ey")
        assert headers["x-audit-toelichting"]
        assert asked["method"] == "GET" or headers["content-crs"] == "EPSG:4326"


def test_a_wrong_secret_is_a_refusal_without_the_secret_in_it(server: Server, node: Instance) -> None:
    wrong = connect(server, node, secret="another-secret-that-is-not-the-one")
    with pytest.raises(RegisterRefused) as caught:
        ZgwRegister(wrong).find_case("EEN-1")
    assert "403" in str(caught.value) and "another-secret" not in str(caught.value)
    assert "secret" not in repr(wrong)


def test_reading_is_tried_again_and_writing_is_not(server: Server, node: Instance, request: Any) -> None:
    register = ZgwRegister(connect(server, node))
    cause(server, fail_times={"GET": 2})
    assert register.find_case("EEN-none") is None
    cause(server, fail_times={"POST": 1})
    with pytest.raises(RegisterUnreachable):
        register.create_case(new_case(number_of(request), node))
    cause(server)
    posts = [row for row in state(server)["seen"] if row["method"] == "POST" and row["path"].endswith("/zaken")]
    assert register.find_case(number_of(request)) is None and posts


def test_a_case_of_which_the_answer_was_lost_is_found_by_its_number(
    server: Server, node: Instance, request: Any
) -> None:
    connection = connect(server, node)
    register = ZgwRegister(connection, ZgwClient(connection, read_seconds=1.0))
    number = number_of(request)
    cause(server, drop_answer="/zaken/api/v1/zaken")
    # The first request for that path is the look-up, which may be tried again; the second is the creation.
    made = register.create_case(new_case(number, node))
    cause(server, drop_answer="/documenten/api/v1/enkelvoudiginformatieobjecten")
    register.add_document(made, document_of(f"{number}-1", "Bijlage", b"x"))
    rows = state(server)["rows"]
    assert sum(row["identificatie"] == number for row in rows["zaken/api/v1/zaken"]) == 1
    documents = rows["documenten/api/v1/enkelvoudiginformatieobjecten"]
    assert sum(row["identificatie"] == f"{number}-1" for row in documents) == 1


def test_a_post_that_was_done_but_not_answered_makes_no_second_case(
    server: Server, node: Instance, request: Any
) -> None:
    connection = connect(server, node)

    class Deaf(ZgwClient):
        """A client that loses the answer to its first creation."""

        is_deaf = True

        def post(self, address: str, body: Any) -> dict[str, Any]:
            if self.is_deaf:
                self.is_deaf = False
                cause(server, drop_answer=address.removeprefix(server.url))
            return super().post(address, body)

    register = ZgwRegister(connection, Deaf(connection, read_seconds=1.0))
    number = number_of(request)
    made = register.create_case(new_case(number, node))
    rows = state(server)["rows"]["zaken/api/v1/zaken"]
    assert [row["url"] for row in rows if row["identificatie"] == number] == [made.address]


def test_nobody_there_is_unreachable_in_bounded_time(node: Instance) -> None:
    write_connections(node.settings.folder, connection_text(f"http://127.0.0.1:{free_port()}"))
    register = ZgwRegister(load_connections(node.settings).registers[UTRECHT])
    with pytest.raises(RegisterUnreachable):
        register.find_case("EEN-1")


def test_what_the_register_refuses_is_named_without_its_value(server: Server, node: Instance, request: Any) -> None:
    connection = connect(server, node, rsin="ABCDEFGHI")
    with pytest.raises(RegisterRefused) as caught:
        ZgwRegister(connection).create_case(new_case(number_of(request), node))
    assert {fault.pointer for fault in caught.value.faults} == {"/bronorganisatie", "/verantwoordelijkeOrganisatie"}
    assert "ABCDEFGHI" not in str(caught.value)


def test_the_token_goes_to_no_other_address(server: Server, node: Instance) -> None:
    client = ZgwClient(connect(server, node))
    with pytest.raises(RegisterRefused, match="outside"):
        client.get(f"http://127.0.0.1:{free_port()}/zaken/api/v1/zaken")
    with pytest.raises(RegisterRefused, match="outside"):
        client.get(server.url + "/zaken/api/v1.evil.example/zaken")


def test_an_abonnement_names_the_callback_and_the_own_cases_only(server: Server, node: Instance) -> None:
    address = subscribe(connect(server, node), "https://node.example/v1/case-notifications/gm0344", "eendracht_x")
    (row,) = [row for row in state(server)["rows"]["notificaties/api/v1/abonnement"] if row["url"] == address]
    assert row["auth"] == "Bearer eendracht_x"
    assert row["kanalen"] == [{"naam": "zaken", "filters": {"bronorganisatie": RSIN}}]
