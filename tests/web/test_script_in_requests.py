"""Script in a file, its name, its sheets and columns, and in whatever a request says: it is text on every page."""

from __future__ import annotations

import http.client
import io
import json
import time
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import httpx
import pytest
from openpyxl import Workbook

from tests.web.browser import run_browser
from tests.web.demo import Demo, make_demo
from tests.web.markup import ATTACKS, LINES, LONG, MARK, Reader
from tests.web.serving import run_server

OWNER = "organisation:gm0344"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with run_browser() as browser:
        yield Reader(browser.new_page())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("requests") / "node", more=True)
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


@pytest.fixture(scope="module")
def owner(site: Demo) -> Iterator[httpx.Client]:
    with site.signed_in() as client:
        yield client


# -- imports --------------------------------------------------------------------------------------------------------


def make_workbook() -> bytes:
    """Give a workbook with attacks as names of sheets and of columns, and in cells."""
    book = Workbook()
    first = book.active
    assert first is not None
    texts = list(ATTACKS.values())
    first.title = f"<b {MARK}>\"'><i>"
    first.append(["Applicatie", *(text[:200] for text in texts)])
    for text in texts:
        first.append([text, *texts])
    other = book.create_sheet(f"{{{{1337+1}}}}<img {MARK}>")
    other.append(["Applicatie", "Status"])
    other.append([ATTACKS["element"], ATTACKS["handler"]])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def make_csv() -> bytes:
    """Give a list with attacks in the heads of columns and in cells."""
    texts = [text.replace('"', '""').replace("\0", "") for text in ATTACKS.values()]
    rows = [["Applicatie", "Status", "Kosten per jaar", *texts], *([text, text, text, *texts] for text in texts)]
    return "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows).encode()


def make_drafts() -> bytes:
    """Give lines of JSON with attacks as keys, refs and values."""
    text, other = ATTACKS["attribute"], ATTACKS["element"]
    good = {"ref": "application:gm0344/regel", "owner": OWNER, "confidentiality": {"level": "public"}}
    source = {"type": "import", "date": "2026-01-01", "system": text, "key": other, "place": text}
    drafts = [
        {**good, "source": source, "spec": {"name": text, "description": other}},
        {**good, "source": source, "spec": {"name": text, other: text}},
        {**good, other: {text: [text]}, "source": source, "spec": {"name": other}},
        {**good, "ref": other, "owner": text, "source": {**source, "type": text}, "spec": {"name": text}},
        {**good, "ref": f"{MARK}:gm0344/x", "source": source, "spec": {}},
    ]
    return b"\n".join(json.dumps(draft).encode() for draft in drafts) + b"\n<script>" + MARK.encode() + b"</script>\n"


FILES = {
    "book.xlsx": make_workbook,
    "list.csv": make_csv,
    "lines.jsonl": make_drafts,
    "publiccode.yml": lambda: (
        f'publiccodeYmlVersion: "0.4"\nname: "<script>{MARK}</script>"\n"<b {MARK}>": 1\n'.encode()
    ),
    "bom.json": lambda: json.dumps({"bomFormat": f"<script>{MARK}</script>", f"<b {MARK}>": 1}).encode(),
    "model.xml": lambda: f"<model><{MARK} onload='alert(1)'/><![CDATA[<script>]]></model>".encode(),
    "empty.csv": lambda: f'"<script>{MARK}</script>"\n'.encode(),
}
RECORDED = ("book.xlsx", "list.csv", "lines.jsonl")
"""Those of which something can be recorded."""


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", FILES)
def test_what_stands_in_a_file_is_text_all_the_way(
    owner: httpx.Client, reader: Reader, name: str, language: str
) -> None:
    start = "/nl/importeren" if language == "nl" else "/en/import"
    form = reader.read_clean(owner.get(start).text, start).controls
    attacks = [*ATTACKS.values(), LINES]
    given = attacks[[*FILES].index(name) % len(attacks)].replace('"', "%22") + "." + name
    form |= {"owner": [OWNER], "system": [ATTACKS["handler"]]}
    place = owner.post(start, data=form, files={"file": (given, FILES[name]())}).headers["location"]
    page = reader.read_clean(owner.get(place).text, place)
    columns = [control for control in page.controls if control.startswith("column.")]
    if columns:
        assert MARK in page.text, "the heads of the columns are shown"
        confirm_columns(owner, reader, place, columns)
    plan = reader.read_clean(owner.get(place).text, place)
    answer = owner.post(place, data={**plan.controls, "act": "record"})
    # Also of what cannot be read: its job ends, and says so.
    assert answer.status_code == 303
    follow(owner, reader, answer.headers["location"])
    for path in ("/nl/mijn-taken", "/en/my-tasks", "/nl/werk"):
        reader.read_clean(owner.get(path).text, path)
    found = reader.read_clean(owner.get(f"/nl/zoeken?source=import&q={MARK}").text, name)
    records = [link for link in found.links if link.startswith("/nl/records/application:gm0344/")]
    assert records or name not in RECORDED
    for link in records:
        assert MARK in reader.read_clean(owner.get(link).text, link).text


