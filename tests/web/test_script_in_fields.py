"""Script in every field of every form, refused and accepted: on no page does what was typed become more than text."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from urllib.parse import quote, urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page

from eendracht.bootstrap import registry
from eendracht.kernel.kinds.registry import Kind
from eendracht.kernel.records import Envelope
from eendracht.kit.forms import Control, Shape, name_control, shape_form
from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.demo import Demo, hidden_fields, make_demo
from tests.web.markup import ATTACKS, LINES, LONG, MARK, Parsed, Reader
from tests.web.serving import run_server

KINDS = tuple(registry())
OWNER = "organisation:gm0344"
NAME = "vijand"
"""Last part of the ref of every record that is made here."""
ENVELOPE = ("validFrom", "validUntil", "confidentiality")
MOMENT = "2026-11-01T09:30+01:00"
WRITTEN = (Control.TEXT, Control.PARAGRAPH, Control.LINES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Reader:
    return Reader(browser.new_page())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("attacked") / "node", more=True)
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


@pytest.fixture(scope="module")
def owner(site: Demo) -> Iterator[httpx.Client]:
    with site.signed_in() as client:
        yield client


# -- the forms of records -----------------------------------------------------------------------------------------


def list_controls(shapes: Sequence[Shape], prefix: str = "") -> Iterator[tuple[str, Shape]]:
    """Yield name and shape of every control that a form offers, with one row where there may be many."""
    for shape in shapes:
        name = name_control(prefix, shape)
        if shape.control is Control.PART:
            yield from list_controls(shape.parts, name)
        elif shape.control is Control.PARTS:
            yield from list_controls(shape.parts, f"{name}.0")
        else:
            yield name, shape


def controls_of(kind: Kind) -> dict[str, Shape]:
    """Give every control of the form of something new, by its name."""
    around = [shape for shape in shape_form(Envelope) if shape.name in ("ref", "owner", *ENVELOPE)]
    return {**dict(list_controls(shape_form(kind.model), "spec")), **dict(list_controls(around))}


def attack_for(shape: Shape, at: int) -> str:
    """Give an attack; those of several lines only where a control has several."""
    texts = [*ATTACKS.values(), *([LINES] if shape.control in (Control.PARAGRAPH, Control.LINES) else [])]
    return texts[at % len(texts)]


def as_shown(text: str) -> str:
    """Give a text as a control holds it: a browser makes one mark of each end of a line."""
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("shift", range(2))
def test_what_is_refused_comes_back_as_it_was_typed(
    owner: httpx.Client, reader: Reader, kind: Kind, shift: int
) -> None:
    path = f"/nl/nieuw/{kind.name}"
    form = reader.read_clean(owner.get(path).text, path).controls
    typed = {
        name: attack_for(shape, at + 5 * shift + KINDS.index(kind))
        for at, (name, shape) in enumerate(controls_of(kind).items())
    }
    assert set(typed) <= set(form), "every control that the shape offers is on the page"
    page = check_refused(owner, reader, path, {**form, **typed})
    options = {name for name, shape in controls_of(kind).items() if shape.control is Control.CHOICES}
    for name, text in typed.items():
        if name not in options:
            assert page.controls[name] == [as_shown(text)], name


def check_refused(client: httpx.Client, reader: Reader, path: str, form: Mapping[str, object]) -> Parsed:
    answer = client.post(path, data=dict(form))
    assert answer.status_code == 422, answer.text[:500]
    page = reader.read_clean(answer.text, path)
    assert page.faults
    return page


@pytest.mark.parametrize("attack", [*ATTACKS.values(), LINES, LONG], ids=[*ATTACKS, "lines", "long"])
def test_each_attack_in_each_control_of_an_application(owner: httpx.Client, reader: Reader, attack: str) -> None:
    kind = registry().get("application")
    form = reader.read(owner.get("/en/new/application").text).controls
    typed = {name: attack for name, shape in controls_of(kind).items() if shape.control is not Control.CHOICES}
    page = check_refused(owner, reader, "/en/new/application", {**form, **typed})
    for name in typed:
        assert page.controls[name] == [as_shown(attack)], name


def test_a_character_that_no_text_holds_is_refused_wherever_it_stands(owner: httpx.Client, reader: Reader) -> None:
    form = reader.read(owner.get("/nl/nieuw/application").text).controls
    for name in ("spec.name", "spec.description", "ref", "owner", "more"):
        answer = owner.post("/nl/nieuw/application", data={**form, name: f"\0<script>{MARK}</script>"})
        assert answer.status_code == 400
        reader.read_clean(answer.text, name)


STANDS = "retest"
"""The kind of which a record never changes."""
MOMENTS = ("askedReportBy", "detectedAt", "dueAt", "filedAt", "givenAt", "handledAt", "releasedAt")


def good_value(name: str, shape: Shape, attack: str) -> str:
    """Give what a control accepts; the attack where it takes a text."""
    last = name.rpartition(".")[2]
    if last in ("signature", "signedAt", "key"):
        return ""  # A signature and its key come together, and this page has none to give.
    if shape.control in WRITTEN:
        fixed = {
            "ref": "",
            "owner": OWNER,
            "beganAt": MOMENT,
            "at": MOMENT,
            "publicKey": base64.b64encode(bytes(32)).decode(),
            "country": "NL",
            "kind": "application",
            "sha256": "0" * 64,
            **dict.fromkeys(("satisfies", "control"), "bio2/5.30.01"),
            **dict.fromkeys(MOMENTS, MOMENT),
        }
        return fixed.get(last, attack)
    if shape.control is Control.DATE:
        return {"validFrom": "2020-01-01", "validUntil": "2030-01-01", "endDate": "2021-01-01"}.get(last, "2020-06-01")
    if shape.control in (Control.REF, Control.REFS):
        # Two ends of a link are not the same thing.
        at = 1 if last == "server" else 0
        return f"{(shape.targets or ('application', 'component'))[at]}:gm0344/{NAME}"
    if shape.control in (Control.CHOICE, Control.CHOICES):
        wanted = {"confidentiality.level": "public", "spec.type": "municipality", "spec.criticality": "critical"}
        return wanted[name] if wanted.get(name) in shape.options else shape.options[0]
    return {"latitude": "52,1", "longitude": "5,1"}.get(last, "1")


def record_attack(client: httpx.Client, reader: Reader, kind: Kind, attack: str, **chosen: str) -> list[str]:
    """Record something new with the attack in every field that takes it, and give the names of those fields.

    What is refused is left empty at the next try, as somebody would who is told what is wrong.
    """
    path = f"/nl/nieuw/{kind.name}"
    controls = controls_of(kind)
    form: dict[str, object] = {**reader.read(client.get(path).text).controls}
    form |= {name: good_value(name, shape, attack) for name, shape in controls.items()}
    form |= {"ref": f"{kind.name}:gm0344/{NAME}", **chosen}
    # A field for codes takes one without blanks; the last is for what takes none and may not be empty.
    following = {attack: ATTACKS["no-blanks"], ATTACKS["no-blanks"]: "", "": "naam"}
    for _ in range(5):
        answer = client.post(path, data=form)
        if answer.status_code == 303:
            return [name for name in controls if form[name] in (attack, ATTACKS["no-blanks"])]
        page = reader.read_clean(answer.text, path)
        assert page.invalid, (kind.name, page.faults)
        form |= {name: following.get(str(form[name]), "") for name in page.invalid}
    raise AssertionError((kind.name, page.faults))


@pytest.fixture(scope="module")
def attacked(owner: httpx.Client, reader: Reader) -> dict[str, list[str]]:
    """Give for each kind the fields that took an attack, after a record of it was made and changed."""
    taken = {kind.name: record_attack(owner, reader, kind, first_attack(kind)) for kind in KINDS}
    organisation = registry().get("organisation")
    for name, attack in ATTACKS.items():
        # Each attack is a name on the map, in its menu of provinces and in the graph of an application.
        more = {"spec.type": "province", "ref": f"organisation:gm0344/provincie-{name}"}
        record_attack(owner, reader, organisation, attack, **more)
        more = {"spec.province": f"organisation:gm0344/provincie-{name}", "ref": f"organisation:gm0344/{name}"}
        record_attack(owner, reader, organisation, attack, **more)
        for kind in ("supplier", "application"):
            record_attack(owner, reader, registry().get(kind), attack, ref=f"{kind}:gm0344/{name}")
    for kind in (kind for kind in KINDS if kind.name != STANDS):
        change(owner, reader, f"/nl/bewerken/{kind.name}:gm0344/{NAME}", taken[kind.name], second_attack(kind))
    return taken


def first_attack(kind: Kind) -> str:
    """Give what a record of a kind is first made with."""
    return attack_at(KINDS.index(kind))


def second_attack(kind: Kind) -> str:
    """Give what it is then changed to."""
    return attack_at(KINDS.index(kind) + (4 if kind.name != STANDS else 0))


def attack_at(at: int) -> str:
    """Give one of the attacks of one line, over and over in their order."""
    return list(ATTACKS.values())[at % len(ATTACKS)]


def change(client: httpx.Client, reader: Reader, path: str, fields: Sequence[str], attack: str) -> None:
    """Put another attack in the same fields, so that the history shows both."""
    form = reader.read_clean(client.get(path).text, path).controls
    for _ in range(3):
        sent = {**form, **{name: attack for name in fields if name in form}}
        answer = client.post(path, data=sent)
        if answer.status_code == 303:
            return
        fields = [name for name in fields if name not in reader.read_clean(answer.text, path).invalid]
    raise AssertionError((path, answer.status_code, unescape(answer.text)[:2_000]))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_is_accepted_is_text_on_the_page_of_its_record(
    site: Demo, owner: httpx.Client, reader: Reader, attacked: dict[str, list[str]], kind: Kind
) -> None:
    assert {"spec.name", "spec.description", "spec.alsoKnownAs", "spec.tags"} <= set(attacked[kind.name])
    ref = f"{kind.name}:gm0344/{NAME}"
    for path in (
        f"/nl/records/{ref}",
        f"/en/records/{ref}?asOf=2026-06-01",
        f"/nl/bewerken/{ref}",
        f"/nl/uitval/{ref}",
    ):
        page = reader.read_clean(owner.get(path).text, path)
        assert ATTACKS["address"] not in page.links
    shown = reader.read(owner.get(f"/nl/records/{ref}").text).text
    for attack in (first_attack(kind), second_attack(kind)):
        assert attack in shown, "the history shows what was and what is"
    with site.browser() as public:
        reader.read_clean(public.get(f"/nl/records/{ref}").text, ref)


PLACES = (
    f"/nl/zoeken?q={MARK}", "/nl/zoeken?kind=organisation", f"/en/search?q={MARK}&kind=application", "/nl/kaart",
    "/en/map", "/nl/kaart?province=organisation:gm0344/provincie-attribute", "/nl", "/en",
    f"/nl/regelbank?q={MARK}", "/nl/doorrekenen", "/nl/wetswijziging",
    "/nl/bevindingen", "/en/findings", "/nl/mijn-taken", "/nl/werk", "/nl/audit", "/nl/knooppunt", "/nl/nieuw",
    "/nl/importeren",
    *(f"/nl/organisaties/organisation:gm0344/{name}" for name in (NAME, *ATTACKS)),
    *(f"/nl/leveranciers/supplier:gm0344/{name}" for name in (NAME, *ATTACKS)),
    *(f"/en/failure/supplier:gm0344/{name}" for name in (NAME, "attribute")),
    *(f"/nl/records/application:gm0344/{name}" for name in ATTACKS),
)  # fmt: skip


def test_what_is_accepted_is_text_on_every_page_that_names_it(
    owner: httpx.Client, reader: Reader, attacked: dict[str, list[str]]
) -> None:
    assert attacked
    named = 0
    for path in PLACES:
        answer = owner.get(path)
        assert answer.status_code == (403 if path == "/nl/audit" else 200), path
        page = reader.read_clean(answer.text, path)
        named += MARK in page.text
        for link in page.links:
            if link.startswith("/nl/bevindingen/"):
                reader.read_clean(owner.get(link).text, link)
    assert named >= len(PLACES) - 8


def test_the_public_and_the_auditor_see_text_too(site: Demo, reader: Reader, attacked: dict[str, list[str]]) -> None:
    assert attacked
    with site.browser() as public, site.signed_in("auditor") as auditor:
        for path in ("/nl/kaart", f"/nl/zoeken?q={MARK}", f"/nl/organisaties/organisation:gm0344/{NAME}"):
            assert MARK in reader.read_clean(public.get(path).text, path).text
        key = hidden_fields(auditor.get("/nl/werk").text)["formKey"]
        job = auditor.post("/nl/werk", data={"formKey": key, "kind": "sweep"}).headers["location"]
        for path in ("/nl/audit", "/en/audit", "/nl/werk", job):
            reader.read_clean(auditor.get(path).text, path)


def test_what_programs_get_is_never_taken_for_a_page(site: Demo, attacked: dict[str, list[str]]) -> None:
    """The type is JSON and not to be guessed, so that a browser that is led there shows text."""
    assert attacked
    ref = f"application:gm0344/{NAME}"
    with site.browser() as client:
        for path in (
            f"/v1/records/{ref}", f"/v1/records?q={MARK}", f"/v1/versions/{ref}", f"/v1/facets?q={MARK}",
            f"/v1/suggestions?q={MARK}", f"/v1/records/{quote(ATTACKS['attribute'])}",
            f"/v1/records?{urlencode({ATTACKS['element']: ATTACKS['element']})}", "/v1/openapi.json",
        ):  # fmt: skip
            answer = client.get(path)
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in ("application/json", "application/problem+json") or answer.status_code == 404, (path, kind)
            assert answer.headers["x-content-type-options"] == "nosniff"
            if "json" in kind:
                json.loads(answer.content)


def test_a_form_that_is_sent_by_who_was_signed_out_comes_back_as_text(
    site: Demo, owner: httpx.Client, reader: Reader
) -> None:
    form = reader.read(owner.get("/nl/nieuw/application").text).controls
    typed: dict[str, object] = dict.fromkeys(form, ATTACKS["attribute"]) | {"ref": f"application:{LONG}"}
    with site.browser() as client:
        for path in ("/nl/nieuw/application", "/nl/bewerken/" + quote(ATTACKS["attribute"]), "/en/new/%22%3E%3Cb%3E"):
            answer = client.post(path, data=typed)
            assert answer.status_code in (401, 404)
            reader.read_clean(answer.text, path)


# -- in a browser ---------------------------------------------------------------------------------------------------

WATCHED = (
    f"/nl/records/application:gm0344/{NAME}", f"/nl/bewerken/application:gm0344/{NAME}", f"/nl/zoeken?q={MARK}",
    "/nl/kaart", f"/nl/organisaties/organisation:gm0344/{NAME}", f"/nl/leveranciers/supplier:gm0344/{NAME}",
    "/nl/bevindingen", f"/nl/zoeken?{urlencode({'q': ATTACKS['attribute']})}",
    *(f"/nl/records/application:gm0344/{name}" for name in ATTACKS),
)  # fmt: skip


def watch(page: Page) -> list[str]:
    """Give a list to which everything is added that runs or is kept from running."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.expose_function("tell", lambda text: seen.append(text))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " event => tell(`${event.violatedDirective} ${event.blockedURI}`))"
    )
    return seen


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["policy", "no-policy"])
def test_in_a_browser_nothing_of_it_runs(
    browser: Browser, site: Demo, attacked: dict[str, list[str]], bypass_csp: bool
) -> None:
    """With the policy nothing is kept from running, and without it nothing runs: there is nothing that would."""
    assert attacked
    with open_page(browser, site.server.url, "record-owner", bypass_csp=bypass_csp) as page:
        seen = watch(page)
        for path in WATCHED:
            arrive(page, path)
            assert page.evaluate("document.cookie") == ""
            # What waits for a pointer or for the focus gets it.
            page.evaluate(
                "for (const item of document.querySelectorAll('main *'))"
                " { item.dispatchEvent(new Event('mouseover')); item.focus?.() }"
            )
        arrive(page, f"/nl/bewerken/application:gm0344/{NAME}")
        for control in page.locator("main textarea:visible, main input[type=text]:visible").all():
            control.fill(ATTACKS["attribute"])
        press(page.locator("main .nl-button--primary"))
        assert page.locator("#faults").is_visible()
        assert page.locator("#spec-name").input_value() == ATTACKS["attribute"]
        assert not seen, seen


