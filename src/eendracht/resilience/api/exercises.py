"""Exercises over HTTP: for a player at a node of their own, and for who leads."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.access import Principal
from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.instance import Instance
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.routing import AskerOf, InstanceOf, describe, json_response, refuse_questions
from eendracht.resilience.exercises import leading, playing
from eendracht.resilience.exercises.deliveries import list_inbox
from eendracht.resilience.exercises.effects import Offers
from eendracht.resilience.exercises.jobs import ask_exercise
from eendracht.resilience.exercises.lessons import read_board
from eendracht.resilience.exercises.messages import find_message
from eendracht.resilience.exercises.report import describe_report, make_report
from eendracht.resilience.exercises.scenario import read_duration
from eendracht.resilience.exercises.state import ExerciseState

router = APIRouter(prefix="/resilience", tags=["resilience"], dependencies=[refuse_questions])

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="Id of an exercise", examples=["0123456789abcdef"])]
Text = Annotated[str, StringConstraints(max_length=leading.MOST_TEXT, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(max_length=221, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Shape(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class ExerciseShape(_Shape):
    """An exercise that the asker leads or may join."""

    id: str
    name: str
    state: str
    led_by: str
    record: str


class ExercisesShape(_Shape):
    """The exercises that the asker leads or may join, the newest first."""

    exercises: list[ExerciseShape]


class StatusShape(_Shape):
    """The simulated status of something."""

    ref: str
    name: str
    owner: str
    status: str


class ProgressShape(_Shape):
    """How an exercise stands; seconds are of the exercise."""

    id: str
    name: str
    mark: str
    phase: str
    ended: str
    seconds: float
    duration_seconds: int
    speed: float
    organisations: list[str]
    statuses: list[StatusShape]
    """Things that are not up, or were not."""


class MessageShape(_Shape):
    """A message that a player got; moments are UTC, empty as long as it is not so far."""

    id: str
    mark: str
    sender: str
    subject: str
    text: str
    due_at: str
    delivered_at: str
    seen_at: str
    acknowledged_at: str
    is_late: bool


class MessagesShape(_Shape):
    """What a player got, the newest first."""

    organisation: str
    messages: list[MessageShape]


class ReportShape(_Shape):
    """The after-action report, as `exercise report --json` prints it."""

    model_config = ConfigDict(extra="allow")


class ActionShape(_Shape):
    """An action that follows from a lesson."""

    ref: str
    name: str
    lesson: str
    owner: str
    due: str | None
    status: str
    overdue: bool
    repeated: bool
    """Whether the same was found in another exercise."""
    retests: list[str]


class ActionsShape(_Shape):
    """The actions, overdue ones first."""

    actions: list[ActionShape]


class JoiningGiven(_Shape):
    """For whom somebody takes part."""

    organisation: Code = ""
    """Ref of an organisation; may be left out where it can only be one."""


class AcknowledgementGiven(_Shape):
    """Which message is confirmed."""

    message: Code


class DeedGiven(_Shape):
    """What a player does."""

    type: Literal["report", "decide", "share", "act", "document", "estimate"]
    effect: Literal["fail-over", "isolate", "reconnect", "assign-crew", "publish", "other"] | None = None
    about: Code = ""
    """Ref of a thing, or id of a message."""
    to: Code = ""
    """The alternative to which it fails over, or the organisation that is told."""
    value: Annotated[int, Field(gt=-(2**53), lt=2**53)] | None = None
    text: Text = ""
    """Without names of people."""


class TurnGiven(_Shape):
    """What a leader does with the clock."""

    turn: Literal["start", "pause", "resume", "jump", "stop", "no-duff"]
    speed: Annotated[float, Field(gt=0, le=leading.MOST_SPEED)] = 1.0
    """For start: exercise time over wall time."""
    to: Annotated[str, StringConstraints(pattern=r"^$|^[0-9]{1,4}:[0-5][0-9](:[0-5][0-9])?$")] = ""
    """For jump: hours, minutes and, where needed, seconds."""


@router.get("/exercises", **describe(ExercisesShape, errors=(403,)))
def get_exercises(instance: InstanceOf, asker: AskerOf) -> Response:
    """Give the exercises that the asker leads or may join."""
    require_insider(asker.principal)
    rows = leading.list_seen(instance, asker.principal)
    return json_response(
        {
            "exercises": [
                {
                    "id": row.id,
                    "name": row.scenario["name"],
                    "state": row.state,
                    "ledBy": row.owner,
                    "record": row.record,
                }
                for row in rows
            ]
        }
    )


@router.get("/exercises/{exercise}", **describe(ProgressShape, errors=(403, 404)))
def get_exercise(instance: InstanceOf, asker: AskerOf, exercise: Id) -> Response:
    """Give how an exercise stands, with the simulated status of what is or was out."""
    require_insider(asker.principal)
    _, state = playing.read_for(instance, asker.principal, exercise)
    return json_response(_show(instance, exercise, state))


def _show(instance: Instance, exercise: str, state: ExerciseState) -> dict[str, Any]:
    things = Offers.from_body(state.offered).things
    return {
        "id": exercise,
        "name": state.scenario.name,
        "mark": "NO-DUFF" if state.ended_how == "no-duff" else "EXERCISE",
        "phase": state.phase,
        "ended": state.ended_how,
        "seconds": round(state.offset(instance.store.clock.now()), 3),
        "durationSeconds": state.scenario.duration,
        "speed": state.clock.speed if state.clock else 1.0,
        "organisations": list(state.scenario.members),
        "statuses": [
            {"ref": ref, "name": things[ref].name, "owner": things[ref].owner, "status": status}
            for ref, status in sorted(state.statuses.items())
            if ref in things
        ],
    }


@router.post(
    "/exercises/{exercise}/participants",
    **describe(status=204, body=body_schema(JoiningGiven), errors=(403, 404, 409, 413, 415)),
)
async def post_participant(instance: InstanceOf, asker: AskerOf, exercise: Id, request: Request) -> Response:
    """Take part in an exercise for an organisation; again is the same."""
    principal = asker.require_write()
    given = require_valid(JoiningGiven, await read_json(request), "participant")
    return await _do(playing.join, instance, principal, exercise, given.organisation)


@router.get("/exercises/{exercise}/messages", **describe(MessagesShape, errors=(403, 404)))
def get_messages(instance: InstanceOf, asker: AskerOf, exercise: Id) -> Response:
    """Give the messages that the asker got as a player, and mark them as seen."""
    player = playing.require_player(instance, asker.principal, exercise)
    _, state = playing.read_for(instance, asker.principal, exercise)
    found = []
    for item in list_inbox(instance.store, exercise, player.id):
        message = find_message(state.scenario, item.message)
        if message is not None:
            found.append(
                {
                    "id": message.id,
                    "mark": message.mark,
                    "sender": message.sender,
                    "subject": message.subject,
                    "text": message.text,
                    "dueAt": item.due_at,
                    "deliveredAt": item.delivered_at,
                    "seenAt": item.seen_at,
                    "acknowledgedAt": item.acknowledged_at,
                    "isLate": item.is_late,
                }
            )
    return json_response({"organisation": player.organisation, "messages": found})


@router.post(
    "/exercises/{exercise}/acknowledgements",
    **describe(status=204, body=body_schema(AcknowledgementGiven), errors=(403, 404, 413, 415)),
)
async def post_acknowledgement(instance: InstanceOf, asker: AskerOf, exercise: Id, request: Request) -> Response:
    """Confirm a message; the first time counts."""
    principal = asker.require_write()
    given = require_valid(AcknowledgementGiven, await read_json(request), "acknowledgement")
    return await _do(playing.acknowledge, instance, principal, exercise, given.message)


@router.post(
    "/exercises/{exercise}/deeds",
    **describe(status=204, body=body_schema(DeedGiven), errors=(403, 404, 409, 413, 415)),
)
async def post_deed(instance: InstanceOf, asker: AskerOf, exercise: Id, request: Request) -> Response:
    """Report, decide, share, act, write down or estimate something for one's organisation."""
    principal = asker.require_write()
    given = require_valid(DeedGiven, await read_json(request), "deed")
    said = {"effect": given.effect, "about": given.about, "to": given.to, "value": given.value}
    return await _do(playing.do, instance, principal, exercise, given.type, said, given.text)


