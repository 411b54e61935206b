"""The pages: what they show, in which language, and that nothing in a record becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from eendracht.bootstrap import WINGS
from eendracht.kernel.priorities import PRIORITIES
from tests.web.conftest import Site
from tests.web.nodes import draft

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\' onmouseover="alert(3)" javascript:alert(4) {{7*7}}'
ALLOWED = {
    "a", "aside", "body", "br", "button", "caption", "circle", "code", "dd", "div", "dl", "dt", "em", "footer", "form",
    "h1", "h2", "h3", "head", "header", "html", "input", "label", "li", "link", "main", "meta", "nav", "ol", "p",
    "path", "section", "span", "strong", "svg", "table", "tbody", "td", "th", "thead", "title", "tr", "ul",
}  # fmt: skip


class Page(HTMLParser):
    """The elements, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def links(self) -> list[str]:
        """Every address to which the page leads."""
        return [attrs["href"] or "" for tag, attrs in self.elements if tag == "a" and "href" in attrs]

    @property
    def text(self) -> str:
        """All words."""
        return " ".join(" ".join(self.words).split())


def test_the_start_leads_to_the_home_page(site: Site) -> None:
    page = site.get("/", follow_redirects=True)
    assert page.url.path == "/nl"
    assert page.headers["content-language"] == "nl"
    assert '<html lang="nl">' in page.text
    assert '<html lang="en">' in site.get("/en", follow_redirects=True).text


@pytest.mark.parametrize("path", ["/nl/zoeken", "/nl/records/organisation:gm0344", "/en/records/nothing"])
def test_pages_may_run_no_script_and_load_nothing_from_elsewhere(site: Site, path: str) -> None:
    page = site.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    parsed = Page(page.text)
    assert {tag for tag, _ in parsed.elements} <= ALLOWED
    for _, attrs in parsed.elements:
        for name in ("href", "src", "action"):
            assert (attrs.get(name) or "/").startswith(("/", "#"))
            assert not (attrs.get(name) or "").startswith("//")


def test_every_figure_of_the_home_page_leads_to_as_many_records(site: Site) -> None:
    page = Page(site.get("/en").text)
    figures = [link for link in page.links if link.startswith("/en/search?kind=")]
    assert len(figures) > 10
    assert page.text.count("Not on this node yet") == len(PRIORITIES) - len(WINGS)
    listed = site.get("/v1/records?kind=application&limit=100").json()["records"]
    word = "application" if len(listed) == 1 else "applications"
    assert f"{len(listed)} {word}" in page.text
    made_up = sum(
        record["source"]["type"] == "synthetic" for record in site.get("/v1/records?limit=200").json()["records"]
    )
    assert f"{made_up} of them are made up" in page.text
    # The hidden platform is counted for who may see it, and for nobody else.
    assert "0 platforms" in page.text
    assert "1 platform" in Page(site.get("/en", "gm0344/editor").text).text


