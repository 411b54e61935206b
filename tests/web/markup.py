"""What a browser makes of a page: read by the HTML parser of Chromium (WHATWG HTML, 13.2), which runs nothing of it.

Whatever is typed in an attack carries `MARK`; so it is told from the page what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Page

MARK: Final = "zqx"
"""Stands in every attack and in nothing else."""
_SUM: Final = "1337*1337"
_ANSWER: Final = "1787569"

ATTACKS: Final = {
    "element": f"<script>alert('{MARK}')</script><{MARK}-element {MARK}-attribute=1><style>*{{display:none}}</style>",
    "attribute": f"\"'><img src=x onerror=alert('{MARK}') {MARK}><iframe srcdoc=\"<script>alert(1)</script>\">",
    "no-blanks": f"\"'/><svg/onload=alert('{MARK}')>`-alert('{MARK}')-'",
    "handler": f'x" onfocus="alert(\'{MARK}\')" autofocus style="color:red" {MARK}="\' onmouseover=\'alert(1)',
    "closer": f"</textarea></title></select></svg></table></form></main><![CDATA[{MARK}>]]><{MARK}-end>&lt;&#60;&amp",
    "address": f"javascript:alert('{MARK}')//https://{MARK}.example",
    "data": f"data:text/html,<script>alert('{MARK}')</script>",
    "template": f"{{{{{_SUM}}}}}${{{_SUM}}}#{{{_SUM}}}<%={_SUM}%>{{%{MARK}%}}{{#{MARK}#}}%(name)s%s%(count)s{{0.name}}",
    "direction": f"{MARK}\u202efdp.exe\u202c\u2066<b>\u200b\ufeff",
}
"""Texts of one line, each to break out of another place; none is longer than a name may be."""
LINES: Final = f"{MARK}\r\nSet-Cookie: {MARK}=1\r\n\r\n<script>alert('{MARK}')</script>"
"""One of several lines, for what ends a header."""
LONG: Final = f"{MARK}<b {MARK}>\"'" + "x" * 11_000
"""One that is too long for any field."""

_TAGS: Final = frozenset({
    "a", "aside", "body", "br", "button", "caption", "circle", "code", "datalist", "dd", "desc", "details", "div", "dl",
    "dt", "em", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html",
    "input", "label", "legend", "li", "link", "main", "meta", "nav", "ol", "option", "p", "path", "progress",
    "rect", "section", "select", "span", "strong", "summary", "svg", "table", "tbody", "td", "text", "textarea",
    "th", "thead", "title", "tr", "ul",
})  # fmt: skip
_ATTRIBUTES: Final = frozenset({
    "accept", "action", "aria-current", "aria-describedby", "aria-hidden", "aria-invalid", "aria-label",
    "aria-labelledby", "aria-live", "autocomplete", "charset", "checked", "class", "content", "cx", "cy", "d",
    "data-hx-get", "data-hx-select", "data-hx-swap", "data-hx-trigger", "data-label", "defer", "enctype",
    "enterkeyhint", "fill", "focusable", "for",
    "formnovalidate", "height", "href", "hreflang", "id", "inputmode", "lang", "list", "max", "maxlength", "method",
    "name", "novalidate", "open", "r", "rel", "required", "role", "rows", "rx", "scope", "selected", "src", "stroke",
    "tabindex", "target", "text-anchor", "type", "value", "viewBox", "width", "x", "y",
})  # fmt: skip
_TYPED: Final = frozenset({"value", "href", "action", "data-hx-get"})
"""Attributes that may hold what was typed: the content of a control, and an address of our own."""

_SOURCES: Final = frozenset({
    "digital-strategy.ec.europa.eu", "eur-lex.europa.eu", "media.defense.gov", "nvlpubs.nist.gov", "wetten.overheid.nl",
    "www.bsi.bund.de", "www.ncsc.nl",
})  # fmt: skip
"""Where laws and policies stand that a rule or finding names as its source."""

_READ: Final = """
([html, mark]) => {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const elements = [...parsed.querySelectorAll('*')];
  const places = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'srcset', 'background', 'cite', 'ping',
                  'xlink:href', 'data-hx-get'];
  const pairs = new Set(), marked = [], addresses = [];
  for (const element of elements) for (const item of element.attributes) {
    // The summary of faults is the one thing that takes the focus.
    if (element.id !== 'faults' || item.name !== 'autofocus') pairs.add(item.name);
    if (item.value.includes(mark)) marked.push([element.localName, item.name, item.value]);
    if (places.includes(item.name)) {
      let found = {protocol: 'none', host: ''};
      try { found = new URL(item.value, 'http://own.test/nl/page'); } catch { }
      addresses.push([element.localName, item.name, item.value, found.protocol, found.host]);
    }
  }
  const controls = {}, invalid = [];
  for (const control of parsed.querySelectorAll('main form[method=post] [name]')) {
    if (['button', 'submit', 'file'].includes(control.type)) continue;
    if (control.type === 'checkbox') {
      (controls[control.name] ??= []).push(...(control.checked ? [control.value] : []));
    } else {
      controls[control.name] = [control.value];
    }
    if (control.closest('[aria-invalid=true]')) invalid.push(control.name);
  }
  return {
    tags: [...new Set(elements.map(element => element.localName))], attributes: [...pairs], marked, addresses,
    scripts: [...parsed.scripts].map(script => script.text), controls, invalid,
    refreshes: parsed.querySelectorAll('meta[http-equiv], base').length,
    text: parsed.documentElement.textContent, faults: parsed.querySelector('#faults')?.textContent ?? '',
    links: [...parsed.querySelectorAll('a')].map(link => link.getAttribute('href')),
  };
}
"""


@dataclass(frozen=True)
class Parsed:
    """A page as a browser takes it."""

    found: dict[str, Any]

    @property
    def text(self) -> str:
        """All text, also what is not shown."""
        return str(self.found["text"])

    @property
    def controls(self) -> dict[str, list[str]]:
        """What a browser would send of the forms that post, by name."""
        return dict(self.found["controls"])

    @property
    def invalid(self) -> list[str]:
        """The names of controls that are marked as faulty."""
        return list(self.found["invalid"])

    @property
    def links(self) -> list[str]:
        """Where the page leads."""
        return [link or "" for link in self.found["links"]]

    @property
    def faults(self) -> str:
        """What the error summary says; empty where there is none."""
        return str(self.found["faults"])

    def harms(self) -> list[str]:
        """Give what on the page did not come from its template."""
        found = self.found
        scripts = [item for item in found["addresses"] if item[0] == "script"]
        tags = set(found["tags"]) - _TAGS
        # The one script there is comes from our own folder, and holds nothing itself.
        if scripts and len(scripts) == len(found["scripts"]) and not any(found["scripts"]):
            tags -= {"script"} if all(item[2].startswith("/static/") for item in scripts) else set()
        return [
            *(f"element {tag}" for tag in sorted(tags)),
            *(f"attribute {name}" for name in sorted(set(found["attributes"]) - _ATTRIBUTES)),
            *(f"{tag} {name}={value[:80]}" for tag, name, value in found["marked"] if name not in _TYPED),
            *(
                f"{tag} {name} leads to {item[0][:80]}"
                for tag, name, *item in found["addresses"]
                if not _is_ours(*item)
            ),
            *(["refresh or base"] if found["refreshes"] else []),
            *(["a sum was worked out"] if _ANSWER in found["text"] else []),
        ]


def _is_ours(value: str, protocol: str, host: str) -> bool:
    """Tell whether an address is a path of this site, or a source as a rule names it."""
    if protocol == "https:" and host in _SOURCES:
        return MARK not in value
    return (protocol, host) == ("http:", "own.test") and value.startswith(("/", "#"))


class Reader:
    """Reads pages in a blank page of Chromium."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def read(self, html: str) -> Parsed:
        """Give what a browser makes of a page."""
        return Parsed(self._page.evaluate(_READ, [html, MARK]))

    def read_clean(self, html: str, where: str) -> Parsed:
        """Give the same; fails where anything typed became more than text."""
        parsed = self.read(html)
        assert not parsed.harms(), (where, parsed.harms()[:10])
        return parsed
