"""Records one by one and in batches: get at two times, put with a precondition, versions, differences, relations.

A ref holds a slash and a colon, so it is the whole rest of a path: what belongs to a record stands in a collection of
its own (`/v1/versions/{name}`) and never behind its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import Response

from eendracht.kernel.comparison import compare_versions
from eendracht.kernel.errors import Conflict, Fault, InvalidInput, NotFound, UsageFault
from eendracht.kernel.identity import is_uid
from eendracht.kernel.records import Prepared, draft_schema, prepare
from eendracht.kernel.store.append import Written
from eendracht.kit.body import MOST_BATCH_BYTES, read_json
from eendracht.kit.problem import RequestRefused
from eendracht.kit.routing import DYNAMIC, Asker, AskerOf, Name, describe, json_response, question, refuse_questions
from eendracht.web import answers, queries
from eendracht.web.service import Service, ServiceOf

router = APIRouter()

MOST_DRAFTS: Final = 1_000
_ETAG = re.compile(r'(?:W/)?"(\d{1,15})/(\d{1,15})"')


class PreconditionFailed(RequestRefused):
    """The record is not what the author saw; both versions are in the answer."""

    code = "precondition-failed"
    title_nl = Conflict.title_nl
    title_en = Conflict.title_en

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(412, conflict.detail, hint=conflict.hint, faults=conflict.faults)
        self.extra = conflict.extra


def etag_of(generation: int, rv: int) -> str:
    """Give the entity tag of a version: its generation and its position."""
    return f'"{generation}/{rv}"'


async def author_of(asker: AskerOf) -> Asker:
    """Give an asker that may write, before its body is read; raises Unauthenticated or Denied."""
    asker.require_write()
    return asker


AuthorOf = Annotated[Asker, Depends(author_of)]
Condition = Annotated[str | None, Header(max_length=200)]


async def _read_draft(request: Request, author: AuthorOf) -> dict[str, Any]:
    return await read_json(request)


async def _read_batch(request: Request, author: AuthorOf) -> list[Any]:
    content = await read_json(request, MOST_BATCH_BYTES)
    drafts = content.get("drafts")
    if set(content) != {"drafts"} or not isinstance(drafts, list) or not 1 <= len(drafts) <= MOST_DRAFTS:
        raise UsageFault(f"A batch is an object with one list, drafts, of 1 to {MOST_DRAFTS} drafts")
    return drafts


# -- reading ----------------------------------------------------------------------------------------------------------


@router.get("/records/{name:path}", **describe(answers.Record, query=queries.InTime, errors=(404,)), tags=["records"])
def get_record(
    name: Name,
    service: ServiceOf,
    asker: AskerOf,
    asked: Annotated[queries.InTime, question(queries.InTime)],
    if_none_match: Condition = None,
) -> Response:
    """Give a record on a day, as known now or then.

    A former ref answers with the record too; `Content-Location` says where it is for good: under its uid.
    """
    record = service.store.get(name, asker.principal, asked.as_of, asked.size_or_moment)
    tag = etag_of(record.generation, record.rv)
    headers = {**DYNAMIC, "ETag": tag, "Content-Location": f"/v1/records/{record.uid}"}
    if if_none_match and tag in if_none_match.replace("W/", "").split(", "):
        return Response(status_code=304, headers=headers)
    return json_response(record.body, headers=headers)


@router.get(
    "/versions/{name:path}",
    dependencies=[refuse_questions],
    **describe(answers.Versions, errors=(404,)),
    tags=["records"],
)
def list_versions(name: Name, service: ServiceOf, asker: AskerOf) -> Response:
    """Give every version that the asker may see, newest first."""
    versions = service.store.history(name, asker.principal)
    lines = (b'{"rv":%d,"record":%b}' % (version.rv, version.body) for version in versions)
    return json_response(b'{"versions":[%b]}' % b",".join(lines))


@router.get(
    "/version-differences/{name:path}",
    **describe(answers.Differences, query=queries.Differences, errors=(404,)),
    tags=["records"],
)
def compare_record(
    name: Name,
    service: ServiceOf,
    asker: AskerOf,
    asked: Annotated[queries.Differences, question(queries.Differences)],
) -> Response:
    """Give every place where two versions of a record differ, each by its generation."""
    versions = {version.generation: version for version in service.store.history(name, asker.principal)}
    for generation in (asked.before, asked.after):
        if generation not in versions:
            raise NotFound(f"{name} has no generation {generation}")
    changes = compare_versions(versions[asked.before], versions[asked.after])
    return json_response({"differences": [asdict(change) for change in changes]})


@router.get(
    "/incoming-relations/{name:path}",
    **describe(answers.Relations, query=queries.Incoming, errors=(404,)),
    tags=["records"],
)
def list_incoming(
    name: Name, service: ServiceOf, asker: AskerOf, asked: Annotated[queries.Incoming, question(queries.Incoming)]
) -> Response:
    """Give what points at a record, under any of its names, as far as the asker may see both."""
    store = service.store
    store.get(name, asker.principal, asked.as_of)
    relations = store.incoming(name, asker.principal, asked.as_of, asked.limit)
    return json_response({"relations": [asdict(relation) for relation in relations]})


@router.get("/facets", **describe(answers.Facets, query=queries.Filter), tags=["records"])
def count_facets(
    service: ServiceOf, asker: AskerOf, asked: Annotated[queries.Filter, question(queries.Filter)]
) -> Response:
    """Count the records that answer, in all and per kind, owner, source, lifecycle and confidentiality."""
    if asked.kind:
        service.store.registry.get(asked.kind, "/query/kind")
    facets = asdict(service.store.facets(asked.to_query(), asker.principal, asked.as_of))
    return json_response({"confidentiality": facets.pop("level"), **facets})


@router.get("/suggestions", **describe(answers.Suggestions, query=queries.Filter), tags=["records"])
def list_suggestions(
    service: ServiceOf, asker: AskerOf, asked: Annotated[queries.Filter, question(queries.Filter)]
) -> Response:
    """Give what may have been meant by a text that finds nothing; empty where it finds something."""
    if asked.kind:
        service.store.registry.get(asked.kind, "/query/kind")
    result = service.store.search(asked.to_query(limit=1), asker.principal, asked.as_of)
    return json_response({"suggestions": [asdict(suggestion) for suggestion in result.suggestions]})


# -- writing ----------------------------------------------------------------------------------------------------------

_DRAFT_SCHEMA: Final = draft_schema()
_BATCH_SCHEMA: Final = {
    "type": "object",
    "required": ["drafts"],
    "additionalProperties": False,
    "properties": {"drafts": {"type": "array", "minItems": 1, "maxItems": MOST_DRAFTS, "items": _DRAFT_SCHEMA}},
}
_REFUSALS: Final = (403, 404, 409, 412, 413, 415)


@router.put(
    "/records/{name:path}",
    dependencies=[refuse_questions],
    **describe(answers.Written, body=_DRAFT_SCHEMA, errors=_REFUSALS),
    tags=["records"],
)
def put_record(
    name: Name,
    service: ServiceOf,
    asker: AuthorOf,
    draft: Annotated[dict[str, Any], Depends(_read_draft)],
    if_match: Condition = None,
    if_none_match: Condition = None,
) -> Response:
    """Record a version; it is on disk when this answers.

    `If-Match` with the entity tag that was read guards against overwriting another's work, `If-None-Match: *` says that
    it must be new. Under its uid a record takes another ref. `validUntil` ends this version: an older one that reached
    further holds again after it. `ended` with a `validFrom` ends the record: from that day on it is not found.
    """
    expected = _expectation(if_match, if_none_match)
    named = _name_draft(name, draft, service, asker)
    try:
        written = service.store.put(named, asker.principal, expected)
    except Conflict as conflict:
        if expected is not None and not conflict.faults:
            raise PreconditionFailed(conflict) from None
        raise
    headers = {**DYNAMIC, "ETag": etag_of(written.generation, written.rv)}
    if written.generation == 1:
        headers["Location"] = f"/v1/records/{written.uid}"
    return json_response(_say(written), 201 if written.generation == 1 else 200, headers)


def _expectation(if_match: str | None, if_none_match: str | None) -> int | None:
    if if_none_match is not None:
        if if_none_match.strip() != "*" or if_match is not None:
            raise UsageFault("If-None-Match takes only *, and not beside If-Match")
        return 0
    if if_match is None:
        return None
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise UsageFault("If-Match does not hold an entity tag of a record", hint='Send the ETag you read: "3/120".')
    return int(match[1])


def _name_draft(name: str, draft: Mapping[str, Any], service: Service, asker: Asker) -> dict[str, Any]:
    if is_uid(name):
        present = service.store.history(name, asker.principal)[0]
        if draft.get("uid", name) != name:
            raise _differs("/uid", "uid")
        return {"ref": present.ref, **draft, "uid": name}
    if draft.get("ref", name) != name:
        raise _differs("/ref", "ref")
    return {**draft, "ref": name}


def _differs(pointer: str, what: str) -> InvalidInput:
    hint = "To rename a record, put it under its uid."
    fault = Fault(pointer, "differs-from-path", f"De {what} is anders dan in het pad", f"The {what} differs", hint)
    return InvalidInput(f"The {what} in the body is not the one in the path", faults=[fault])


def _say(written: Written) -> dict[str, Any]:
    return {
        "rv": written.rv,
        "uid": written.uid,
        "ref": written.ref,
        "generation": written.generation,
        "recordedAt": written.recorded_at,
    }


@router.post(
    "/records",
    dependencies=[refuse_questions],
    **describe(answers.WrittenBatch, body=_BATCH_SCHEMA, errors=_REFUSALS),
    tags=["records"],
)
def append_records(service: ServiceOf, asker: AuthorOf, drafts: Annotated[list[Any], Depends(_read_batch)]) -> Response:
    """Record up to 1,000 versions, all or nothing, in one transaction; every fault of every draft is listed."""
    written = service.store.append(_prepare_all(drafts, service), asker.principal)
    return json_response({"records": [_say(item) for item in written]})


def _prepare_all(drafts: list[Any], service: Service) -> list[Prepared]:
    prepared = []
    faults: list[Fault] = []
    for position, draft in enumerate(drafts):
        place = f"/drafts/{position}"
        if not isinstance(draft, dict):
            faults.append(Fault(place, "dict-type", "Dit moet een object zijn", "This must be an object"))
            continue
        try:
            prepared.append(prepare(draft, service.store.registry))
        except InvalidInput as error:
            faults += [
                Fault(place + fault.pointer, fault.code, fault.nl, fault.en, fault.hint) for fault in error.faults
            ]
    if faults:
        raise InvalidInput(f"The batch has {len(faults)} fault(s); nothing was recorded", faults=faults)
    return prepared
