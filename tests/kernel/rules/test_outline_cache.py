"""The cache of outlines between runs: what it saves, and what in it is not trusted."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from datetime import date
from pathlib import Path

import orjson
import pytest

from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outline_cache import FILE_NAME
from eendracht.kernel.rules.reading import StoredArticles
from tests.kernel.rules.law_files import (
    CORPUS,
    DELEGATING,
    article,
    constant,
    filling,
    law,
    needs_corpus,
    value_of,
    write,
)


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
