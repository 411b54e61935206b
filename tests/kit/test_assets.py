"""What the build made: small enough, whole, and named after its content."""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.resources import files

import pytest

from eendracht.kit.assets import asset_path, draw_icon, load_assets


def test_each_file_is_named_after_its_content() -> None:
    assets = load_assets()
    assert len(assets) == 4
    for name, asset in assets.items():
        assert hashlib.sha384(asset.content).hexdigest()[:16] in name
        assert not asset.compressed or gzip.decompress(asset.compressed) == asset.content


def test_style_and_script_stay_within_their_sizes() -> None:
    sizes = {name.partition(".")[0]: len(asset.compressed) for name, asset in load_assets().items()}
    assert sizes["eendracht"] <= 30_000
    assert sizes["htmx"] <= 20_000
    # Other sites load this one beside what they have.
    assert sizes["deur"] < 6_000


def test_the_style_loads_nothing_from_elsewhere_and_its_font_is_there() -> None:
    assets = load_assets()
    style = next(asset for name, asset in assets.items() if name.endswith(".css")).content.decode()
    font = next(name for name in assets if name.endswith(".woff2"))
    assert f'url("{font}")' in style
    assert "http:" not in style
    assert "https:" not in style
    assert "@import" not in style


def test_only_what_was_built_can_be_named() -> None:
    assert asset_path("eendracht.css").startswith("/static/eendracht.")
    assert "<svg" in draw_icon("search")
    with pytest.raises(KeyError):
        asset_path("../../config.py")
    with pytest.raises(KeyError):
        draw_icon("absent")


def test_every_package_has_an_open_licence() -> None:
    manifest = json.loads(files("eendracht.kit").joinpath("static/manifest.json").read_text("utf-8"))
    licences = {package["licence"] for package in manifest["packages"]}
    assert licences <= {"EUPL-1.2", "MIT", "OFL-1.1", "0BSD", "BSD-0-Clause"}
