"""Which of two versions is older, by the rules of the world they come from.

Semantic Versioning 2.0.0 (also npm, Cargo and Go), PEP 440 (PyPI), `ComparableVersion` of Maven, dpkg (Debian policy
5.6.12), rpm, and plain numbers with points between them. What a rule cannot read is unknown, never equal or older.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any, Final

Order = int | None
"""-1 where the first is older, 0 where both are the same, 1 where the second is older; None where nobody can tell."""

MOST_CHARACTERS: Final = 200
"""A longer version is unknown."""
_SEMVER: Final = re.compile(r"[vV=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_PEP440: Final = re.compile(
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
    r"(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?"
    r"(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?"
    r"(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.ASCII,
)
_STAGES: Final = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_MAVEN: Final = {
    **{"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4},
    **{"": 5, "ga": 5, "final": 5, "release": 5, "sp": 6},
}
_SHORT: Final = {"a": "alpha", "b": "beta", "m": "milestone"}
_DEBIAN: Final = re.compile(r"(?:\d+:)?[0-9][A-Za-z0-9.+~:-]*", re.ASCII)


def _order(one: Any, two: Any) -> int:
    return int(one > two) - int(one < two)


def compare_semver(one: str, two: str) -> Order:
    """Order two semantic versions; one that leaves out its last numbers has zeros there."""
    found = [_SEMVER.fullmatch(text) for text in (one, two)]
    if found[0] is None or found[1] is None:
        return None
    keys = [
        (tuple(int(part or 0) for part in match.groups()[:3]), _pre_release_key(match[4])) for match in found if match
    ]
    return _order(keys[0], keys[1])


def _pre_release_key(text: str | None) -> tuple[Any, ...]:
    if text is None:
        return (1,)
    return (0, *((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in text.split(".")))


def compare_pep440(one: str, two: str) -> Order:
    """Order two versions of Python packages (PEP 440)."""
    keys = [_pep440_key(text.lower().strip()) for text in (one, two)]
    return None if None in keys else _order(keys[0], keys[1])


def _pep440_key(text: str) -> tuple[Any, ...] | None:
    match = _PEP440.fullmatch(text)
    if match is None:
        return None
    epoch, numbers, stage, stage_number, bare_post, post, post_number, dev, dev_number, local = match.groups()
    release = [int(part) for part in numbers.split(".")]
    while release and release[-1] == 0:
        release.pop()
    after = int(bare_post or post_number or 0) if bare_post or post else -1
    if stage:
        before: tuple[int, int] = (_STAGES[stage], int(stage_number or 0))
    else:
        # A development release without a stage comes before every stage; a release after them all.
        before = (-1, 0) if dev and after < 0 else (3, 0)
    development = int(dev_number or 0) if dev else 10**18
    places = re.split(r"[-_.]", local) if local else ()
    own = tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in places)
    return int(epoch or 0), tuple(release), before, after, development, own


def compare_maven(one: str, two: str) -> Order:
    """Order two versions as Maven does: numbers by size, known qualifiers in their order, others by the alphabet."""
    if not one or not two or not one.isascii() or not two.isascii():
        return None
    return _order_items(_maven_items(one.lower()), _maven_items(two.lower()))


def _maven_items(text: str) -> list[Any]:
    """Read a version as numbers, and a list of these behind each hyphen, qualifier, or change of digits and letters."""
    whole: list[Any] = []
    lists, here = [whole], whole
    tokens = re.findall(r"([.-]?)(\d+|[^\d.-]+|(?=[.-]))", text)
    for at, (separator, token) in enumerate(tokens):
        is_word = bool(token) and not token.isdecimal()
        if here and (separator == "-" or is_word or not separator):
            below: list[Any] = []
            here.append(below)
            lists.append(below)
            here = below
        # A letter is short for a qualifier where a number follows at once.
        is_short = at + 1 < len(tokens) and not tokens[at + 1][0] and tokens[at + 1][1].isdecimal()
        here.append(_SHORT.get(token, token) if is_word and is_short else token if is_word else int(token or 0))
    for items in reversed(lists):
        _trim(items)
    return whole


def _is_nothing(item: Any) -> bool:
    return item in (0, []) or (isinstance(item, str) and _MAVEN.get(item) == 5)


def _trim(items: list[Any]) -> None:
    """Leave out what says nothing at the end, and in front of a list or a qualifier."""
    for at in range(len(items) - 1, -1, -1):
        if _is_nothing(items[at]):
            if at + 1 == len(items) or not isinstance(items[at + 1], int):
                del items[at]
        elif not isinstance(items[at], list):
            break


def _order_items(one: list[Any], two: list[Any]) -> int:
    for left, right in zip_longest(one, two):
        order = _order_item(left, right)
        if order:
            return order
    return 0


def _order_item(left: Any, right: Any) -> int:
    if left is None:
        return -_order_item(right, None) if right is not None else 0
    if right is None:
        # Against nothing: a number or a list counts as more than zero, a qualifier by its place.
        if isinstance(left, list):
            return next((order for order in (_order_item(item, None) for item in left) if order), 0)
        return _order(left, 0) if isinstance(left, int) else _order(_qualifier(left), _qualifier(""))
    ranks = [2 if isinstance(item, int) else 1 if isinstance(item, list) else 0 for item in (left, right)]
    if ranks[0] != ranks[1]:
        return _order(ranks[0], ranks[1])
    if isinstance(left, list):
        return _order_items(left, right)
    return _order(left, right) if isinstance(left, int) else _order(_qualifier(left), _qualifier(right))


def _qualifier(word: str) -> tuple[int, str]:
    rank = _MAVEN.get(word)
    return (7, word) if rank is None else (rank, "")


def compare_debian(one: str, two: str) -> Order:
    """Order two versions of Debian packages."""
    if not _DEBIAN.fullmatch(one) or not _DEBIAN.fullmatch(two):
        return None
    (left_epoch, left), (right_epoch, right) = (_split_epoch(text) for text in (one, two))
    if left_epoch != right_epoch:
        return _order(left_epoch, right_epoch)
    pairs = zip(_split_revision(left), _split_revision(right), strict=True)
    return next((order for order in (_order_debian(*pair) for pair in pairs) if order), 0)


def _split_epoch(text: str) -> tuple[int, str]:
    epoch, colon, rest = text.partition(":")
    return (int(epoch), rest) if colon else (0, text)


def _split_revision(text: str) -> tuple[str, str]:
    upstream, hyphen, revision = text.rpartition("-")
    return (upstream, revision) if hyphen else (text, "")


def _order_debian(one: str, two: str) -> int:
    left, right = (re.findall(r"(\D*)(\d*)", text) for text in (one, two))
    for (words, number), (other_words, other) in zip_longest(left, right, fillvalue=("", "")):
        for mark, other_mark in zip_longest(words, other_words, fillvalue=""):
            if order := _order(_debian_mark(mark), _debian_mark(other_mark)):
                return order
        if order := _order(int(number or 0), int(other or 0)):
            return order
    return 0


def _debian_mark(mark: str) -> int:
    """Place a character: a tilde before the end, the end before letters, letters before the rest."""
    if not mark:
        return 0
    return -1 if mark == "~" else ord(mark) if mark.isalpha() else ord(mark) + 256


def compare_rpm(one: str, two: str) -> Order:
    """Order two versions of rpm packages; of the same version, one without a release is any of its releases."""
    if not re.fullmatch(r"[\w.+~^:-]+", one + two, re.ASCII):
        return None
    keys = [_split_epoch(text) if text.partition(":")[0].isdecimal() else (0, text) for text in (one, two)]
    if keys[0][0] != keys[1][0]:
        return _order(keys[0][0], keys[1][0])
    (left, left_release), (right, right_release) = (key[1].partition("-")[::2] for key in keys)
    order = _order_rpm(left, right)
    if order:
        return order
    return _order_rpm(left_release, right_release) if bool(left_release) == bool(right_release) else None


def _order_rpm(one: str, two: str) -> int:
    left, right = (re.findall(r"~|\^|[0-9]+|[A-Za-z]+", text) for text in (one, two))
    for part, other in zip_longest(left, right, fillvalue=""):
        if order := _order(_rpm_key(part), _rpm_key(other)):
            return order
    return 0


def _rpm_key(part: str) -> tuple[int, int, str]:
    """Place a part: a tilde before the end, the end before a caret, then letters, then numbers."""
    if part in ("~", "", "^"):
        return ("~", "", "^").index(part), 0, ""
    return (4, int(part), "") if part.isdecimal() else (3, 0, part)


def compare_numbers(one: str, two: str) -> Order:
    """Order two versions of whole numbers with points between them; one that is shorter has zeros there."""
    if not re.fullmatch(r"v?\d+(\.\d+)*", one, re.ASCII) or not re.fullmatch(r"v?\d+(\.\d+)*", two, re.ASCII):
        return None
    left, right = ([int(part) for part in text.lstrip("v").split(".")] for text in (one, two))
    return next((order for order in (_order(a, b) for a, b in zip_longest(left, right, fillvalue=0)) if order), 0)


_RULES: Final[Mapping[str, Callable[[str, str], Order]]] = {
    "semver": compare_semver,
    "npm": compare_semver,
    "cargo": compare_semver,
    "golang": compare_semver,
    "pypi": compare_pep440,
    "maven": compare_maven,
    "deb": compare_debian,
    "rpm": compare_rpm,
    "generic": compare_numbers,
    "intdot": compare_numbers,
    "": compare_numbers,
}


def compare_versions(scheme: str, one: str, two: str) -> Order:
    """Order two versions by the rules of a scheme (a type of purl); None where it is unknown or cannot tell."""
    if max(len(one), len(two)) > MOST_CHARACTERS or not (one + two).isprintable():
        return None
    rule = _RULES.get(scheme)
    if one == two:
        return 0
    return rule(one, two) if rule else None
