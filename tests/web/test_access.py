"""Who asks: tokens that hold, that do not, that only read, and that were taken back by another process."""

from __future__ import annotations

import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eendracht.kernel.access import Role
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.credentials import (
    TOKEN_PREFIX,
    Authenticator,
    create_principal,
    find_principal,
    issue_token,
    revoke_tokens,
)
from eendracht.kernel.errors import InvalidInput, NotFound, Unauthenticated
from eendracht.kernel.instance import Instance
from tests.web.conftest import Site
from tests.web.nodes import open_node
from tests.web.serving import run_server

MOMENT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Instance:
    """Give an empty node whose clock stands still."""
    return open_node(tmp_path / "node", FixedClock(MOMENT))


def test_a_token_stands_for_its_principal_until_it_expires(node: Instance) -> None:
    create_principal(node.store, "gm0344/zaak", ["editor@organisation:gm0344", "reader@organisation:gm0363"])
    secret = issue_token(node.store, "gm0344/zaak", "write", days=30)
    assert secret.startswith(TOKEN_PREFIX)
    assert len(secret) == len(TOKEN_PREFIX) + 43  # 256 bits in base64url without padding
    found = Authenticator(node.store).authenticate(secret)
    assert found.scope == "write"
    assert found.principal.roles == {(Role.EDITOR, "organisation:gm0344"), (Role.READER, "organisation:gm0363")}
    assert not found.principal.is_operator
    clock = node.store.clock
    assert isinstance(clock, FixedClock)
    clock.moment = MOMENT + timedelta(days=30)
    with pytest.raises(Unauthenticated):
        Authenticator(node.store).authenticate(secret)


def test_the_secret_is_kept_nowhere(node: Instance, tmp_path: Path) -> None:
    create_principal(node.store, "systeem", ["reader@organisation:gm0344"])
    secret = issue_token(node.store, "systeem")
    node.close()
    random_part = secret.removeprefix(TOKEN_PREFIX).encode()
    for path in tmp_path.rglob("*"):
        if stat.S_ISREG(path.stat().st_mode):
            assert random_part not in path.read_bytes()


def test_other_roles_take_the_place_of_the_old(node: Instance) -> None:
    create_principal(node.store, "systeem", ["editor@organisation:gm0344"])
    create_principal(node.store, "systeem", ["reader@organisation:gm0363"])
    assert find_principal(node.store, "systeem").roles == {(Role.READER, "organisation:gm0363")}
    with pytest.raises(NotFound):
        find_principal(node.store, "niemand")
    with pytest.raises(NotFound):
        issue_token(node.store, "niemand")


@pytest.mark.parametrize("name", ["public", "operator", "", "Hoofdletters", "a" * 101, "regel\neinde"])
def test_a_name_that_cannot_be_is_refused(node: Instance, name: str) -> None:
    with pytest.raises(InvalidInput):
        create_principal(node.store, name, [])


def test_every_role_that_cannot_be_is_named(node: Instance) -> None:
    roles = ["keizer@organisation:gm0344", "editor@supplier:kvk.1", "editor", "reader@organisation:gm0344"]
    with pytest.raises(InvalidInput) as refused:
        create_principal(node.store, "systeem", roles)
    assert len(refused.value.faults) == 3
    with pytest.raises(InvalidInput):
        issue_token(node.store, create_principal(node.store, "goed", []).name, days=0)


@pytest.mark.parametrize("path", ["/v1/records", "/v1/changes", "/v1/records/organisation:gm0344", "/v1/facets"])
@pytest.mark.parametrize(
    "header", ["Bearer eendracht_" + "x" * 43, "Bearer", "Basic dXNlcjpwYXNz", "Bearer " + "y" * 500]
)
def test_a_wrong_token_is_never_the_public(site: Site, path: str, header: str) -> None:
    response = site.get(path, headers={"Authorization": header})
    if response.status_code == 429:
        time.sleep(1.5)
        response = site.get(path, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"
    assert b"records" not in response.content


def test_a_reading_token_does_not_write(site: Site) -> None:
    with open_for_change(site) as instance:
        create_principal(instance.store, "lezer", ["editor@organisation:gm0344"])
        secret = issue_token(instance.store, "lezer", "read")
    assert site.get("/v1/records/platform:gm0344/geheim-platform", secret).status_code == 200
    refused = site.call("PUT", "/v1/records/component:gm0344/x", secret, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")


def open_for_change(site: Site) -> Instance:
    """Open the node that is being served from this process too, as the command line would."""
    from eendracht.bootstrap import open_instance
    from eendracht.config import load_settings

    return open_instance(load_settings(site.folder))


def test_what_another_process_changes_holds_within_a_second(site: Site) -> None:
    hidden = "/v1/records/platform:gm0344/geheim-platform"
    with open_for_change(site) as instance:
        create_principal(instance.store, "tijdelijk", ["reader@organisation:gm0344"])
        secret = issue_token(instance.store, "tijdelijk")
        assert site.get(hidden, secret).status_code == 200
        create_principal(instance.store, "tijdelijk", ["reader@organisation:gm0363"])
        time.sleep(1)
        assert site.get(hidden, secret).status_code == 404
        revoke_tokens(instance.store, "tijdelijk")
        time.sleep(1)
        assert site.get("/v1/records", secret).status_code == 401


def test_many_wrong_tokens_are_slowed_down_and_good_ones_are_not(site: Site) -> None:
    with run_server(site.folder) as server:
        other = Site(server, site.folder, site.tokens)
        assert other.get("/v1/records", "gm0344/editor").status_code == 200
        codes = [other.get("/v1/records", f"{TOKEN_PREFIX}{number:043d}").status_code for number in range(60)]
        assert codes[0] == 401
        assert codes[-1] == 429
        assert other.get("/v1/records").status_code == 200


def test_figures_are_for_the_machine_itself(site: Site) -> None:
    figures = site.get("/v1/metrics")
    assert figures.status_code == 200
    assert "eendracht_log_size" in figures.text
    assert "geheim" not in figures.text
    assert "gm0344" not in figures.text
    for name in ("X-Forwarded-For", "Forwarded"):
        assert site.get("/v1/metrics", headers={name: "for=192.0.2.1"}).status_code == 404
