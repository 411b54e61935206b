"""Records over HTTP: lists, two times, preconditions, batches, and what is refused."""

from __future__ import annotations

import concurrent.futures
import time
from typing import Any

import orjson
import pytest

from tests.web.conftest import Site
from tests.web.nodes import OTHER, draft

EDITOR = "gm0344/editor"


def put(site: Site, ref: str, who: str = EDITOR, **headers: str) -> Any:
    """Put a public record of Utrecht."""
    content = draft(ref, headers.pop("name", "Naam"))
    del content["uid"]
    return site.call(
        "PUT", f"/v1/records/{ref}", who, json=content, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_a_list_filters_pages_and_links_to_the_next(site: Site) -> None:
    first = site.get("/v1/records?limit=2")
    assert first.headers["api-version"] == "1.0.0"
    page = first.json()
    assert [record["ref"] for record in page["records"]] == sorted(record["ref"] for record in page["records"])
    refs = [record["ref"] for record in page["records"]]
    while "next" in first.links:
        first = site.get(first.links["next"]["url"])
        refs += [record["ref"] for record in first.json()["records"]]
    assert first.json()["after"] is None
    assert len(refs) == len(set(refs)) >= 5
    kinds = site.get("/v1/records?kind=organisation").json()["records"]
    assert {record["kind"] for record in kinds} == {"organisation"}
    assert site.get("/v1/records?q=zaaksystemen").json()["records"][0]["ref"] == "application:gm0344/zaaksysteem"


def test_the_bytes_of_a_record_are_those_that_were_committed(site: Site) -> None:
    record = site.get("/v1/records/organisation:gm0344")
    assert record.content == orjson.dumps(record.json(), option=orjson.OPT_SORT_KEYS)
    assert record.content in site.get("/v1/records?kind=organisation").content


def test_a_write_is_in_the_next_response(site: Site) -> None:
    for number in range(20):
        ref = f"component:gm0344/vers-{number}"
        assert put(site, ref).status_code == 201
        listed = site.get(f"/v1/records?kind=component&after=component:gm0344/vers-{number}")
        before = site.get("/v1/records?kind=component&q=&limit=500").json()["records"]
        assert listed.status_code == 200
        assert ref in [record["ref"] for record in before]


def test_preconditions_guard_against_overwriting(site: Site) -> None:
    ref = "component:gm0344/twee-schrijvers"
    made = put(site, ref, if_none_match="*")
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/records/{made.json()['uid']}")
    assert made.headers["etag"] == f'"1/{made.json()["rv"]}"'
    assert put(site, ref, if_none_match="*").status_code == 412
    first = put(site, ref, name="Eerste", if_match=made.headers["etag"])
    assert first.status_code == 200
    second = put(site, ref, name="Tweede", if_match=made.headers["etag"])
    assert second.status_code == 412
    problem = second.json()
    assert second.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 412
    assert problem["generation"] == 2
    assert problem["current"]["spec"]["name"] == "Eerste"
    assert problem["proposed"]["spec"]["name"] == "Tweede"
    assert put(site, ref, if_match="nonsense").status_code == 400
    got = site.get(f"/v1/records/{ref}")
    assert got.headers["etag"] == first.headers["etag"]
    unchanged = site.get(f"/v1/records/{ref}", headers={"If-None-Match": got.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_of_many_writers_with_one_precondition_one_wins(site: Site) -> None:
    ref = "component:gm0344/gelijktijdig"
    tag = put(site, ref).headers["etag"]
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(lambda _: put(site, ref, if_match=tag).status_code, range(8)))
    assert sorted(codes) == [200, *[412] * 7]


def test_a_renamed_record_answers_under_its_former_ref(site: Site) -> None:
    made = put(site, "component:gm0344/oud").json()
    content = draft("component:gm0344/nieuw", "Nieuw")
    del content["uid"]
    renamed = site.call("PUT", f"/v1/records/{made['uid']}", EDITOR, json=content)
    assert (renamed.status_code, renamed.json()["ref"]) == (200, "component:gm0344/nieuw")
    former = site.get("/v1/records/component:gm0344/oud")
    assert former.json()["ref"] == "component:gm0344/nieuw"
    assert former.headers["content-location"] == f"/v1/records/{made['uid']}"
    assert put(site, "component:gm0344/oud").status_code == 409


def test_a_record_is_shown_as_of_a_day_and_as_known_at_a_moment(site: Site) -> None:
    ref = "component:gm0344/tijd"
    content = draft(ref, "Eerst")
    del content["uid"]
    first = site.call("PUT", f"/v1/records/{ref}", EDITOR, json={**content, "validFrom": "2026-01-01"}).json()
    content["spec"]["name"] = "Later"
    time.sleep(0.01)
    site.call("PUT", f"/v1/records/{ref}", EDITOR, json={**content, "validFrom": "2030-01-01"})

    def name(query: str) -> str:
        response = site.get(f"/v1/records/{ref}?{query}")
        return str(response.json()["spec"]["name"]) if response.status_code == 200 else str(response.status_code)

    assert name("") == "Eerst"
    assert name("asOf=2030-01-01") == "Later"
    assert name("asOf=2029-12-31") == "Eerst"
    assert name("asOf=2025-12-31") == "404"
    assert name(f"asOf=2030-01-01&knownAt={first['rv'] + 1}") == "Eerst"
    assert name(f"asOf=2030-01-01&knownAt={first['recordedAt']}") == "Eerst"
    assert name("knownAt=2020-01-01T00:00:00%2B01:00") == "404"
    versions = site.get(f"/v1/versions/{ref}").json()["versions"]
    assert [version["record"]["generation"] for version in versions] == [2, 1]
    differences = site.get(f"/v1/version-differences/{ref}?before=1&after=2").json()["differences"]
    assert {"pointer": "/spec/name", "before": "Eerst", "after": "Later"} in differences
    assert site.get(f"/v1/version-differences/{ref}?before=1&after=9").status_code == 404


def test_relations_point_both_ways(site: Site) -> None:
    relations = site.get("/v1/incoming-relations/application:gm0344/zaaksysteem").json()["relations"]
    assert {"field": "requires", "ref": "public-service:gm0344/paspoort", "name": "Paspoort"} in relations


def test_a_batch_is_all_or_nothing_and_lists_every_fault(site: Site) -> None:
    good = [draft(f"component:gm0344/partij-{number}", f"Deel {number}") for number in range(3)]
    bad = draft("component:gm0344/partij-9", "Fout")
    bad["spec"] = {"nmae": "Fout"}
    refused = site.call("POST", "/v1/records", EDITOR, json={"drafts": [*good, bad, 7]})
    pointers = {fault["pointer"] for fault in refused.json()["errors"]}
    assert refused.status_code == 400
    assert pointers == {"/drafts/3/spec/name", "/drafts/3/spec/nmae", "/drafts/4"}
    assert site.get("/v1/records/component:gm0344/partij-0").status_code == 404
    accepted = site.call("POST", "/v1/records", EDITOR, json={"drafts": good})
    assert [item["ref"] for item in accepted.json()["records"]] == [item["ref"] for item in good]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"[]", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff\xfe{}", "headers": {"Content-Type": "application/json"}}, 400),
        (
            {
                "content": b'{"spec":' + b'{"a":' * 70 + b"1" + b"}" * 71,
                "headers": {"Content-Type": "application/json"},
            },
            400,
        ),
        ({"content": b'{"a":' * 100_000, "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"x" * (2**20 + 1), "headers": {"Content-Type": "application/json"}}, 413),
        ({"content": b"a: 1", "headers": {"Content-Type": "application/yaml"}}, 415),
        ({"content": b'{"owner":"\\ud800"}', "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": draft("component:gm0344/anders", "Anders")}, 400),
    ],
)
def test_a_bad_body_is_refused_with_a_reason(site: Site, options: dict[str, Any], status: int) -> None:
    response = site.call("PUT", "/v1/records/component:gm0344/slecht", EDITOR, **options)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert "Traceback" not in response.text


def test_a_chunked_body_cannot_pass_the_limit(site: Site) -> None:
    def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 65_536

    headers = {"Content-Type": "application/json"}
    response = site.call("PUT", "/v1/records/component:gm0344/groot", EDITOR, content=chunks(), headers=headers)
    assert response.status_code == 413


def test_every_fault_of_a_query_is_listed_with_its_key(site: Site) -> None:
    for path in ("/v1/records", "/v1/facets"):
        response = site.get(f"{path}?asOf=20260101&owner=Utrecht&colour=blue")
        assert response.status_code == 400
        faults = response.json()["errors"]
        assert {fault["pointer"] for fault in faults} == {"/query/asOf", "/query/owner", "/query/colour"}
        assert all(fault["message"]["nl"] and fault["message"]["en"] for fault in faults)
    assert site.get("/v1/records?limit=0").status_code == 400
    assert site.get("/v1/records?limit=1&limit=2").status_code == 400
    assert site.get("/v1/records?kind=fiets").status_code == 400
    assert site.get("/v1/records/Geen%20ref").status_code == 400
    assert site.get("/v1/records/organisation:gm0344?colour=blue").status_code == 400


def test_no_path_ends_in_a_slash_and_a_wrong_method_names_the_right_ones(site: Site) -> None:
    assert site.get("/v1/records/").status_code in (400, 404)
    assert site.get("/v1/changes/").status_code == 404
    wrong = site.call("DELETE", "/v1/changes")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["allow"]
    assert wrong.headers["content-type"] == "application/problem+json"


def test_the_feed_goes_on_where_it_ended_and_waits_for_news(site: Site) -> None:
    seen: list[int] = []
    since = 0
    while True:
        answer = site.get(f"/v1/changes?since={since}&limit=3").json()
        seen += [change["rv"] for change in answer["changes"]]
        if answer["next"] == since:
            break
        since = answer["next"]
    assert seen == sorted(set(seen))
    lines = site.get("/v1/changes", headers={"Accept": "application/x-ndjson"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [orjson.loads(line)["rv"] for line in lines.text.splitlines()] == seen
    with concurrent.futures.ThreadPoolExecutor(30) as threads:
        waiting = [threads.submit(site.get, f"/v1/changes?since={since}&waitSeconds=20") for _ in range(30)]
        time.sleep(0.5)
        assert not any(future.done() for future in waiting)
        put(site, "component:gm0344/nieuws")
        started = time.monotonic()
        answers = [future.result(timeout=5).json() for future in waiting]
    assert time.monotonic() - started < 2
    assert all(answer["changes"][0]["record"]["ref"] == "component:gm0344/nieuws" for answer in answers)
    started = time.monotonic()
    assert site.get(f"/v1/changes?since={2**40}&waitSeconds=1").json() == {"changes": [], "next": 2**40}
    assert 0.9 < time.monotonic() - started < 3


def test_only_an_editor_of_the_owner_and_of_the_name_writes(site: Site) -> None:
    content = draft("component:gm0363/vreemd", "Vreemd", owner=OTHER)
    path = "/v1/records/component:gm0363/vreemd"
    assert site.call("PUT", path, json=content).status_code == 401
    assert site.call("PUT", path, EDITOR, json=content).status_code == 403
    assert site.call("PUT", path, "gm0363/editor", json=content).status_code == 201


def test_a_record_ends_by_a_version_that_says_so(site: Site) -> None:
    ref = "component:gm0344/einde"
    content = draft(ref, "Einde")
    del content["uid"]
    tag = put(site, ref, name="Einde").headers["etag"]
    end = {**content, "validFrom": "2026-01-01", "ended": True}
    assert site.call("PUT", f"/v1/records/{ref}", EDITOR, json={**end, "validFrom": None}).status_code == 400
    ended = site.call("PUT", f"/v1/records/{ref}", EDITOR, json=end, headers={"If-Match": tag})
    assert (ended.status_code, ended.json()["generation"]) == (200, 2)
    assert site.get(f"/v1/records/{ref}").status_code == 404
    assert site.get(f"/v1/records/{ref}?asOf=2025-12-31").json()["spec"]["name"] == "Einde"
    newest = site.get(f"/v1/versions/{ref}").json()["versions"][0]["record"]
    assert newest["ended"] is True and newest["validFrom"] == "2026-01-01"
    assert ref not in site.get("/v1/records?kind=component&limit=500").text
    assert site.call("PUT", "/v1/records/component:gm0344/nooit", EDITOR, json=end | {"ref": None}).status_code == 400
    unknown = {**end, "ref": "component:gm0344/nooit"}
    assert site.call("PUT", "/v1/records/component:gm0344/nooit", EDITOR, json=unknown).status_code == 404
    assert "beëindigd per 1 januari 2026" in site.get(f"/nl/records/{ref}").text
