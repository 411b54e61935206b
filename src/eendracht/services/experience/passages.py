"""One passage through a journey, as far as its own form carries it: no cookie, no account, nothing kept of it.

A form takes its passage along in a hidden field, sealed so that nobody makes up measurements. It holds which step was
reached, the moment it began and the codes of the facts that were asked: no answer, and nothing by which two passages
could be told to be of one person. What is counted of it stands in `measures`.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import orjson

CODE: Final = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,199}")
"""What journeys, steps and facts are named by."""
MOST_FACTS: Final = 100
_MOST_BYTES: Final = 16_384
_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Passage:
    """How far somebody is in a journey; `began` is in seconds since 1970.

    `organisation` is the ref of who offers the journey. With `is_assisted` a helper sits beside (counter, library,
    telephone). `asked` are the codes of the facts that were asked, `asked_twice` how often one was asked again.
    """

    journey: str
    organisation: str
    began: int
    number: str
    """Random, so that a form that is sent twice counts once; forgotten when the passage is over."""
    is_assisted: bool = False
    step: str = ""
    asked: tuple[str, ...] = ()
    asked_twice: int = 0

    def at_step(self, step: str) -> Passage:
        """Give the passage at a step; raises ValueError for what is no code."""
        return replace(self, step=_code(step))

    def asking(self, *facts: str) -> Passage:
        """Give the passage after facts were asked; a fact that was asked before counts as asked twice."""
        again = sum(1 for fact in facts if fact in self.asked)
        new = tuple(dict.fromkeys(_code(fact) for fact in facts if fact not in self.asked))
        return replace(self, asked=(*self.asked, *new)[:MOST_FACTS], asked_twice=self.asked_twice + again)

    def seconds(self, now: datetime) -> int:
        """Give how long it has taken; a clock that was set back gives nothing below zero."""
        return max(0, int(now.timestamp()) - self.began)

    def seal(self, key: bytes) -> str:
        """Give the text that a form carries."""
        content = orjson.dumps(
            [
                self.journey,
                self.organisation,
                self.began,
                self.number,
                self.is_assisted,
                self.step,
                self.asked,
                self.asked_twice,
            ]
        )
        return base64.urlsafe_b64encode(_tag(key, content) + content).decode()


def begin_passage(journey: str, organisation: str, now: datetime, *, is_assisted: bool = False) -> Passage:
    """Begin a passage; raises ValueError for what is no code."""
    return Passage(_code(journey), organisation, int(now.timestamp()), secrets.token_hex(8), is_assisted)


def open_passage(text: str, key: bytes) -> Passage | None:
    """Read what a form carried; None where it was not sealed with this key, so that nothing is counted of it."""
    if not text or len(text) > _MOST_BYTES:
        return None
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except ValueError:
        return None
    tag, content = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, content)):
        return None
    journey, organisation, began, number, is_assisted, step, asked, asked_twice = orjson.loads(content)
    return Passage(journey, organisation, began, number, is_assisted, step, tuple(asked), asked_twice)


def derive_key(secret: str) -> bytes:
    """Give the key of passages from the secret of a node."""
    return hmac.new(secret.encode(), b"passage", sha256).digest()


def _tag(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, sha256).digest()[:_TAG_BYTES]


def _code(text: str) -> str:
    if not CODE.fullmatch(text):
        raise ValueError("journeys, steps and facts are named by codes")
    return text