def test_the_watch_sees_what_would_run(browser: Browser, site: Demo, reader: Reader) -> None:
    """What these tests look for is found where it is: a page that does take text for markup."""
    for name in ("element", "attribute", "no-blanks", "closer"):
        assert reader.read(f"<main><p>{ATTACKS[name]}</p></main>").harms(), name
    assert reader.read(f'<a class="x {ATTACKS["handler"]}">y</a>').harms()
    assert reader.read(f'<a href="{ATTACKS["address"]}">y</a>').harms()
    assert reader.read(f'<a href="{ATTACKS["data"].split("<")[0]}">y</a>').harms()
    for bypass_csp, expected in ((False, "script-src"), (True, "dialog")):
        context = browser.new_context(base_url=site.server.url, bypass_csp=bypass_csp)
        page = context.new_page()
        seen = watch(page)

        def spoil(route: object) -> None:
            answer = route.fetch()  # type: ignore[attr-defined]
            body = answer.text().replace('<main id="main"', f'{ATTACKS["element"]}<main id="main"', 1)
            route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]

        page.route("**/nl/hulp", spoil)
        arrive(page, "/nl/hulp")
        until = time.monotonic() + 10
        while not seen and time.monotonic() < until:
            page.wait_for_timeout(20)
        context.close()
        assert any(expected in item for item in seen), seen
