"""The products of an advisory: by what each is recognised, in which versions, and within which other product.

Beside its version a product may be narrowed: to an architecture, an edition, a patch. How well what is recorded fits
that is said by a `Fit`; names of the Common Platform Enumeration are compared as NISTIR 7696 says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import zip_longest
from typing import Any, Final
from urllib.parse import unquote

from eendracht.resilience.advisories.places import ANY, find_branches, find_objects, text_at
from eendracht.resilience.advisories.ranges import VersionRange, read_range
from eendracht.resilience.advisories.versions import Order, compare_versions

_PYTHON: Final = re.compile(r"[-_.]+")
_SAME_ARCHITECTURE: Final = {"x86_64": "amd64", "x64": "amd64", "aarch64": "arm64"}
_EVERY_ARCHITECTURE: Final = frozenset({"all", "any", "noarch", "source", "src"})
"""Packages from which, or with which, those of an architecture are made."""
_PLAIN_STEPS: Final = frozenset(
    {"product_family", "product_name", "product_version", "product_version_range", "vendor"}
)
"""Branches that are compared; any other narrows a product to something that no record tells."""


class Fit(IntEnum):
    """How well what is recorded of a thing fits what a product is narrowed to beside its version; the least counts."""

    NO = 0
    """It is another one."""
    DOUBT = 1
    """It may be this one."""
    WARNED = 2
    """Not everything is recorded: enough to warn, too little to believe good news."""
    FULL = 3
    """Nothing is narrowed to what differs or is not recorded."""


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL, taken apart and written in one way."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: tuple[tuple[str, str], ...] = ()
    epoch: str = ""
    """The epoch of rpm, which is a qualifier by form and a part of the version by meaning."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two the same package, whatever the version."""
        return self.type, self.namespace, self.name

    def fit(self, own: Purl | None) -> Fit:
        """Tell how well a recorded package fits the qualifiers of this one: only another architecture is another."""
        recorded = dict(own.qualifiers) if own and own.key == self.key else {}
        fits = (_fit_qualifier(key, value, recorded.get(key, "")) for key, value in self.qualifiers)
        return min(fits, default=Fit.FULL)


def _fit_qualifier(key: str, said: str, own: str) -> Fit:
    if not own:
        return Fit.WARNED
    if key != "arch":
        # A mirror, a checksum, another word for a distribution: nothing that makes it another package for sure.
        return Fit.FULL if said == own else Fit.DOUBT
    one, two = (_SAME_ARCHITECTURE.get(text.lower(), text.lower()) for text in (said, own))
    if one == two:
        return Fit.FULL
    return Fit.DOUBT if {one, two} & _EVERY_ARCHITECTURE else Fit.NO


def add_epoch(version: str, purl: Purl | None) -> str:
    """Give a version with the epoch of its package before it, where it has none of its own."""
    epoch = purl.epoch if purl else ""
    return f"{epoch}:{version}" if epoch and version and ":" not in version else version


def read_purl(text: str) -> Purl | None:
    """Read a package URL; None for what is none."""
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(text)
    except ValueError:
        return None
    name = _PYTHON.sub("-", found.name) if found.type == "pypi" else found.name
    qualifiers = found.qualifiers if isinstance(found.qualifiers, dict) else {}
    kept = {key: str(value) for key, value in qualifiers.items()}
    epoch = kept.pop("epoch", "") if found.type == "rpm" else ""
    purl = Purl(found.type, found.namespace or "", name, found.version or "", tuple(sorted(kept.items())), epoch)
    return replace(purl, version=add_epoch(purl.version, purl))


@dataclass(frozen=True, slots=True)
class Cpe:
    """A name of the Common Platform Enumeration; in what it says, empty is any and `-` is none."""

    part: str
    vendor: str
    product: str
    version: str
    details: tuple[str, ...] = ()
    """Update, edition, language, edition of the software, software and hardware for which it is made, and other."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two the same product, whatever the version."""
        return self.part, self.vendor, self.product

    @property
    def plain_version(self) -> str:
        """The version; empty where it is any, and where there is none."""
        return "" if self.version == "-" else self.version

    def fit(self, own: Cpe | None) -> Fit:
        """Tell how well a recorded name fits the details of this one."""
        recorded = own.details if own and own.key == self.key else ()
        pairs = zip_longest(self.details, recorded, fillvalue="")
        return min((_fit_detail(said, detail) for said, detail in pairs), default=Fit.FULL)


def _fit_detail(said: str, own: str) -> Fit:
    if not said:
        return Fit.FULL
    if not own:
        return Fit.WARNED
    if _PATTERN.search(said + own):
        return Fit.DOUBT
    return Fit.FULL if said == own else Fit.NO