def test_assets_are_kept_for_ever_and_sent_compressed(site: Site) -> None:
    page = Page(site.get("/nl").text)
    style = next(attrs["href"] for tag, attrs in page.elements if tag == "link" and attrs["rel"] == "stylesheet")
    plain = site.get(style or "", headers={"Accept-Encoding": "identity"})
    packed = site.get(style or "", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["vary"] == "Accept-Encoding"
    assert site.get("/static/..%2f..%2fconfig.py").status_code == 404
    assert site.get("/static/manifest.json").status_code == 404


def test_the_page_of_a_record_shows_it_whole(site: Site) -> None:
    page = Page(site.get("/nl/records/application:gm0344/zaaksysteem").text)
    assert "Zaaksysteem" in page.text
    assert "Verzonnen gegevens" in page.text
    assert "Levensfase in gebruik" in page.text
    assert "/nl/records/supplier:kvk.11111111" in page.links
    assert "/nl/records/public-service:gm0344/paspoort" in page.links
    assert "/nl/organisaties/organisation:gm0344" in page.links
    # The hidden platform is shown as what does not exist: its ref stands in the public record, its name does not.
    assert "platform:gm0344/geheim-platform (hier niet bekend)" in page.text
    assert "Geheim platform" not in page.text
    assert any(link.startswith("/v1/ledger/proofs/") for link in page.links)
    assert "/en/records/application:gm0344/zaaksysteem" in page.links


def test_the_search_page_counts_and_refines(site: Site) -> None:
    page = Page(site.get("/nl/zoeken?q=gemeente").text)
    assert "/nl/records/organisation:gm0344" in page.links
    facet = next(link for link in page.links if "kind=organisation" in link)
    refined = Page(site.get(facet).text)
    assert "/nl/records/organisation:gm0344" in refined.links
    assert "/nl/zoeken?q=gemeente" in refined.links
    nothing = Page(site.get("/en/search?q=qqqqqqqq").text)
    assert "Nothing found." in nothing.text
    typo = Page(site.get("/nl/zoeken?q=zaaksyteem").text)
    assert "zaaksysteem" in typo.text


def test_nothing_in_a_record_becomes_markup(site: Site) -> None:
    content = draft("component:gm0344/aanval", HOSTILE, description=HOSTILE, alsoKnownAs=[HOSTILE], version=HOSTILE)
    content["source"] |= {"system": HOSTILE, "key": HOSTILE, "place": HOSTILE}
    content["confidentiality"]["ground"] = HOSTILE
    assert site.call("PUT", f"/v1/records/{content['ref']}", "gm0344/editor", json=content).status_code == 201
    paths = ("/nl/records/component:gm0344/aanval", "/en/records/component:gm0344/aanval", "/nl/zoeken?q=alert")
    for path in paths:
        page = Page(site.get(path).text)
        assert {tag for tag, _ in page.elements} <= ALLOWED, path
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")], path
        assert "<script>alert(1)</script>" in page.text
        assert "{{7*7}}" in page.text


@pytest.mark.parametrize(
    "hostile", ["%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "%7B%7B7*7%7D%7D", "%3Csvg%20onload=x%3E"]
)
def test_nothing_in_a_request_becomes_markup(site: Site, hostile: str) -> None:
    for path in (
        f"/nl/zoeken?q={hostile}",
        f"/nl/zoeken?kind={hostile}",
        f"/nl/records/{hostile}",
        f"/nl/zoeken?{hostile}=1",
    ):
        page = Page(site.get(path).text)
        assert {tag for tag, _ in page.elements} <= ALLOWED, path
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")], path
        assert "49" not in page.text or "{{7*7}}" in page.text


def test_a_missing_page_says_so_in_its_language(site: Site) -> None:
    missing = site.get("/nl/records/application:gm0344/nergens")
    assert (missing.status_code, "Niet gevonden" in missing.text) == (404, True)
    assert "(colour)" in site.get("/nl/zoeken?colour=blue").text.lower(), "the field of a fault is named"
    wrong = site.get("/en/search?colour=blue")
    assert (wrong.status_code, "This is not right" in wrong.text) == (400, True)
    assert "(Toestand op)" in site.get("/nl/records/application:gm0344/zaaksysteem?asOf=gisteren").text
    assert site.get("/nl/records/application:gm0344/zaaksysteem?asOf=").status_code == 200


def test_a_page_of_an_error_stands_nowhere_in_the_menu(site: Site) -> None:
    assert 'aria-current="page"' in site.get("/nl").text
    assert "aria-current" not in site.get("/nl/bestaat-niet").text


def test_a_finding_tells_whose_each_record_is(site: Site) -> None:
    page = Page(site.get("/nl/bevindingen/dangling-reference").text)
    labels = [attrs.get("data-label") for tag, attrs in page.elements if tag == "td"]
    assert "Eigenaar" in labels
    assert "Gemeente Utrecht" in page.text


def test_a_failure_counts_what_stops_per_kind(site: Site) -> None:
    page = Page(site.get("/nl/uitval/application:gm0344/zaaksysteem").text)
    assert "Daaronder: 1 publieke dienst." in page.text
    assert "Daaronder" not in site.get("/nl/uitval/public-service:gm0344/paspoort").text
    assert "Wat dit nodig heeft om te draaien, stopt mee" in page.text


def test_a_failure_says_what_counts_and_shows_what_stops_before_the_reasons(site: Site) -> None:
    supplier = site.get("/nl/uitval/supplier:kvk.11111111").text
    assert "wat hij alleen heeft geleverd, loopt door" in supplier
    assert "1 ding dat eraan hangt loopt door (1: geleverd door)" in supplier
    assert "Van nog 2 dingen is niet te zeggen of ze doorlopen" in supplier
    assert 'href="/nl/bevindingen/dangling-reference"' in supplier
    page = site.get("/nl/uitval/application:gm0344/zaaksysteem").text
    assert page.index('id="failures"') < page.index('id="why"') < page.index('id="inputs"')


def test_what_is_wrong_in_an_address_is_said_in_dutch(site: Site) -> None:
    page = Page(site.get("/nl/zoeken?asOf=morgen&lifecycle=weg&limit=x&foo=1").text)
    for said in ("(Toestand op)", "of 'unknown' (Levensfase)", "(Hoeveel)", "(foo)"):
        assert said in page.text.replace("( ", "(").replace(" )", ")"), page.text
    assert "'retired' or" not in page.text


def test_a_page_of_results_leads_to_its_filters(site: Site) -> None:
    page = site.get("/nl/zoeken").text
    assert page.index('<a class="nl-link" href="#refine">') < page.index('class="e-results"')
    assert 'id="refine"' in page


def test_the_page_of_a_record_names_its_owner(site: Site) -> None:
    page = Page(site.get("/nl/records/application:gm0344/zaaksysteem").text)
    assert "Eigenaar Gemeente Utrecht" in page.text
    supplier = Page(site.get("/nl/records/supplier:kvk.11111111").text)
    assert "Record bijgehouden door Gemeente Utrecht" in supplier.text