def confirm_columns(client: httpx.Client, reader: Reader, place: str, columns: list[str]) -> None:
    """Say what the columns are: first with attacks for answers, then as it is."""
    attack = ATTACKS["attribute"]
    form = reader.read(client.get(place).text).controls
    for wrong in (dict.fromkeys(columns, attack) | {"act": "map"}, {"kind": attack, "act": attack}):
        reader.read_clean(client.post(place, data={**form, **wrong}).text, place)
    reader.read_clean(client.get(f"{place}?kind={quote(attack)}").text, place)
    chosen = {**dict.fromkeys(columns, ""), columns[-1]: "description", columns[0]: "name"}
    answer = client.post(place, data={**form, **chosen, "kind": "application", "act": "map"})
    assert answer.status_code == 303, answer.text


def follow(client: httpx.Client, reader: Reader, place: str) -> None:
    """Look at a job until it has ended."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        page = reader.read_clean(client.get(place).text, place)
        if "data-hx-get" not in page.found["attributes"]:
            return
        time.sleep(0.05)
    raise AssertionError(f"{place} does not end: {page.text}")


# -- what a request says --------------------------------------------------------------------------------------------

QUESTIONS = (
    ("/nl/zoeken", "q kind owner source lifecycle confidentiality asOf after limit"),
    ("/en/search", "q kind"),
    ("/nl/records/application:gm0344/zaaksysteem", "asOf recorded"),
    ("/nl/uitval/application:gm0344/zaaksysteem", "why asOf"),
    ("/nl/kaart", "province"),
    ("/nl/bevindingen", "x"),
    ("/nl/aanmelden", "next"),
    ("/nl/aanmelden/terug", "state code error error_description error_uri iss"),
    ("/nl/werk", "x"),
)


@pytest.mark.parametrize(("path", "keys"), QUESTIONS, ids=[path for path, _ in QUESTIONS])
def test_what_a_query_asks_is_text(site: Demo, owner: httpx.Client, reader: Reader, path: str, keys: str) -> None:
    attacks = [*ATTACKS.values(), LINES, LONG[:500], f"\0{MARK}"]
    with site.browser() as public:
        for at, attack in enumerate(attacks):
            each = keys.split()[at % len(keys.split())]
            for asked in ({each: attack}, dict.fromkeys(keys.split(), attack), {attack: attack}):
                # The return of a sign-in may be tried only so often.
                client = public if "aanmelden" in path else owner
                where = f"{path}?{urlencode(asked)}"
                answer = client.get(where, headers={"Accept": "text/html"})
                assert MARK not in str({k: v for k, v in answer.headers.items() if k != "location"}), where
                reader.read_clean(answer.text, where)
                if "terug" in path and asked != {each: attack}:
                    break


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_a_path_says_is_text_also_where_nothing_is_encoded(site: Demo, reader: Reader, attack: str) -> None:
    raw = attack.replace(" ", "/").encode().decode("latin-1")
    for start in (
        "/",
        "/nl/",
        "/en/",
        "/nl/records/",
        "/nl/organisaties/",
        "/nl/bevindingen/",
        "/nl/zoeken?q=",
        "/v1/",
    ):
        for said in (raw, quote(attack, safe="")):
            connection = http.client.HTTPConnection("127.0.0.1", site.server.port, timeout=10)
            connection.putrequest("GET", "", skip_host=True)
            connection._buffer[:] = [f"GET {start}{said} HTTP/1.1".encode("latin-1")]  # type: ignore[attr-defined]
            for name, value in (("Host", f"127.0.0.1:{site.server.port}"), ("Accept", "text/html")):
                connection.putheader(name, value)
            connection.putheader("Accept-Language", raw.encode("latin-1"))
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read().decode("utf-8", "replace")
            connection.close()
            if "html" in (answer.headers["content-type"] or ""):
                reader.read_clean(body, start + said)
            else:
                assert answer.status >= 400