_PATTERN: Final = re.compile(r"[\x01\x02]")
"""Any character and any characters, as the URI of CPE 2.2 writes these: `%01` and `%02`."""
_CPE_SIGN: Final = re.compile(r"\\(.)|([?*])")
_MOST_CPE: Final = 11


def read_cpe(text: str) -> Cpe | None:
    """Read a CPE 2.3 name or a CPE 2.2 URI; None for what is none, or what names no product."""
    if text.lower().startswith("cpe:2.3:"):
        parts = [_CPE_SIGN.sub(_read_sign, part) for part in re.split(r"(?<!\\):", text[8:])]
    elif text.lower().startswith("cpe:/"):
        parts = [unquote(part) for part in _unpack_edition(text[5:].split(":"))]
    else:
        return None
    plain = ["" if part == "\x02" else part.lower() for part in [*parts, *[""] * _MOST_CPE][:_MOST_CPE]]
    part, vendor, product, version, *details = plain
    return Cpe(part, vendor, product, version, tuple(details)) if product and vendor else None


def _read_sign(match: re.Match[str]) -> str:
    return match[1] or ("\x01" if match[2] == "?" else "\x02")


def _unpack_edition(parts: list[str]) -> list[str]:
    """Give the parts of a CPE 2.2 URI in the order of 2.3, which packs the last ones in the edition: `~a~b~c~d~e`."""
    edition, language = [*parts[5:7], "", ""][:2]
    packed = [*(edition.split("~")[1:] if edition.startswith("~") else [edition]), *[""] * 5]
    return [*[*parts[:5], *[""] * 5][:5], packed[0], language, *packed[1:5]]


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
    is_narrowed: bool = False
    """Whether a branch narrows it to something that no record tells, such as a patch or an architecture."""

    @property
    def scheme(self) -> str:
        """By which rules its versions are compared."""
        return self.purl.type if self.purl else ""

    @property
    def exact_version(self) -> str:
        """The one version that is meant; empty where it is a range or every version."""
        if self.range:
            return ""
        # A branch may hold any text, a package URL the version alone.
        version = (self.purl.version if self.purl else "") or add_epoch(self.version, self.purl)
        return version or (self.cpe.plain_version if self.cpe else "")

    def fit_cpe(self, own: Cpe | None) -> Fit:
        """Tell how well a recorded name fits its own; one that says that there is no version fits no version."""
        if self.cpe is None:
            return Fit.FULL
        fit = self.cpe.fit(own)
        if self.cpe.version != "-" or self.range or self.exact_version or (own and own.version == "-"):
            return fit
        # Many write none where they mean any: it warns, and brings no good news.
        return min(fit, Fit.DOUBT if own and own.version else Fit.WARNED)

    def holds_for(self, version: str, scheme: str = "") -> bool | None:
        """Tell whether it means this version, of a package of this type; None where nobody can tell."""
        if self.range:
            rules = self.range.scheme or self.scheme or scheme
            return VersionRange(rules, self.range.bounds, self.range.is_all).contains(version)
        exact = self.exact_version
        if not exact:
            return True
        order = self.order(version, scheme)
        return None if order is None else order == 0

    def order(self, version: str, scheme: str = "") -> Order:
        """Order a version against the one that is meant; None where nobody can tell."""
        if not version:
            return None
        order = compare_versions(self.scheme or scheme, version, self.exact_version)
        if order is None and not (self.scheme or scheme):
            order = compare_versions("semver", version, self.exact_version)
        return order


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
        _read_limits(limits, purl) if limits else None,
        purl,
        cpe,
        part,
        part_of,
        _is_narrowed(steps, purl),
    )


def _read_limits(limits: str, purl: Purl | None) -> VersionRange:
    found, _ = read_range(limits, purl.type if purl else "")
    bounds = tuple(bound._replace(version=add_epoch(bound.version, purl)) for bound in found.bounds)
    return replace(found, bounds=bounds)


def _is_narrowed(steps: Mapping[str, str], purl: Purl | None) -> bool:
    # The architecture of a package is compared.
    compared = {"architecture"} if purl and "arch" in dict(purl.qualifiers) else set()
    return not steps.keys() <= _PLAIN_STEPS | compared


def walk_parts(products: Mapping[str, Product], product: Product) -> Iterator[Product]:
    """Yield a product, and for one made by a relationship what it is a part of, outward."""
    yield product
    while product.part_of in products:
        product = products[product.part_of]
        yield product
