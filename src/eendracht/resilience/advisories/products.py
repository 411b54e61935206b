"""The products of an advisory: by what each is recognised, in which versions, and within which other product."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from eendracht.resilience.advisories.places import ANY, find_branches, find_objects, text_at
from eendracht.resilience.advisories.ranges import VersionRange, read_range
from eendracht.resilience.advisories.versions import compare_versions

_PYTHON: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL, taken apart and written in one way."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two the same package, whatever the version."""
        return self.type, self.namespace, self.name


def read_purl(text: str) -> Purl | None:
    """Read a package URL; None for what is none."""
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(text)
    except ValueError:
        return None
    name = _PYTHON.sub("-", found.name) if found.type == "pypi" else found.name
    qualifiers = found.qualifiers if isinstance(found.qualifiers, dict) else {}
    kept = tuple(sorted((key, str(value)) for key, value in qualifiers.items()))
    return Purl(found.type, found.namespace or "", name, found.version or "", kept)


@dataclass(frozen=True, slots=True)
class Cpe:
    """A name of the Common Platform Enumeration: part, vendor, product and version; `*` is any."""

    part: str
    vendor: str
    product: str
    version: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two the same product, whatever the version."""
        return self.part, self.vendor, self.product


def read_cpe(text: str) -> Cpe | None:
    """Read a CPE 2.3 name or a CPE 2.2 URI; None for what is none, or what names no product."""
    if text.lower().startswith("cpe:2.3:"):
        parts = [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\):", text[8:])]
    elif text.lower().startswith("cpe:/"):
        parts = [unquote(part) for part in text[5:].split(":")]
    else:
        return None
    part, vendor, product, version = (item.lower() for item in ([*parts, *[""] * 4])[:4])
    version = "" if version in ("*", "-") else version
    return Cpe(part, vendor, product, version) if product not in ("", "*") and vendor not in ("", "*") else None


@dataclass(frozen=True, slots=True)
class Product:
    """A product of an advisory. `part_of` is the product in which it is used, for one that a relationship made."""

    id: str
    name: str
    vendor: str = ""
    product: str = ""
    version: str = ""
    range: VersionRange | None = None
    purl: Purl | None = None
    cpe: Cpe | None = None
    part: str = ""
    part_of: str = ""

    @property
    def scheme(self) -> str:
        """By which rules its versions are compared."""
        return self.purl.type if self.purl else ""

    @property
    def exact_version(self) -> str:
        """The one version that is meant; empty where it is a range or every version."""
        if self.range:
            return ""
        return self.version or (self.purl.version if self.purl else "") or (self.cpe.version if self.cpe else "")

    def holds_for(self, version: str, scheme: str = "") -> bool | None:
        """Tell whether it means this version, of a package of this type; None where nobody can tell."""
        if self.range:
            rules = self.range.scheme or self.scheme or scheme
            return VersionRange(rules, self.range.bounds, self.range.is_all).contains(version)
        exact = self.exact_version
        if not exact:
            return True
        if not version:
            return None
        order = compare_versions(self.scheme or scheme, version, exact)
        if order is None and not (self.scheme or scheme):
            order = compare_versions("semver", version, exact)
        return None if order is None else order == 0


def list_products(document: Any) -> dict[str, Product]:
    """Give every product of a document that is valid, by its id."""
    found: dict[str, Product] = {}
    for _, branch, above in find_branches(document):
        for _, product in find_objects(branch, "product"):
            steps = {text_at(step, "category"): text_at(step, "name") for step in (*above, branch)}
            _take(found, product, steps)
    for _, product in find_objects(document, "product_tree", "full_product_names", ANY):
        _take(found, product, {})
    for _, item in find_objects(document, "product_tree", "relationships", ANY):
        for _, product in find_objects(item, "full_product_name"):
            ends = (text_at(item, "product_reference"), text_at(item, "relates_to_product_reference"))
            _take(found, product, {}, *ends)
    return found


def _take(
    found: dict[str, Product], said: Mapping[str, Any], steps: Mapping[str, str], part: str = "", part_of: str = ""
) -> None:
    helper = said.get("product_identification_helper") or {}
    limits = steps.get("product_version_range")
    purl, cpe = read_purl(text_at(helper, "purl")), read_cpe(text_at(helper, "cpe"))
    found[said["product_id"]] = Product(
        said["product_id"],
        said["name"],
        steps.get("vendor", ""),
        steps.get("product_name", ""),
        steps.get("product_version", ""),
        read_range(limits, purl.type if purl else "")[0] if limits else None,
        purl,
        cpe,
        part,
        part_of,
    )


def walk_parts(products: Mapping[str, Product], product: Product) -> Iterator[Product]:
    """Yield a product, and for one made by a relationship what it is a part of, outward."""
    yield product
    while product.part_of in products:
        product = products[product.part_of]
        yield product
