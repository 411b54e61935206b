"""How people call a benefit and where they ask for it; a law that is not here goes by its own name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eendracht.kernel.wording import Said


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit: its everyday name, who decides on it, and where it is asked for."""

    name: Said
    authority: Said
    address: str


_TOESLAGEN: Final = Said("Dienst Toeslagen", "the Benefits Office (Dienst Toeslagen)")
_SVB: Final = Said("Sociale Verzekeringsbank (SVB)", "the Social Insurance Bank (SVB)")
BENEFITS: Final = {
    "wet_op_de_zorgtoeslag": Benefit(Said("zorgtoeslag", "healthcare benefit"), _TOESLAGEN, "toeslagen.nl"),
    "wet_op_de_huurtoeslag": Benefit(Said("huurtoeslag", "rent benefit"), _TOESLAGEN, "toeslagen.nl"),
    "wet_op_het_kindgebonden_budget": Benefit(Said("kindgebonden budget", "child budget"), _TOESLAGEN, "toeslagen.nl"),
    "algemene_kinderbijslagwet": Benefit(Said("kinderbijslag", "child benefit"), _SVB, "svb.nl"),
    "algemene_ouderdomswet": Benefit(Said("AOW", "state pension (AOW)"), _SVB, "svb.nl"),
}


def benefit_of(law: str, title: str, authority: str) -> Benefit:
    """Give a benefit by its law; of another law its title and the body that carries it out."""
    return BENEFITS.get(law) or Benefit(Said(title, title), Said(authority, authority), "")


FACTS: Final = {
    "loon_uit_dienstbetrekking": Said("uw loon", "your wage"),
    "uitkeringen_en_pensioenen": Said("uw uitkering of pensioen", "your benefit or pension"),
    "winst_uit_onderneming": Said("de winst van uw bedrijf", "the profit of your business"),
    "spaargeld": Said("uw spaargeld", "your savings"),
    "kale_huur": Said("uw huur", "your rent"),
    "geboortedatum": Said("uw geboortedatum", "your date of birth"),
    "partner": Said("de gegevens van uw partner", "the details of your partner"),
}
"""How facts are called in a message."""


def name_fact(column: str) -> Said:
    """Give a fact as people call it; of a partner's fact it says so."""
    whose, _, bare = column.rpartition(".")
    known = FACTS.get(bare) or Said(bare.replace("_", " "), bare.replace("_", " "))
    if not whose:
        return known
    return Said(
        f"{known.nl.replace('uw ', 'het ', 1)} van uw partner",
        f"{known.en.replace('your ', 'the ', 1)} of your partner",
    )
