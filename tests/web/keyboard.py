"""A page walked with the keys alone; at every stop it is looked whether somebody who sees it can follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Page

MOST_STOPS: Final = 400
"""After so many presses of Tab a page has no end."""
_DATE_STOPS: Final = 6
"""A control for a day holds stops of its own: day, month, year and calendar."""

_LOOK: Final = """
element => {
  const style = getComputedStyle(element);
  return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join(' ');
}
"""

# How each thing looks without the focus is kept beforehand: at the stop itself it has it.
_REMEMBER: Final = f"""
() => {{
  const look = {_LOOK};
  window.unfocused ??= new WeakMap();
  for (const element of document.querySelectorAll('*'))
    if (element !== document.activeElement && !window.unfocused.has(element))
      window.unfocused.set(element, look(element));
}}
"""

_STOP: Final = f"""
() => {{
  const look = {_LOOK};
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const seen = [[0.5, 0.5], [0.05, 0.5], [0.95, 0.5], [0.5, 0.1], [0.5, 0.9]].some(([x, y]) => {{
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (element.contains(top) || top.contains(element));
  }});
  const names = {{A: 'link', BUTTON: 'button', SUMMARY: 'summary'}};
  window.stops ??= [];
  let at = window.stops.indexOf(element);
  if (at < 0) at = window.stops.push(element) - 1;
  const before = window.stop;
  window.stop = element;
  const relation = before && before.isConnected ? before.compareDocumentPosition(element) : 0;
  return {{
    at, tag: names[element.tagName] ?? element.tagName.toLowerCase(), id: element.id,
    type: element.getAttribute('type') ?? '',
    text: (element.labels?.[0]?.textContent || element.textContent || element.getAttribute('aria-label') || '')
      .replace(/\\s+/g, ' ').trim().slice(0, 80),
    where: element.closest('main') ? 'main' : element.closest('header, nav, footer')?.tagName.toLowerCase() ?? '',
    // The calendar in a control for a day is a button of the browser, which marks it itself.
    is_own: !element.matches(':focus'), looks: look(element), before: window.unfocused?.get(element) ?? '',
    seen, positive: element.tabIndex > 0, scrolls: !!element.parentElement?.closest('.e-scroll'),
    box: [box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY],
    is_forward: !!(relation & Node.DOCUMENT_POSITION_FOLLOWING),
    is_backward: !!(relation & Node.DOCUMENT_POSITION_PRECEDING), is_first: !before?.isConnected,
  }};
}}
"""

_TABBABLE: Final = """
() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(element =>
  element.tabIndex >= 0 && !element.disabled && element.type !== 'hidden'
  && element.checkVisibility({visibilityProperty: true}))
