"""Take the screenshots of the documentation from a fresh demonstration node: python scripts/make_screenshots.py.

Needs Chromium and the test extra. What is shown is synthetic, but for the public bodies.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
EENDRACHT = [sys.executable, "-c", "from eendracht.bootstrap import main; main()", "--folder"]
NARROW = {"width": 320, "height": 800}
FAILURE = "/nl/uitval/supplier:demo/kabbelstoof-automatisering"
SHOTS = {
    "search": "/nl/zoeken?q=zaak",
    "tasks": "/nl/mijn-taken",
    "findings": "/nl/bevindingen/single-point-of-failure",
    "map": "/nl/kaart",
    "import": "/nl/importeren",
    "failure": FAILURE,
    "regulation": "/nl/regelbank/wet_op_de_zorgtoeslag",
    # Last: by then what waits for the visitor has been worked out.
    "home": "/nl",
}


def main() -> None:
    """Make the node, serve it, and take every picture as the record owner."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        node = f"{name}/node"
        subprocess.run([*EENDRACHT, node, "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen([*EENDRACHT, node, "serve", "--port", str(port)], stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            take(f"http://localhost:{port}")
        finally:
            server.terminate()
            server.wait()


def take(url: str) -> None:
    """Wait for the server, sign in, and take the pictures."""
    for _ in range(100):
        try:
            urlopen(f"{url}/v1/health", timeout=5).close()  # noqa: S310 - our own server on loopback
            break
        except OSError:
            time.sleep(0.1)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or "chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.goto(f"{url}/nl/aanmelden")
        page.click('button[value="persona/record-owner"]')
        for name, path in SHOTS.items():
            show(page, url + path)
            page.screenshot(path=FOLDER / f"{name}.png")
        show(page, f"{url}/nl/zoeken?q=zaaksysteem&kind=application")
        page.locator("main ol a, main .e-results a").first.click()
        page.screenshot(path=FOLDER / "record.png")
        show(page, f"{url}/nl/regel-proberen/wet_basisregistratie_personen")
        fill_case(page)
        page.screenshot(path=FOLDER / "case.png")
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        show(page, url + FAILURE)
        page.screenshot(path=FOLDER / "narrow.png")
        browser.close()


def fill_case(page: Page) -> None:
    """Answer what a law asks about a made-up person."""
    page.select_option("#output", "leeftijd")
    page.fill("#p-bsn", "999990019")
    for answer in ("1968-04-12",):
        page.click("main form[method=post] .nl-button--primary")
        page.locator("main input[type=date]").first.fill(answer)
    page.click("main form[method=post] .nl-button--primary")


def show(page: Page, address: str) -> None:
    """Open a page; what is still being looked through is asked again."""
    for _ in range(50):
        answer = page.goto(address)
        if answer is not None and answer.status != 503:
            return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
