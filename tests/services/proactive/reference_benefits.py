"""Five benefits on 15 January 2026, straight from the law, for everybody of a town at once in whole numbers.

It is what a proactive run is held against, so it shares nothing with the engine: no law file, no code of the rules.
Money is whole eurocents; what the law multiplies by a decimal is done on a scale of its own, and no float is used.
Figures are those of the published sources in `official/*.json`; another test holds them against these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Cents = NDArray[np.int64]
Flags = NDArray[np.bool_]
Columns = dict[str, NDArray]

ON = date(2026, 1, 15)
CARE, RENT, CHILD_BUDGET = "wet_op_de_zorgtoeslag", "wet_op_de_huurtoeslag", "wet_op_het_kindgebonden_budget"
CHILD, PENSION = "algemene_kinderbijslagwet", "algemene_ouderdomswet"
LAWS = (CARE, RENT, CHILD_BUDGET, CHILD, PENSION)
EURO = 100
SMALLEST = 24 * EURO
"""Awir art. 14 lid 4."""
INCOME = ("loon_uit_dienstbetrekking", "uitkeringen_en_pensioenen", "winst_uit_onderneming")
TOGETHER = frozenset({"HUWELIJK", "GEREGISTREERD_PARTNERSCHAP", "SAMENLEVINGSCONTRACT"})
"""Partners for an allowance (Awir art. 3) in this town."""
MARRIED = frozenset({"HUWELIJK", "GEREGISTREERD_PARTNERSCHAP"})
"""Of these the AOW counts as married (AOW art. 1 lid 3)."""
UNKNOWN = -1
"""The amount of somebody whose right hangs on a fact that is not known."""


@dataclass(frozen=True)
class Household:
    """What an allowance looks at: whether there is a partner, whether facts are missing, income and wealth together."""

    together: Flags
    missing: Flags
    income: Cents
    wealth: Cents
    partner: NDArray[np.int64]
    """Row of the partner; -1 where there is none or none is known."""
    lost: Flags
    """Whether there is a partner of whom nothing is known."""


def households(town: Columns, income: Cents | None = None) -> Household:
    """Put partners together; `income` replaces what everybody earns, for the lowest and the highest that it can be."""
    keys = town["bsn"]
    order = np.argsort(keys)
    together = np.isin(town["partnerschap_type"], list(TOGETHER))
    at = np.searchsorted(keys[order], town["partner_bsn"])
    at = np.minimum(at, len(keys) - 1)
    there = (town["partner_bsn"] >= 0) & (keys[order[at]] == town["partner_bsn"])
    partner = np.where(together & there, order[at], -1)
    empty = town["loon_uit_dienstbetrekking"] < 0
    own = sum(np.maximum(town[name], 0) for name in INCOME) if income is None else income
    wealth = town["spaargeld"]
    missing = empty | (together & ~there) | np.where(partner >= 0, empty[partner], False)
    both = lambda values: values + np.where(partner >= 0, values[partner], 0)  # noqa: E731
    return Household(together, missing, both(own), both(wealth), partner, together & ~there)


def round_to_euros(amount: NDArray[np.int64], scale: int) -> Cents:
    """Round eurocents on a scale to whole euros, a half upwards, and drop what is below the smallest allowance."""
    unit = EURO * scale
    cents = (np.maximum(amount, 0) + unit // 2) // unit * EURO
    return np.where(cents >= SMALLEST, cents, 0)


def birthday(born: NDArray[np.datetime64], years: int, months: int = 0) -> NDArray[np.datetime64]:
    """Give the day on which somebody reaches an age; 29 February becomes the last day of the month."""
    month = born.astype("datetime64[M]")
    day = (born - month.astype("datetime64[D]")).astype(np.int64)
    then = month + years * 12 + months
    last = (((then + 1).astype("datetime64[D]") - then.astype("datetime64[D]")).astype(np.int64)) - 1
    return then.astype("datetime64[D]") + np.minimum(day, last)


def is_at_least(town: Columns, years: int) -> Flags:
    """Tell who has an age on the day."""
    return birthday(town["geboortedatum"], years) <= np.datetime64(ON)


def care(town: Columns, home: Household) -> Cents:
    """Wet op de zorgtoeslag art. 2 and 3: the standard premium minus what one can bear, on a scale of 2 x 100 000."""
    threshold = 29_736 * EURO
    share = np.where(home.together, 4_289, 1_912)
    bear = share * threshold + 13_730 * np.maximum(home.income - threshold, 0)
    amount = 100_000 * 2_119 * EURO * np.where(home.together, 2, 1) - bear
    insured = town["polis_status"] == "ACTIEF"
    half = home.together & (home.partner >= 0) & ~insured[home.partner]
    amount = np.where(half, amount, 2 * amount)
    limit = np.where(home.together, 184_633, 146_011) * EURO
    may = insured & is_at_least(town, 18) & (home.wealth <= limit)
    return np.where(may, round_to_euros(amount, 200_000), 0)


def has_pension_age(town: Columns) -> Flags:
    """AOW art. 7a: 67 for who is born before 1961, 67 and three months after that; all of this date's table."""
    born = town["geboortedatum"]
    day = np.where(born < np.datetime64("1961-01-01"), birthday(born, 67), birthday(born, 67, 3))
    return day <= np.datetime64(ON)


