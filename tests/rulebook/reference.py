"""The amounts of the rulebook once more, straight from the law in plain Python with fractions.

It reads no law file and shares no code with the engine: it is what the law files are held against. Its figures are
typed in a second time; tests hold them against the published ones where the reference material is present.
Money is in whole euros or fractions of a euro, never in floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction as F

ZERO = F(0)
SMALLEST_ALLOWANCE = 24
"""Euros a year below which an allowance is not granted (Awir art. 14 lid 4)."""


def round_half_up(amount: F, step: F = F(1)) -> F:
    """Round to a multiple of `step`, a half upwards; for amounts that are not negative."""
    return ((amount / step + F(1, 2)) // 1) * step


def to_cents(amount: F) -> F:
    """Round to whole cents, a half upwards."""
    return round_half_up(amount, F(1, 100))


def grant(year_amount: F) -> int:
    """Give the euros a year of an allowance: arithmetic rounding, nothing below the smallest (Awir art. 14)."""
    rounded = int(round_half_up(max(ZERO, year_amount)))
    return rounded if rounded >= SMALLEST_ALLOWANCE else 0


def printed_month(year_euros: int) -> int:
    """Give the month as tables print it: a twelfth without the cents."""
    return year_euros // 12


# --- Zorgtoeslag (Wet op de zorgtoeslag art. 1-4) ---


@dataclass(frozen=True)
class CareYear:
    """What the zorgtoeslag of a year rests on: euros, and shares as in art. 2 lid 3."""

    premium: int
    threshold: int
    share_single: F
    share_partner: F
    share_above: F
    wealth_single: int
    wealth_partner: int


CARE = {
    2024: CareYear(1987, 26819, F("0.01879"), F("0.04256"), F("0.1367"), 140213, 177301),
    2025: CareYear(2112, 28406, F("0.01896"), F("0.04273"), F("0.137"), 141896, 179429),
    2026: CareYear(2119, 29736, F("0.01912"), F("0.04289"), F("0.1373"), 146011, 184633),
}


def care_allowance(
    year: CareYear,
    income: F,
    *,
    has_partner: bool = False,
    is_insured: bool = True,
    partner_is_insured: bool = True,
    age: int = 40,
    wealth: F = ZERO,
) -> int:
    """Give the zorgtoeslag in euros a year; income and wealth are those of both partners together."""
    if not is_insured or age < 18 or wealth > (year.wealth_partner if has_partner else year.wealth_single):
        return 0
    share = year.share_partner if has_partner else year.share_single
    norm = share * year.threshold + year.share_above * max(ZERO, income - year.threshold)
    amount = max(ZERO, year.premium * (2 if has_partner else 1) - norm)
    return grant(amount / 2 if has_partner and not partner_is_insured else amount)


def thresholds_that_give(year: CareYear, highest_single: int, highest_partner: int) -> list[int]:
    """Try every whole-euro threshold income; give those from which both published maximum incomes follow."""
    fitting = []
    for threshold in range(20_000, 40_000):
        trial = CareYear(year.premium, threshold, year.share_single, year.share_partner, year.share_above, 0, 0)
        if all(
            care_allowance(trial, F(highest), has_partner=together) > 0
            and care_allowance(trial, F(highest + 1), has_partner=together) == 0
            for highest, together in ((highest_single, False), (highest_partner, True))
        ):
            fitting.append(threshold)
    return fitting


# --- Minimum wage (Wml art. 7 and 8) ---

YOUTH = {20: F("0.8"), 19: F("0.6"), 18: F("0.5"), 17: F("0.395"), 16: F("0.345"), 15: F("0.3")}
HOURLY = {
    "2024-01-01": F("13.27"),
    "2024-07-01": F("13.68"),
    "2025-01-01": F("14.06"),
    "2025-07-01": F("14.40"),
    "2026-01-01": F("14.71"),
}


def hourly_wage(on: str, age: int) -> F:
    """Give the minimum wage an hour in euros, for an age on the day of a change."""
    return HOURLY[on] if age >= 21 else to_cents(HOURLY[on] * YOUTH.get(age, ZERO))


# --- Child benefit (AKW art. 11-13) ---

CHILD_BASE = {
    "2023-07-01": F("373.85"),
    "2024-07-01": F("402.41"),
    "2025-01-01": F("409.21"),
    "2026-01-01": F("421.53"),
    "2026-07-01": F("426.29"),
}


def child_benefit(base: F, age: int) -> F:
    """Give the kinderbijslag a quarter in euros for one child by its age on the first day of the quarter."""
    if age >= 18:
        return ZERO
    return to_cents(base * (F("0.7") if age < 6 else F("0.85") if age < 12 else 1))


# --- Child budget (Wet op het kindgebonden budget art. 1 and 2) ---


@dataclass(frozen=True)
class ChildBudgetYear:
    """Euros a year; `threshold_partner` and the amounts may come from a decision where no source agrees."""

    each: int
    from_12: int
    from_16: int
    single_parent: int
    threshold_single: int
    threshold_partner: int
    phase_out: F
    wealth_single: int
    wealth_partner: int


def child_budget(
    year: ChildBudgetYear,
    income: F,
    children: int,
    from_12: int = 0,
    from_16: int = 0,
    *,
    has_partner: bool = False,
    wealth: F = ZERO,
) -> int:
    """Give the kindgebonden budget in euros a year."""
    if children == 0 or wealth > (year.wealth_partner if has_partner else year.wealth_single):
        return 0
    highest = children * year.each + from_12 * year.from_12 + from_16 * year.from_16
    highest += 0 if has_partner else year.single_parent
    threshold = year.threshold_partner if has_partner else year.threshold_single
    return grant(highest - year.phase_out * max(ZERO, income - threshold))


# --- Old age pension (AOW art. 7a, 9, 13) ---


def months_to_pension(born: date) -> int | None:
    """Give the pension age in months, None for birth dates of which no source gives it."""
    if date(1957, 3, 1) <= born <= date(1960, 12, 31):
        return 67 * 12
    return 67 * 12 + 3 if date(1961, 1, 1) <= born <= date(1962, 9, 30) else None


def pension_part(full: F, missed_years: F) -> F:
    """Give the euros a month of a pension that is two per cent lower for each year without insurance."""
    return to_cents(full * max(ZERO, 1 - F("0.02") * missed_years))


# --- Social assistance (Participatiewet art. 5, 19-22a, 34) ---

NORMS = {
    # on: single, together, single of pension age, together of pension age, single 18-20, two 18-20,
    #     two 18-20 with children, one of them 18-20, the same with children
    "2022-03-15": ("1091.71", "1559.58", "1213.06", "1642.54", None, None, None, None, None),
    "2024-01-01": ("1283.83", "1834.04", "1425.76", None, "316.94", "633.88", "1000.69", "1233.96", None),
    "2024-07-01": ("1308.45", "1869.21", "1456.85", None, "323.03", None, "1019.90", "1257.64", None),
    "2025-01-01": ("1345.45", "1922.07", "1501.07", "2053.48", "332.17", None, "1048.75", "1293.21", "1677.62"),
    "2025-07-01": ("1369.06", "1955.80", "1530.21", None, "337.98", None, None, None, None),
}


def assistance_norm(
    on: str, age: int, partner_age: int | None = None, *, has_children: bool = False, pension_age: int = 67
) -> F | None:
    """Give the norm a month in euros without cost sharing; None where no source has it."""
    norms = [None if amount is None else F(amount) for amount in NORMS[on]]
    if partner_age is None:
        if age >= pension_age:
            return norms[2]
        if age >= 21:
            return norms[0]
        return None if has_children or age < 18 else norms[4]
    if max(age, partner_age) >= pension_age:
        return norms[3]
    if min(age, partner_age) >= 21:
        return norms[1]
    if min(age, partner_age) < 18:
        return None
    if max(age, partner_age) >= 21:
        return norms[8] if has_children else norms[7]
    return norms[6] if has_children else norms[5]


def cost_sharing_part(adults: int) -> F:
    """Give the part of the norm for two that each gets who shares a home with this many who count (art. 22a)."""
    return (F("0.4") + F("0.3") * adults) / adults


def counted_adults(ages: list[int], person: int) -> int:
    """Count who shares the costs with a person: those of 27 and older, and the person."""
    return 1 + sum(1 for at, age in enumerate(ages) if at != person and age >= 27)


# --- Rent allowance of 2026 (Wet op de huurtoeslag art. 2-21) ---


@dataclass(frozen=True)
class RentYear:
    """Euros: rents a month, incomes a year; `alone` and `more` persons."""

    counted: F
    counted_under_21: F
    own_alone: F
    own_more: F
    income_alone: int
    income_more: int
    slope_alone: F
    slope_more: F
    first_limit: F
    second_limit: F
    second_limit_three: F
    wealth_single: int
    wealth_partner: int


RENT_2026 = RentYear(
    *(F("932.93"), F("498.20"), F("202.52"), F("200.71"), 23425, 31500, F("0.27"), F("0.22")),
    *(F("498.20"), F("713.02"), F("764.14"), 38479, 76958),
)
RENT_2025_BY_THE_RULE_OF_2026 = RentYear(
    *(F("900.07"), F("477.20"), F("199.26"), F("199.26"), 10**6, 10**6, ZERO, ZERO),
    *(F("477.20"), F("682.96"), F("731.93"), 37395, 74790),
)
"""The limits of 2025; the own share is the middle of the interval that follows from one published amount."""


def rent_allowance(year: RentYear, rent: F, income: F, persons: int = 1, *, age: int = 40, own: F | None = None) -> int:
    """Give the huurtoeslag in euros a year; `own` replaces the own share where no source has its rule."""
    if age < 18:
        return 0
    counted = min(rent, year.counted if age >= 21 else year.counted_under_21)
    if own is None:
        basis, limit, slope = (
            (year.own_alone, year.income_alone, year.slope_alone)
            if persons == 1
            else (year.own_more, year.income_more, year.slope_more)
        )
        own = basis + slope * max(ZERO, income - limit) / 12
    second = year.second_limit if persons <= 2 else year.second_limit_three
    month = ZERO
    for low, high, part in (
        (ZERO, year.first_limit, F(1)),
        (year.first_limit, second, F("0.65")),
        (second, max(second, counted), F("0.4")),
    ):
        # Of each slice of the rent: what lies above the own share and below the rent that counts.
        month += part * max(ZERO, min(high, counted) - max(low, own))
    return grant(12 * month)


# --- Remission of local taxes (Invorderingswet art. 26) ---


def allowed_balance(norm: F, rent: F, premium: F, child_budget: F, rent_norm: F, premium_norm: F) -> F:
    """Give the balance in euros that a bank account may hold."""
    return norm + rent + premium + child_budget - rent_norm - premium_norm