"""


@dataclass(frozen=True)
class Stop:
    """Where the focus is: what it is, what it is called, and how it looks."""

    at: int
    tag: str
    id: str
    type: str
    text: str
    where: str
    looks: str
    before: str
    seen: bool
    is_own: bool
    positive: bool
    scrolls: bool
    box: tuple[float, float, float, float]
    is_forward: bool
    is_backward: bool
    is_first: bool

    @property
    def is_marked(self) -> bool:
        """Whether an outline or a shadow tells that the focus is here."""
        style, width = self.looks.split(" ")[:2]
        has_outline = style not in ("none", "hidden") and width != "0px"
        return self.is_own or ((has_outline or not self.looks.endswith(" none")) and self.looks != self.before)


@dataclass
class Keyboard:
    """Somebody with a keyboard and eyes, and no pointer."""

    page: Page
    trail: list[Stop] = field(default_factory=list)

    def arrive(self) -> None:
        """Look at a page that was just opened."""
        self.page.wait_for_load_state()
        self.page.evaluate(_REMEMBER)
        self.page.evaluate("() => { window.stops = []; window.stop = null; }")
        self.trail = []

    def stop(self) -> Stop | None:
        """Give where the focus is; None where it is on nothing."""
        found: dict[str, Any] | None = self.page.evaluate(_STOP)
        return Stop(**{**found, "box": tuple(found["box"])}) if found else None

    def tab(self, *, back: bool = False) -> Stop | None:
        """Press Tab once and judge the stop; None where the page ends."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = self.stop()
        if stop is not None:
            self._judge(stop, back)
            self.trail.append(stop)
        else:
            # The browser has the focus now, and gives it back at the other end of the page.
            self.page.evaluate("() => { window.stop = null; }")
        return stop

    def _judge(self, stop: Stop, back: bool) -> None:
        assert stop.seen, f"the focus is out of sight or covered: {stop}"
        assert stop.is_marked, f"the focus cannot be seen: {stop}"
        assert not stop.positive, f"a tabindex above zero: {stop}"
        last = self.trail[-1] if self.trail else None
        if stop.is_first or last is None or last.at == stop.at:
            return
        assert stop.is_backward if back else stop.is_forward, f"{stop} comes after {last}"
        if last.where == stop.where == "main" and not (last.scrolls or stop.scrolls):
            first, second = (stop, last) if back else (last, stop)
            is_below, is_beside = second.box[1] > first.box[1] + 4, second.box[0] >= first.box[2] - 4
            assert is_below or is_beside, f"{second} stands above {first}, which comes first"

    def go_to(self, text: str = "", *, id: str = "", tag: str = "", back: bool = False) -> Stop:
        """Press Tab until the focus is on what has this text, id or tag; it may be there already."""
        stop = self.stop() if self.trail else None
        ends = 0
        for _ in range(MOST_STOPS):
            if (
                stop is not None
                and (stop.text.startswith(text), id in ("", stop.id), tag in ("", stop.tag)) == (True,) * 3
            ):
                return stop
            ends += stop is None
            if ends == 3:
                break
            stop = self.tab(back=back)
        raise AssertionError(f"Tab does not come to {tag} {text or id} on {self.page.url}")

    def skip(self) -> None:
        """Take the skip link, which is the first stop of the page."""
        stop = self.tab()
        assert stop is not None
        assert (stop.tag, stop.at, len(self.trail)) == ("link", 0, 1)
        assert self.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        box = stop.box
        assert box[2] - box[0] > 40
        assert box[3] - box[1] > 20
        self.page.keyboard.press("Enter")
        self.page.wait_for_function("() => document.activeElement.id === 'main'")
        following = self.tab()
        assert following is not None
        assert following.where == "main", "after the skip link the content comes"

    def land(self, id: str) -> Stop:
        """Wait until the focus was moved to something, by a link within the page or by the browser."""
        self.page.wait_for_function("id => document.activeElement.id === id", arg=id)
        self.page.evaluate("() => { window.stop = null; }")
        self.trail = []
        stop = self.stop()
        assert stop is not None
        assert stop.seen, f"the focus is out of sight: {stop}"
        assert stop.is_marked, f"the focus cannot be seen: {stop}"
        return stop

    def follow(self, text: str = "", **what: Any) -> None:
        """Go to a link or button, press Enter, and arrive where it leads."""
        self.go_to(text, **what)
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.arrive()

    def type(self, text: str) -> None:
        """Type over what is selected; coming to a text of one line selects it."""
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def walk_round(self) -> int:
        """Go through the whole page and out of it; fails where something is missed or holds the focus."""
        wanted = self.page.evaluate_handle(_TABBABLE)
        count = int(wanted.evaluate("all => all.length"))
        for _ in range(MOST_STOPS):
            if self.tab() is None:
                break
            repeated = [stop.at for stop in self.trail[-_DATE_STOPS:]]
            is_held = len(repeated) == _DATE_STOPS and len(set(repeated)) == 1
            assert not is_held, f"a trap: {self.trail[-1]}"
        else:
            raise AssertionError("the page has no end")
        missed = wanted.evaluate(
            "all => all.filter(item => !window.stops.includes(item)).map(item => item.outerHTML.slice(0, 200))"
        )
        assert not missed, f"Tab does not come to {missed}"
        assert len({stop.at for stop in self.trail}) >= count
        return count