def rent(town: Columns, home: Household) -> Cents:
    """Wet op de huurtoeslag art. 7-21 as of 2026, a year at once, on a scale of 100."""
    old = has_pension_age(town)
    old = old | ((home.partner >= 0) & old[home.partner])
    alone = ~home.together & (town["aantal_medebewoners"] == 0)
    people = 1 + home.together + town["aantal_medebewoners"]
    income = home.income + np.where(town["aantal_medebewoners"] > 0, town["inkomen_medebewoners"], 0)
    counted = 12 * np.minimum(town["kale_huur"], np.where(is_at_least(town, 21), 93_293, 49_820))
    above = np.maximum(income - np.where(alone, 23_425, 31_500) * EURO, 0)
    own = 100 * 12 * np.where(alone, 20_252, 20_071) + np.where(alone, 27, 22) * above
    own = np.where(old, 100 * 12 * town["basishuur_ouderen_volgens_toeslagen"], own)
    first, second = 12 * 49_820, 12 * np.where(people <= 2, 71_302, 76_414)
    counted, first, second = 100 * counted, 100 * first, 100 * second
    amount = 100 * np.maximum(np.minimum(counted, first) - own, 0)
    amount = amount + 65 * np.maximum(np.minimum(counted, second) - np.maximum(own, first), 0)
    amount = amount + 40 * np.maximum(counted - np.maximum(own, second), 0)
    limit = np.where(home.together, 76_958, 38_479) * EURO
    may = is_at_least(town, 18) & (home.wealth <= limit)
    may &= (town["aantal_medebewoners"] == 0) | ~town["medebewoner_heeft_te_veel_vermogen"]
    return np.where(may, round_to_euros(amount, 10_000), 0)


def child_budget(town: Columns, home: Household) -> Cents:
    """Wet op het kindgebonden budget art. 1 and 2, on a scale of 1000; the amounts are those of the decision."""
    children = town["aantal_kinderen"]
    most = children * town["bedrag_per_kind"]
    most = most + town["aantal_kinderen_12_tot_16_jaar"] * town["verhoging_12_tot_16_jaar"]
    most = most + town["aantal_kinderen_16_tot_18_jaar"] * town["verhoging_16_tot_18_jaar"]
    most = most + np.where(home.together, 0, town["verhoging_alleenstaande_ouder"])
    above = np.maximum(home.income - np.where(home.together, 39_141, 29_736) * EURO, 0)
    limit = np.where(home.together, 184_633, 146_011) * EURO
    may = (children > 0) & (home.wealth <= limit)
    return np.where(may, round_to_euros(1_000 * most - 76 * above, 1_000), 0)


def child_benefit(town: Columns) -> Cents:
    """AKW art. 12: four quarters at 70, 85 and 100 per cent of the base, each in whole cents."""
    base = 42_153
    quarter = town["aantal_kinderen_tot_6_jaar"] * ((base * 70 + 50) // 100)
    quarter = quarter + town["aantal_kinderen_6_tot_12_jaar"] * ((base * 85 + 50) // 100)
    return 4 * (quarter + town["aantal_kinderen_12_tot_18_jaar"] * base)


def pension(town: Columns) -> Cents:
    """AOW art. 9 and 13: the full amount of a month, two per cent lower for each year without insurance, times 12."""
    married = np.isin(town["partnerschap_type"], list(MARRIED))
    full = np.where(married, 112_212, town["bruto_pensioen_alleen_volgens_svb"])
    month = (full * np.maximum(100 - 2 * town["niet_verzekerde_jaren"], 0) + 50) // 100
    return np.where(has_pension_age(town), 12 * month, 0)


def amounts(town: Columns) -> dict[str, Cents]:
    """Give for each law everybody's eurocents a year; UNKNOWN where the right hangs on what is not known.

    Nothing hangs on an income where the amount is the same for the lowest and the highest.
    """
    home = households(town)
    lowest = households(town, np.zeros_like(home.income))
    highest = households(town, np.full_like(home.income, 10**10))
    found = {}
    for law, worked_out in ((CARE, care), (RENT, rent), (CHILD_BUDGET, child_budget)):
        low, high = worked_out(town, highest), worked_out(town, lowest)
        hangs = home.missing & np.where(home.lost, high > 0, low != high)
        found[law] = np.where(hangs, UNKNOWN, np.where(home.missing, low, worked_out(town, home)))
    return found | {CHILD: child_benefit(town), PENSION: pension(town)}