@router.post(
    "/exercises/{exercise}/turns",
    **describe(status=204, body=body_schema(TurnGiven), errors=(403, 404, 409, 413, 415)),
)
async def post_turn(instance: InstanceOf, asker: AskerOf, exercise: Id, request: Request) -> Response:
    """Start, hold, resume, jump or stop an exercise that the asker leads."""
    principal = asker.require_write()
    given = require_valid(TurnGiven, await read_json(request), "turn")
    if given.turn == "start":
        return await _do(ask_exercise, instance, principal, exercise, given.speed)
    if given.turn == "jump":
        seconds = float(str(read_duration(given.to or "0:00")))
        return await _do(leading.jump, instance, principal, exercise, seconds)
    if given.turn in ("stop", "no-duff"):
        how = "no-duff" if given.turn == "no-duff" else "stopped"
        return await _do(leading.stop, instance, principal, exercise, how)
    return await _do(leading.pause if given.turn == "pause" else leading.resume, instance, principal, exercise)


async def _do(verb: Any, instance: Instance, principal: Principal, *more: Any) -> Response:
    require_insider(principal)
    await asyncio.to_thread(verb, instance, principal, *more)
    return Response(status_code=204)


@router.get("/exercises/{exercise}/report", **describe(ReportShape, errors=(403, 404)))
def get_report(instance: InstanceOf, asker: AskerOf, exercise: Id) -> Response:
    """Give the after-action report, also while the exercise goes on; scores are of organisations, never of people."""
    require_insider(asker.principal)
    row, _ = playing.read_for(instance, asker.principal, exercise)
    return json_response(describe_report(make_report(instance, row, asker.principal)))


@router.get("/lesson-actions", **describe(ActionsShape, errors=(403,)))
def get_actions(instance: InstanceOf, asker: AskerOf) -> Response:
    """Give the actions that follow from lessons; they change as records of the kinds action and retest do."""
    require_insider(asker.principal)
    rows = read_board(instance.store, asker.principal)
    return json_response(
        {
            "actions": [
                {
                    "ref": row.action.ref,
                    "name": row.action.name,
                    "lesson": row.lesson.ref if row.lesson else "",
                    "owner": row.owner,
                    "due": row.due.isoformat() if row.due else None,
                    "status": row.status,
                    "overdue": row.is_overdue,
                    "repeated": row.is_repeated,
                    "retests": [item.ref for item in row.retests],
                }
                for row in rows
            ]
        }
    )
