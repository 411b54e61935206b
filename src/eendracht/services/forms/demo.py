"""Made-up people for a demonstration: what registers would hold of them. Nobody of them exists, and each item says so.

Their names are those of the personas of the wing; the vault knows each by the scheme `persona`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.instance import Instance
from eendracht.services.forms.extracts import MADE_UP, Extract, keep_extract
from eendracht.services.forms.facts import KEY
from eendracht.services.forms.representation import Representation, keep_representation
from eendracht.services.forms.retention import EXTRACT

SCHEME: Final = "persona"
GROUND: Final = "demonstration"
_AS_OF: Final = date(2026, 11, 1)
_SVB, _TAX, _BENEFITS, _CHAMBER = (
    f"organisation:{code}" for code in ("zb000143", "oorg12368", "oorg12369", "zb000184")
)
_ROTTERDAM: Final = "organisation:gm0599"
_NOTHING: Final[Mapping[str, int]] = dict.fromkeys(
    (
        "uitkeringen_en_pensioenen",
        "winst_uit_onderneming",
        "resultaat_overige_werkzaamheden",
        "eigen_woning",
        "reguliere_voordelen",
        "vervreemdingsvoordelen",
        "buitenlands_inkomen",
        "loon_uit_dienstbetrekking",
    ),
    0,
)
_NO_ASSETS: Final[Mapping[str, int]] = dict.fromkeys(
    ("spaargeld", "beleggingen", "onroerend_goed", "schulden", "voordeel_uit_sparen_en_beleggen"), 0
)


@dataclass(frozen=True, slots=True)
class Held:
    """What one register holds of a made-up person, and which organisation answers for it."""

    register: str
    controller: str
    rows: tuple[Mapping[str, Any], ...]


def _row(key: str, **facts: Any) -> dict[str, Any]:
    return {KEY: key, **facts}


def _income(key: str, **facts: int) -> dict[str, Any]:
    return _row(key, **{**_NOTHING, **facts})


def _assets(key: str, **facts: int) -> dict[str, Any]:
    return _row(key, **{**_NO_ASSETS, **facts})


def _insured(key: str) -> dict[str, Any]:
    return _row(key, polis_status="ACTIEF", verdragsinschrijving=False)


PEOPLE: Final[Mapping[str, tuple[Held, ...]]] = {
    "parent": (
        Held(
            "BRP",
            _ROTTERDAM,
            (
                _row(
                    "demo-parent",
                    geboortedatum=date(1993, 5, 14),
                    partnerschap_type="HUWELIJK",
                    partner_bsn="demo-partner",
                    kinderen_bsn=["demo-child"],
                    gemeente_code="gm0599",
                    aantal_medebewoners=1,
                ),
                _row("demo-partner", geboortedatum=date(1991, 8, 2)),
                _row("demo-child", geboortedatum=date(2026, 9, 21)),
            ),
        ),
        Held(
            "BRI",
            _TAX,
            (
                _income("demo-parent", loon_uit_dienstbetrekking=2_150_000),
                _income("demo-partner", loon_uit_dienstbetrekking=1_780_000),
            ),
        ),
        Held("IB", _TAX, (_assets("demo-parent", spaargeld=420_000), _assets("demo-partner", spaargeld=160_000))),
        Held("RBVZ", _BENEFITS, (_insured("demo-parent"), _insured("demo-partner"))),
        Held("HUUR", _BENEFITS, (_row("demo-parent", kale_huur=68_250),)),
    ),
    "pensioner": (
        Held(
            "BRP",
            _ROTTERDAM,
            (
                _row(
                    "demo-pensioner",
                    geboortedatum=date(1952, 2, 3),
                    partnerschap_type=None,
                    partner_bsn=None,
                    kinderen_bsn=[],
                    gemeente_code="gm0599",
                    aantal_medebewoners=0,
                ),
            ),
        ),
        Held("BRI", _TAX, (_income("demo-pensioner", uitkeringen_en_pensioenen=2_010_000),)),
        Held("IB", _TAX, (_assets("demo-pensioner", spaargeld=1_150_000),)),
        Held("RBVZ", _BENEFITS, (_insured("demo-pensioner"),)),
        Held("HUUR", _BENEFITS, (_row("demo-pensioner", kale_huur=64_100),)),
        Held("SVB", _SVB, (_row("demo-pensioner", niet_verzekerde_jaren=0),)),
    ),
    "student": (
        Held(
            "BRP",
            _ROTTERDAM,
            (
                _row(
                    "demo-student",
                    geboortedatum=date(2008, 11, 20),
                    partnerschap_type=None,
                    partner_bsn=None,
                    kinderen_bsn=[],
                    gemeente_code="gm0599",
                    aantal_medebewoners=3,
                ),
            ),
        ),
        Held("BRI", _TAX, (_income("demo-student", loon_uit_dienstbetrekking=390_000),)),
        Held("RBVZ", _BENEFITS, (_insured("demo-student"),)),
    ),
    "baker": (
        Held(
            "BRP",
            _ROTTERDAM,
            (
                _row(
                    "demo-baker",
                    geboortedatum=date(1988, 3, 9),
                    partnerschap_type=None,
                    partner_bsn=None,
                    kinderen_bsn=[],
                    gemeente_code="gm0599",
                    aantal_medebewoners=0,
                ),
            ),
        ),
        Held("BRI", _TAX, (_income("demo-baker", winst_uit_onderneming=1_900_000),)),
        Held(
            "HR",
            _CHAMBER,
            (_row("demo-baker", kvk_nummer="demo-bakery", type_bedrijf="bakkerij", status_onderneming="Actief"),),
        ),
    ),
}
"""What each register holds, by the name of the persona; amounts in eurocent."""


def _shop(**facts: Any) -> tuple[dict[str, Any], ...]:
    return ({BUSINESS_KEY: "demo-bakery", **facts},)


BUSINESS_KEY: Final = "kvk_nummer"
BUSINESSES: Final[Mapping[str, tuple[Held, ...]]] = {
    "bakery": (
        Held("HR", _CHAMBER, _shop(type_bedrijf="bakkerij", status_onderneming="Actief", gemeente_code="gm0599")),
        Held("BAG", _ROTTERDAM, _shop(gebruiksdoel_pand="winkelfunctie", vloeroppervlakte=48)),
        Held(
            "BGT",
            _ROTTERDAM,
            _shop(functie_oppervlak="voetpad", beschikbare_oppervlakte=72, is_openbare_weg=True),
        ),
        Held(
            "TERRASSEN",
            _ROTTERDAM,
            _shop(sluitingsuur_gebied_doordeweeks=23, sluitingsuur_gebied_weekend=24),
        ),
    )
}
"""What each register holds of a made-up business, by the number in the trade register."""
CHILD: Final = "child-of-parent"
BAKERY: Final = "bakery"


def fill_vault(instance: Instance) -> dict[str, str]:
    """Put the made-up extracts and representations in the vault, once, and give the subject of each persona."""
    vault = instance.vault
    subjects = {name: vault.add_subject(SCHEME, name) for name in (*PEOPLE, CHILD, BAKERY)}
    for name, held in PEOPLE.items():
        if any(item.kind == EXTRACT for item in vault.describe(subjects=[subjects[name]])):
            continue
        for part in held:
            author = _author(part.controller)
            extract = Extract(part.register, part.rows, f"demo-{name}", _AS_OF, MADE_UP)
            keep_extract(vault, subjects[name], extract, controller=part.controller, ground=GROUND, author=author)
        _keep_representations(instance, name, subjects)
    for name, held in BUSINESSES.items():
        if any(item.kind == EXTRACT for item in vault.describe(subjects=[subjects[name]])):
            continue
        for part in held:
            extract = Extract(part.register, part.rows, f"demo-{name}", _AS_OF, MADE_UP, key=BUSINESS_KEY)
            author = _author(part.controller)
            keep_extract(vault, subjects[name], extract, controller=part.controller, ground=GROUND, author=author)
    return subjects


def _keep_representations(instance: Instance, name: str, subjects: Mapping[str, str]) -> None:
    bases = {
        "parent": ("parental-authority", CHILD, _ROTTERDAM, date(2026, 9, 21), date(2044, 9, 21)),
        "baker": ("signatory", BAKERY, _CHAMBER, date(2026, 11, 2), None),
    }
    if name not in bases:
        return
    basis, represented, controller, starts, ends = bases[name]
    found = Representation(subjects[represented], subjects[name], basis, starts, ends, source=MADE_UP)  # type: ignore[arg-type]
    keep_representation(instance.vault, found, controller=controller, ground=GROUND, author=_author(controller))


def _author(controller: str) -> Principal:
    return Principal("services/forms", frozenset({(Role.EDITOR, controller)}))
