"""Which version holds, who fills and replaces what, and the cache of outlines between runs."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.rules import Case, evaluate, ir
from eendracht.kernel.rules.library import Library, NoSuchRule, applies_to, list_law_files
from eendracht.kernel.rules.outline_cache import FILE_NAME
from eendracht.kernel.rules.reading import StoredArticles
from tests.kernel.rules.law_files import CORPUS, article, errors_of, law, needs_corpus, write

CONSTANT = "execution: {{actions: [{{output: x, value: {0}}}]}}"
ORDINANCE = {"regulatory_layer": "GEMEENTELIJKE_VERORDENING"}


def constant(value: int, name: str = "a", **head: str) -> str:
    """Give a law whose output x is a number."""
    return law(article(CONSTANT.format(value)), name, **head)


def value_of(library: Library, name: str, on: date, parameters: Mapping[str, Any] | None = None) -> Any:
    """Evaluate x."""
    return evaluate(library, name, ["x"], Case(on, dict(parameters or {}))).outcomes["x"].value


# --- Versions ---


@pytest.fixture
def versions(tmp_path: Path) -> Library:
    files = {
        "2020": constant(1),
        "2022": constant(2, valid_from="2022-01-01", valid_to="2023-12-31"),
        "later": constant(3, valid_from="2030-01-01"),
    }
    return Library.load([write(tmp_path, files)])


@pytest.mark.parametrize(
    ("on", "expected"), [("2020-01-01", 1), ("2021-12-31", 1), ("2022-01-01", 2), ("2023-12-31", 2), ("2030-01-01", 3)]
)
def test_the_newest_version_that_has_begun_holds(versions: Library, on: str, expected: int) -> None:
    assert value_of(versions, "a", date.fromisoformat(on)) == expected
    reason = versions.select("a", date.fromisoformat(on)).reason
    assert "3 versions known" in reason.en


@pytest.mark.parametrize(
    ("on", "reason"),
    [("2019-12-31", "first in force from 2020-01-01"), ("2024-01-01", "last in force until 2023-12-31")],
)
def test_an_older_version_never_comes_back(versions: Library, on: str, reason: str) -> None:
    with pytest.raises(NoSuchRule, match=reason):
        versions.select("a", date.fromisoformat(on))


def test_a_law_that_is_not_there(versions: Library, tmp_path: Path) -> None:
    with pytest.raises(NoSuchRule, match="'b' not found"):
        versions.select("b", date(2024, 1, 1))
    with pytest.raises(NoSuchRule, match="no file or folder"):
        Library.load([tmp_path / "nothing"])


def test_two_files_of_one_day_are_refused_and_two_areas_are_not(tmp_path: Path) -> None:
    (fault,) = errors_of(tmp_path / "same", {"a": constant(1), "b": constant(2)})
    assert fault.code == "duplicate-version" and fault.pointer == "b.yaml:1" and "a.yaml" in fault.en
    files = {
        "a": constant(1, gemeente_code="GM0001", **ORDINANCE),
        "b": constant(2, gemeente_code="GM0002", **ORDINANCE),
    }
    library = Library.load([write(tmp_path / "areas", files)])
    day = date(2024, 1, 1)
    assert value_of(library, "a", day, {"gemeente_code": "GM0001"}) == 1
    assert value_of(library, "a", day, {"gemeente_code": "GM0002"}) == 2


def test_an_area_is_one_of_the_case(tmp_path: Path) -> None:
    text = constant(1, gemeente_code="GM0001", **ORDINANCE)
    (regulation,) = Library.load([write(tmp_path, {"a": text})])
    assert applies_to(regulation, {"gemeente_code": "GM0001"})
    assert not applies_to(regulation, {"gemeente_code": "GM0002"})
    assert not applies_to(regulation, {"gemeente_code": ["GM0001"]})


PLACE = ir.Place("x.yaml", 1)
DAYS = st.integers(0, 40).map(lambda days: date(2024, 1, 1) + timedelta(days))


@st.composite
def version(draw: st.DrawFn) -> ir.Regulation:
    """Draw a version of a law for an area."""
    return ir.Regulation(
        id=draw(st.sampled_from(["a", "b"])),
        name="",
        layer="WET",
        dialect="exact",
        schema_version="0.8.0",
        place=PLACE,
        sha256="",
        articles=(),
        valid_from=draw(st.none() | DAYS),
        valid_to=draw(st.none() | DAYS),
        jurisdiction=draw(st.sampled_from(["", "GM0001", "PV20"])),
    )


@given(
    st.lists(version(), max_size=12),
    DAYS,
    st.dictionaries(
        st.sampled_from(["gemeente_code", "provincie_code"]), st.sampled_from(["GM0001", "PV20", "GM0002"])
    ),
)
def test_the_index_chooses_as_a_walk_over_all_versions(
    found: list[ir.Regulation], on: date, parameters: dict[str, str]
) -> None:
    library = Library(found)
    ordered = sorted((item for item in found if item.id == "a"), key=lambda item: item.valid_from or date.min)
    here = [item for item in ordered if applies_to(item, parameters)] or ordered
    begun = [item for item in here if (item.valid_from or date.min) <= on]
    expected = begun[-1] if begun and not (begun[-1].valid_to and begun[-1].valid_to < on) else None
    try:
        chosen = library.select("a", on, parameters).regulation
    except NoSuchRule:
        chosen = None
    assert chosen is expected


# --- Delegation and priority ---

DELEGATING = law(
    article("""
    open_terms: [{id: norm, type: number, default: {actions: [{output: norm, value: 7}]}}]
    execution:
      actions: [{output: x, value: $norm}]
    """),
    "upper",
)


def filling(value: int, name: str, **head: str) -> str:
    """Give a regulation that fills the open term."""
    body = f"""
    implements: [{{law: upper, article: '1', open_term: norm}}]
    execution: {{actions: [{{output: norm, value: {value}}}]}}
    """
    return law(article(body), name, **head)


def test_the_highest_layer_fills_then_the_newest_then_the_default(tmp_path: Path) -> None:
    files = {
        "upper": DELEGATING,
        "policy": filling(1, "policy", regulatory_layer="BELEIDSREGEL", valid_from="2024-06-01"),
        "old": filling(2, "old", regulatory_layer="MINISTERIELE_REGELING", valid_from="2021-01-01"),
        "new": filling(3, "new", regulatory_layer="MINISTERIELE_REGELING", valid_from="2022-01-01"),
        "ended": filling(4, "ended", regulatory_layer="AMVB", valid_from="2023-01-01", valid_to="2023-01-31"),
        "town": filling(5, "town", gemeente_code="GM0001", valid_from="2020-06-01", **ORDINANCE),
    }
    library = Library.load([write(tmp_path, files)])
    expected = {"2020-02-01": 7, "2021-02-01": 2, "2022-02-01": 3, "2023-01-31": 4, "2023-02-01": 3, "2025-01-01": 3}
    for on, value in expected.items():
        assert value_of(library, "upper", date.fromisoformat(on)) == value, on
    town = {"gemeente_code": "GM0001"}
    assert value_of(library, "upper", date(2020, 7, 1), town) == 5
    assert value_of(library, "upper", date(2020, 7, 1), {"gemeente_code": "GM0002"}) == 7
    assert library.areas_that_fill("upper", "1", "norm", date(2020, 7, 1)) == ["GM0001"]
    found = library.fill(library.versions("upper")[0], "1", "norm", date(2025, 1, 1), town)
    assert found is not None and found.regulation.id == "new" and "MINISTERIELE_REGELING" in found.reason.en


def test_the_special_law_replaces_only_where_it_is_under_evaluation(tmp_path: Path) -> None:
    special = """
    overrides: [{law: general, article: '1', output: x}]
    execution: {actions: [{output: x, value: 4}]}
    """
    files = {"general": constant(6, "general"), "special": law(article(special), "special", valid_from="2024-01-01")}
    library = Library.load([write(tmp_path, files)])
    day = date(2024, 6, 1)
    assert library.override_of("general", "1", "x", day, ["general"]) is None
    found = library.override_of("general", "1", "x", day, ["special", "general"])
    assert found is not None and found[0].id == "special" and found[1].number == "1"
    assert library.override_of("general", "1", "x", date(2023, 6, 1), ["special"]) is None
    assert library.special_laws == {"special"}


def test_hooks_fire_by_character_stage_and_type(tmp_path: Path) -> None:
    def fires(applies: str) -> str:
        return f"hooks: [{{hook_point: post_actions, applies_to: {applies}}}]\n" + CONSTANT.format(1)

    general = (
        article(fires("{legal_character: BESCHIKKING}"), "1")
        + article(fires("{legal_character: BESCHIKKING, decision_type: TOEKENNING}"), "2").replace(
            "output: x", "output: y"
        )
        + article(fires("{legal_character: BESCHIKKING, stage: BEZWAAR}"), "3").replace("output: x", "output: z")
    )
    library = Library.load([write(tmp_path, {"general": law(general, "general")})])

    def numbers(decision_type: str, stage: str, character: str = "BESCHIKKING") -> list[str]:
        decision = ir.Article("9", "", "", PLACE, legal_character=character, decision_type=decision_type)
        return [hooked.number for _, hooked, _ in library.hooks_on(decision, "post_actions", stage, date(2024, 1, 1))]

    assert numbers("TOEKENNING", "BESLUIT") == ["1", "2"]
    assert numbers("AFWIJZING", "BESLUIT") == ["1"]
    assert numbers("", "BEZWAAR") == ["3"]
    assert numbers("", "BESLUIT", "") == []


# --- Files ---


def test_files_come_in_a_fixed_order_and_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "b", {"z": "", "a": ""})
    (tmp_path / "a.yml").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "dir.yaml").mkdir()
    names = [file.relative_to(tmp_path).as_posix() for _, file in list_law_files([tmp_path, tmp_path / "a.yml"])]
    assert names == ["a.yml", "b/a.yaml", "b/z.yaml", "a.yml"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "not-a-law"), (b"a: " + b"x" * 20_000_000, "law-too-large"), (b"\0", "not-text")],
)
def test_a_file_that_is_no_law_is_refused_with_the_others(tmp_path: Path, content: bytes, code: str) -> None:
    faults = errors_of(tmp_path, {"a": content, "b": constant(1).replace("$id", "id")})
    assert [(fault.pointer.split(":")[0], fault.code) for fault in faults] == [
        ("a.yaml", code),
        ("b.yaml", "missing-key"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"a": constant(1)})
    (tmp_path / "a.yaml").chmod(0)
    assert errors_of(tmp_path, {})[0].code == "unreadable-law"


# --- The cache ---


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"a": constant(1), "b": constant(2, "b", oddity="x"), "upper": DELEGATING, "town": filling(5, "town")}
    return write(tmp_path / "laws", files)


def is_parsed(library: Library, law: str) -> bool:
    """Whether the articles of a law have been parsed."""
    articles = library.versions(law)[0].articles
    return articles.is_parsed if isinstance(articles, StoredArticles) else True


def test_a_hit_parses_nothing_until_a_rule_is_needed(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    plain = Library.load([folder])
    first = Library.load([folder], cache)
    second = Library.load([folder], cache)
    assert [is_parsed(first, law) for law in first.laws()] == [True] * 4
    assert [is_parsed(second, law) for law in second.laws()] == [False] * 4
    assert value_of(second, "upper", date(2024, 1, 1)) == 5
    assert [law for law in second.laws() if is_parsed(second, law)] == ["town", "upper"]
    assert second.outlines == plain.outlines and second.regulations == plain.regulations
    assert plain.warnings == first.warnings == second.warnings and plain.warnings[0].pointer.startswith("b.yaml:")
    assert pickle.loads(pickle.dumps(second.regulations)) == plain.regulations
    assert (cache.stat().st_mode & 0o777, (cache / FILE_NAME).stat().st_mode & 0o777) == (0o700, 0o600)


def test_stored_articles_are_a_sequence(folder: Path, tmp_path: Path) -> None:
    Library.load([folder], tmp_path / "cache")
    articles = Library.load([folder], tmp_path / "cache").versions("a")[0].articles
    assert "a.yaml" in repr(articles)
    assert len(articles) == 1 and articles[0].number == "1" and articles[:] == tuple(articles)
    assert articles != [] and "Article" in repr(articles)


def test_a_changed_file_is_read_anew_and_the_others_are_not(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    Library.load([folder], cache)
    write(folder, {"a": constant(9)})
    library = Library.load([folder], cache)
    assert [law for law in library.laws() if is_parsed(library, law)] == ["a"]
    assert value_of(library, "a", date(2024, 1, 1)) == 9
    assert not is_parsed(Library.load([folder], cache), "a")


def test_a_renamed_file_is_named_as_it_is_now(folder: Path, tmp_path: Path) -> None:
    Library.load([folder], tmp_path / "cache")
    (folder / "b.yaml").rename(folder / "c.yaml")
    library = Library.load([folder], tmp_path / "cache")
    assert library.warnings[0].pointer.startswith("c.yaml:")
    (regulation,) = library.versions("b")
    assert regulation.place.file == regulation.articles[0].place.file == "c.yaml"


def test_faults_between_laws_are_found_with_a_cache(folder: Path, tmp_path: Path) -> None:
    from eendracht.kernel.errors import InvalidInput

    cache = tmp_path / "cache"
    Library.load([folder], cache)
    (folder / "upper.yaml").unlink()
    assert "unknown-law" in {warning.code for warning in Library.load([folder], cache).warnings}
    write(folder, {"upper": constant(1, "upper")})
    for _ in range(2):
        with pytest.raises(InvalidInput) as caught:
            Library.load([folder], cache)
        assert [fault.code for fault in caught.value.faults] == ["unknown-target"]
    write(folder, {"upper": DELEGATING, "wrong": law(article("execution: {actions: [{output: x, value: $y}]}"), "w")})
    for _ in range(2):
        with pytest.raises(InvalidInput) as caught:
            Library.load([folder], cache)
        assert [fault.code for fault in caught.value.faults] == ["undefined-name"]


def _digest_again(payload: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(payload).hexdigest().encode()


def _of_another_shape(data: bytes) -> bytes:
    magic, sources, _, payload = data.split(b"\n", 3)
    entries = orjson.loads(payload)
    for entry in entries.values():
        entry["outline"]["articles"] = "none"
    changed = orjson.dumps(entries)
    return b"\n".join([magic, sources, _digest_again(changed), changed])


DAMAGE = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "one bit": lambda data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:],
    "of other sources": lambda data: data.replace(data.split(b"\n")[1], b"0" * 64),
    "of another format": lambda data: data.replace(b"outlines 1", b"outlines 0"),
    "pickled code": lambda data: pickle.dumps({"x": print}),
    "of another shape": _of_another_shape,
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_or_foreign_cache_is_made_anew(folder: Path, tmp_path: Path, name: str) -> None:
    cache = tmp_path / "cache"
    Library.load([folder], cache)
    file = cache / FILE_NAME
    good = file.read_bytes()
    file.write_bytes(DAMAGE[name](good))
    library = Library.load([folder], cache)
    assert all(is_parsed(library, law) for law in library.laws())
    assert file.read_bytes() == good
    assert not is_parsed(Library.load([folder], cache), "a")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o640])
def test_a_file_that_others_may_touch_is_refused(folder: Path, tmp_path: Path, mode: int) -> None:
    cache = tmp_path / "cache"
    Library.load([folder], cache)
    (cache / FILE_NAME).chmod(mode)
    assert is_parsed(Library.load([folder], cache), "a")
    assert (cache / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_of_another_owner_is_refused(folder: Path, tmp_path: Path, what: str) -> None:
    cache = tmp_path / "cache"
    Library.load([folder], cache)
    os.chown(cache / FILE_NAME if what == "file" else cache, 12345, 12345)
    library = Library.load([folder], cache)
    assert is_parsed(library, "a")
    assert ("unsafe-cache" in {warning.code for warning in library.warnings}) == (what == "folder")


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    cache, other = tmp_path / "cache", tmp_path / "other"
    Library.load([folder], cache)
    (cache / FILE_NAME).rename(tmp_path / "elsewhere")
    (cache / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    assert is_parsed(Library.load([folder], cache), "a")
    assert not (cache / FILE_NAME).is_symlink()
    other.symlink_to(cache)
    assert Library.load([folder], other).warnings[0].code == "unsafe-cache"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755])
def test_a_folder_that_is_not_ours_alone_is_not_used(folder: Path, tmp_path: Path, mode: int) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(mode)
    library = Library.load([folder], cache)
    assert library.warnings[0].code == "unsafe-cache" and "chmod 700" in library.warnings[0].hint
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_made_is_a_warning(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    library = Library.load([folder], tmp_path / "file" / "cache")
    assert library.warnings[0].code == "no-cache" and len(library.regulations) == 4


def _load_again(folder: Path, cache: Path, name: str) -> None:
    for number in range(15):
        write(folder / name, {"own": constant(number, name)})
        assert value_of(Library.load([folder / name, folder.parent / "laws"], cache), name, date(2024, 1, 1)) == number


def test_writers_at_the_same_time_leave_a_whole_file(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_load_again, args=(tmp_path / "own", cache, f"w{n}")) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert [path.name for path in cache.iterdir()] == [FILE_NAME]
    assert not is_parsed(Library.load([folder], cache), "a")


def test_outlines_that_nobody_used_go_in_time(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eendracht.kernel.rules.outline_cache._SLACK", 2)
    cache = tmp_path / "cache"
    for number in range(20):
        Library.load([write(tmp_path / "changing", {"own": constant(number)})], cache)
    payload = (cache / FILE_NAME).read_bytes().split(b"\n", 3)[3]
    assert len(orjson.loads(payload)) == 4


@needs_corpus
def test_the_given_laws_say_the_same_from_a_cache(tmp_path: Path) -> None:
    plain = Library.load([CORPUS])
    Library.load([CORPUS], tmp_path / "cache")
    cached = Library.load([CORPUS], tmp_path / "cache")
    assert cached.outlines == plain.outlines and cached.warnings == plain.warnings
    assert cached.regulations == plain.regulations
