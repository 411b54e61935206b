"""What the build put into `static/`: under which name each file is served, and the drawings of the icons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup

PATH: Final = "/static"
"""Under which path the files are served."""
_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `compressed` is its gzip form, empty where that would not be smaller."""

    content: bytes
    compressed: bytes
    media_type: str


@lru_cache(maxsize=1)
def _manifest() -> dict[str, Any]:
    text = files("eendracht.kit").joinpath("static/manifest.json").read_text("utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


@lru_cache(maxsize=1)
def load_assets() -> dict[str, Asset]:
    """Give every file by its served name; only what the manifest lists, so that no path can lead elsewhere."""
    folder = files("eendracht.kit").joinpath("static")
    found = {}
    for entry in _manifest()["files"].values():
        name = entry["file"]
        suffix = name.rpartition(".")[2]
        compressed = b"" if suffix == "woff2" else folder.joinpath(name + ".gz").read_bytes()
        found[name] = Asset(folder.joinpath(name).read_bytes(), compressed, _TYPES[suffix])
    return found


def asset_path(name: str) -> str:
    """Give the path of a file by its plain name; raises KeyError for one that is not built."""
    return f"{PATH}/{_manifest()['files'][name]['file']}"


def draw_icon(name: str) -> Markup:
    """Give an icon as inline SVG that assistive technology passes over; raises KeyError for one that is not built."""
    # The drawings come from the build, not from a request.
    inner = Markup(_manifest()["icons"][name])  # noqa: S704
    return Markup('<svg class="e-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>').format(inner)
