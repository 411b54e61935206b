"""The pay-back page: what is shown equals the law written out by hand, and a warning is kept, told and ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.rules import Library, Register
from eendracht.kernel.sessions import Sessions
from eendracht.services.forms.demo import PEOPLE, fill_vault
from eendracht.services.forms.extracts import Extract, keep_extract
from eendracht.services.forms.form import Form
from eendracht.services.proactive.changes import Change, expect_change, list_advances
from eendracht.services.proactive.watches import CHECK, CONTROLLER, Watches, tend_watches
from tests.rulebook import reference
from tests.services.forms.visiting import Visitor
from tests.services.proactive.nodes import finish
from tests.web.browser import open_page, press, run_browser
from tests.web.judging import judge
from tests.web.serving import run_server

YEAR = reference.CARE[2026]
EURO = 100
PATH = "/en/pay-back"


def by_hand(euros: int, **more: Any) -> int:
    return reference.care_allowance(YEAR, Fraction(euros), **more) * EURO


def form_of(who: str, on: date) -> Form:
    registers = tuple(Register(held.register, "bsn", held.rows) for held in PEOPLE[who])
    return Form(list_advances(), on, registers, f"demo-{who}")


def care(library: Library, form: Form, change: Change) -> Any:
    return next(one for one in expect_change(library, form, change, 0.0) if one.benefit.code == "zorgtoeslag")


@pytest.mark.parametrize("income", [22_000, 30_000, 40_857, 40_858])
def test_a_higher_income_counts_for_the_whole_year(rulebook: Library, income: int) -> None:
    form = form_of("pensioner", date(2026, 9, 20))
    found = care(rulebook, form, Change({"uitkeringen_en_pensioenen": income * EURO}))
    lost = max(0, by_hand(20_100) - by_hand(income))

    assert (found.before.low, found.after.low) == (by_hand(20_100), by_hand(income))
    assert found.back.low == found.back.high == int(Fraction(lost * 9, 12) + Fraction(1, 2))
    assert found.back_at_end.low == lost
    assert (found.article, found.certainty) == ("2", "estimate")


def test_a_partner_who_leaves_counts_from_the_month_and_an_income_before_it_in_the_old_household(
    rulebook: Library,
) -> None:
    form = form_of("parent", date(2026, 9, 20))
    found = care(rulebook, form, Change({"loon_uit_dienstbetrekking": 33_000 * EURO}, "none", 7))
    before, between = by_hand(21_500 + 17_800, has_partner=True), by_hand(33_000 + 17_800, has_partner=True)
    after = by_hand(33_000)
    lost = (before - between) * 6 + (before - after) * 3

    assert (found.before.low, found.after.low) == (before, after)
    assert found.back.low == max(0, int(Fraction(lost, 12) + Fraction(1, 2)))


def test_what_is_not_known_is_never_nothing_to_pay_back(rulebook: Library) -> None:
    form = form_of("pensioner", date(2026, 9, 20))
    found = care(rulebook, form, Change(household="HUWELIJK", month=9))

    assert (found.after, found.back, found.certainty) == (None, None, "unknown")
    assert "partner" in {ask.whose for ask in found.missing}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node") as instance:
        yield instance


def tell_income(node: Instance, subject: str, euros: int) -> None:
    held = next(one for one in PEOPLE["pensioner"] if one.register == "BRI")
    row = {**held.rows[0], "uitkeringen_en_pensioenen": euros * EURO}
    extract = Extract("BRI", (row,), "demo-pensioner", today(node.store.clock), "synthetic")
    author = Principal("services/forms", frozenset({(Role.EDITOR, held.controller)}))
    keep_extract(node.vault, subject, extract, controller=held.controller, ground="demonstration", author=author)


def months_now(node: Instance) -> int:
    return today(node.store.clock).month


def test_a_person_sees_it_asks_to_be_warned_is_warned_once_and_ends_it(node: Instance) -> None:
    subject = fill_vault(node)["pensioner"]
    me = Principal(PERSON_PREFIX + subject)
    visitor = Visitor(node, PATH, subject)
    assert "€20,100" in visitor.seen.html.replace(" ", "").replace("\u00a0", "")
    wrong = visitor.press("work", **{"income.uitkeringen_en_pensioenen": "veel", "month": "13"})
    assert "Choose a month" in wrong.html
    assert "Write an amount" in wrong.html
    nothing = visitor.press("work", month="9")
    assert "Fill in what changes" in nothing.html
    typed = {"income.uitkeringen_en_pensioenen": "30000", "month": "9"}
    seen = visitor.press("work", **typed)
    while seen.asks:
        seen = visitor.press("skip")
    assert seen.status == 200, seen.html
    assert "Healthcare benefit" in seen.html or "Care benefit" in seen.html
    assert "What would change this" in seen.html
    asked = visitor.press("warn")
    assert "We warn you when registers show a change" in asked.html
    (item,) = Watches(node).list_items(subject)
    kept = node.vault.get(item, "own-data", me)
    assert isinstance(kept, dict)
    assert kept["amounts"]["zorgtoeslag"] == [by_hand(20_100)] * 2

    def look() -> dict[str, Any]:
        # A day later, as the upkeep of the next day finds it.
        with Watches(node)._opened() as file, file.writing() as connection:
            connection.execute("UPDATE watch SET checked_on = '2000-01-01'", ())
        tend_watches(node)
        job = next(job for job in Jobs(node.store).list_jobs(OPERATOR, 10) if job.kind == CHECK)
        return finish(node, job.id).result

    assert look() == {"checked": 1, "written": 0}
    tell_income(node, subject, 30_000)
    assert look() == {"checked": 1, "written": 1}
    assert look() == {"checked": 1, "written": 0}
    texts = [
        content["text"]
        for held, content in node.vault.read_subject(subject, "own-data", me)
        if held.kind == "proactive-message" and isinstance(content, dict)
    ]
    (text,) = texts
    assert "You asked us for a warning" in text
    back = Fraction((by_hand(20_100) - by_hand(30_000)) * months_now(node), 12)
    assert re.sub(r"\D", "", f"{int(back / 100):,}") in re.sub(r"[.,\s]", "", text)
    # Nothing about the person stands on the journal.
    lines = [line.content for line in node.journal.read("processing", limit=10_000)]
    assert "30000" not in str(lines)

    other = Principal(PERSON_PREFIX + fill_vault(node)["parent"])
    with pytest.raises(NotFound):
        Watches(node).end(other, item)
    ended = visitor.press(f"end:{item}")
    assert "Your warning has ended" in ended.html
    assert Watches(node).list_items(subject) == []
    with pytest.raises(NotFound):
        node.vault.get(item, "own-data", me)
    assert CONTROLLER in str(lines)


def test_nobody_else_comes_there_and_nothing_stands_in_the_address(node: Instance) -> None:
    assert Visitor(node, PATH).seen.status in (303, 401)
    subject = fill_vault(node)["parent"]
    assert Visitor(node, f"{PATH}?income.loon_uit_dienstbetrekking=1", subject).seen.status == 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as found:
        yield found


@pytest.mark.parametrize("path", ["/nl/terugbetalen", "/en/pay-back"])
def test_every_sort_of_page_has_no_fault(
    browser: Browser, tmp_path: Path, node_file: Callable[[str], Path], path: str
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    with Wiring().create(tmp_path / "node") as instance:
        name = f"person/{fill_vault(instance)['parent']}"
        create_principal(instance.store, name, [])
        secret = Sessions(instance.store, 30, 10).begin(name, "persona")
    narrow = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": True}
    with run_server(tmp_path / "node") as server, open_page(browser, server.url, **narrow) as page:

        def check() -> None:
            assert judge(page, axe) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert "?" not in page.url

        page.context.add_cookies([{"name": "eendracht", "value": secret, "url": server.url}])
        page.goto("/nl/mijn-overzicht" if path.startswith("/nl") else "/en/my-overview")
        page.click(f"a[href='{path}']")
        check()
        press(page.locator("button[value='work']"))
        check()
        page.fill("input[name='income.loon_uit_dienstbetrekking']", "35000")
        press(page.locator("button[value='work']"))
        check()
        while page.locator("input[name='ask']").count():
            press(page.locator("button[value='skip']"))
        check()
        press(page.locator("button[value='warn']"))
        check()
        page.goto(path)
        check()
        press(page.locator("button[value^='end:']"))
        check()
