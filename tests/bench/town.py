"""A made-up town by a fixed seed: people, partners, incomes, rents, children, and who uses which benefit already.

Its shares follow published ones, rounded: ages, households and partners after CBS (Bevolking op 1 januari;
Huishoudens; samenstelling), incomes after CBS (Inkomen van personen), one in two adults with savings above 20 000 euro
and rented homes, 43 per cent, after CBS (Vermogen van huishoudens; Voorraad woningen; eigendom), rents after the
Woononderzoek Nederland. Non-users are planted: 15 per cent of whoever could use something. Nobody in it exists.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

SEED = 20260115
NON_USE = 0.15
Columns = dict[str, NDArray]
ON = np.datetime64("2026-01-15")
EURO = 100
CARE_LIMITS = (29_736, 40_857, 51_142)
"""Incomes in euros at which the zorgtoeslag turns: the threshold, and the highest for one and for two."""
RENT_LIMITS, WEALTH_LIMITS = (23_425, 31_500), (38_479, 76_958, 146_011, 184_633)
CHILD_LIMITS = (29_736, 39_141)
RENTS = (20_252, 20_071, 49_820, 71_302, 76_414, 93_293)
AGE_SHARES = ((0, 18, 0.185), (18, 25, 0.09), (25, 45, 0.255), (45, 67, 0.285), (67, 80, 0.135), (80, 96, 0.05))


def draw_town(people: int, seed: int = SEED) -> Columns:
    """Draw a town; -1 in a number and the key -1 stand for what is not there. The same seed gives the same town."""
    draw = np.random.default_rng(seed)
    town: Columns = {"bsn": draw.permutation(people).astype(np.int64) + 1}
    low, high, share = (np.array(part) for part in zip(*AGE_SHARES, strict=True))
    group = draw.choice(len(share), people, p=share / share.sum())
    age = draw.integers(low[group], high[group])
    town["geboortedatum"] = ON - (age * 365.25).astype(np.int64) - draw.integers(1, 365, people)
    adult = age >= 19
    _pair(town, draw, adult)
    _earn(town, draw, age)
    _live(town, draw, age)
    _raise_children(town, draw, adult)
    _put_on_the_edge(town)
    _leave_out(town, draw, adult)
    _lose_facts(town, draw)
    return town


def _pair(town: Columns, draw: np.random.Generator, adult: NDArray) -> None:
    """Six in ten adults live with a partner, mostly of their own age."""
    people = len(adult)
    rows = np.flatnonzero(adult & (draw.random(people) < 0.6))
    rows = rows[np.argsort(town["geboortedatum"][rows] + draw.integers(0, 1_500, len(rows)))]
    rows = rows[: len(rows) // 2 * 2]
    first, second = rows[::2], rows[1::2]
    town["partner_bsn"] = np.full(people, -1, np.int64)
    town["partner_bsn"][first], town["partner_bsn"][second] = town["bsn"][second], town["bsn"][first]
    kind = np.full(people, "GEEN", dtype=object)
    bond = draw.choice(
        ["HUWELIJK", "GEREGISTREERD_PARTNERSCHAP", "SAMENLEVINGSCONTRACT"], len(first), p=[0.7, 0.1, 0.2]
    )
    kind[first], kind[second] = bond, bond
    town["partnerschap_type"] = kind
    town["_partner"] = np.full(people, -1, np.int64)
    town["_partner"][first], town["_partner"][second] = second, first


def _earn(town: Columns, draw: np.random.Generator, age: NDArray) -> None:
    people = len(age)
    wage = (draw.lognormal(10.25, 0.65, people) * EURO).astype(np.int64)
    works, old = (age >= 18) & (age < 67) & (draw.random(people) < 0.76), age >= 67
    profit = (draw.lognormal(9.9, 0.8, people) * EURO).astype(np.int64)
    benefit = np.where(old, 1_350_000 + (draw.lognormal(8.8, 1, people) * EURO).astype(np.int64), 0)
    benefit = np.where((age >= 18) & ~old & ~works & (draw.random(people) < 0.6), 1_550_000, benefit)
    town["loon_uit_dienstbetrekking"] = np.where(works, wage, 0)
    town["winst_uit_onderneming"] = np.where(works & (draw.random(people) < 0.13), profit, 0)
    town["uitkeringen_en_pensioenen"] = benefit
    town["spaargeld"] = np.where(age >= 18, (draw.lognormal(9.6, 1.4, people) * EURO).astype(np.int64), 0)
    town["inkomen_is_schatting"] = draw.random(people) < 0.7


def _live(town: Columns, draw: np.random.Generator, age: NDArray) -> None:
    people = len(age)
    rents = draw.random(people) < np.where(age < 30, 0.6, 0.4)
    rent = np.where(rents, draw.normal(640, 150, people).clip(250, 1_500) * EURO, 0).astype(np.int64)
    second = town["_partner"]
    # Partners live in one home.
    rent = np.where(second >= 0, rent[np.minimum(np.arange(people), np.where(second >= 0, second, people))], rent)
    town["kale_huur"] = rent
    others = np.where(draw.random(people) < 0.06, draw.integers(1, 3, people), 0)
    town["aantal_medebewoners"] = others.astype(np.int64)
    town["inkomen_medebewoners"] = np.where(others > 0, draw.integers(0, 2_500_000, people), 0)
    town["medebewoner_heeft_te_veel_vermogen"] = (others > 0) & (draw.random(people) < 0.05)
    town["polis_status"] = np.where(draw.random(people) < 0.985, "ACTIEF", "GEEN").astype(object)
    town["niet_verzekerde_jaren"] = np.where(draw.random(people) < 0.12, draw.integers(1, 51, people), 0)


def _raise_children(town: Columns, draw: np.random.Generator, adult: NDArray) -> None:
    people = len(adult)
    years = (ON - town["geboortedatum"]).astype(np.int64) // 365
    parent = adult & (years >= 22) & (years < 55) & (draw.random(people) < 0.33)
    second = town["_partner"]
    parent = np.where(second >= 0, parent[np.minimum(np.arange(people), np.where(second >= 0, second, people))], parent)
    lead = np.where(second >= 0, np.minimum(np.arange(people), second), np.arange(people))
    parts = [np.where(parent, draw.choice(3, people, p=[0.5, 0.35, 0.15]), 0)[lead] for _ in range(4)]
    baby, young, teen, old = (part.astype(np.int64) for part in parts)
    town["aantal_kinderen_tot_6_jaar"], town["aantal_kinderen_6_tot_12_jaar"] = baby, young
    town["aantal_kinderen_12_tot_16_jaar"], town["aantal_kinderen_16_tot_18_jaar"] = teen, old
    town["aantal_kinderen_12_tot_18_jaar"] = teen + old
    town["aantal_kinderen"] = baby + young + teen + old


def _put_on_the_edge(town: Columns) -> None:
    """Let the first people who live alone stand one euro below, on and above each limit, and a day around each age."""
    alone = np.flatnonzero((town["_partner"] < 0) & (town["geboortedatum"] < np.datetime64("2000-01-01")))
    cases: list[tuple[str, object]] = []
    for limit in (*CARE_LIMITS, *RENT_LIMITS, *CHILD_LIMITS):
        cases += [("loon_uit_dienstbetrekking", (limit + step) * EURO) for step in (-1, 0, 1)]
    for limit in WEALTH_LIMITS:
        cases += [("spaargeld", (limit + step) * EURO) for step in (-1, 0, 1)]
    cases += [("kale_huur", amount + step * EURO) for amount in RENTS for step in (-1, 0, 1)]
    for born in ("2008-01-15", "2005-01-15", "1959-01-15", "1958-10-15", "1961-01-01"):
        cases += [("geboortedatum", np.datetime64(born) + step) for step in (-1, 0, 1)]
    rows = alone[: len(cases) * 2]
    # Each case twice: with a low income and rent, once with a child and once without.
    for at, row in enumerate(rows):
        column, value = cases[at % len(cases)]
        town["loon_uit_dienstbetrekking"][row] = 1_500_000
        for name in ("uitkeringen_en_pensioenen", "winst_uit_onderneming", "spaargeld", "aantal_medebewoners"):
            town[name][row] = 0
        town["kale_huur"][row], town["polis_status"][row] = 60_000, "ACTIEF"
        children = int(at >= len(cases))
        for name in [name for name in town if name.startswith("aantal_kinderen")]:
            town[name][row] = 0
        town["aantal_kinderen"][row] = town["aantal_kinderen_tot_6_jaar"][row] = children
        town[column][row] = value
    town["_edge"] = np.isin(np.arange(len(town["bsn"])), rows)
    couples = np.flatnonzero(town["_partner"] > np.arange(len(town["bsn"])))[: 3 * 5]
    for at, row in enumerate(couples):
        # Two incomes of which the sum stands around a limit.
        limit = (*CARE_LIMITS[1:], RENT_LIMITS[1], CHILD_LIMITS[1], 29_736)[at // 3] * EURO + (at % 3 - 1) * EURO
        for person, part in ((row, limit // 2), (town["_partner"][row], limit - limit // 2)):
            town["loon_uit_dienstbetrekking"][person] = part
            for name in ("uitkeringen_en_pensioenen", "winst_uit_onderneming", "spaargeld"):
                town[name][person] = 0
            town["_edge"][person] = True


def _leave_out(town: Columns, draw: np.random.Generator, adult: NDArray) -> None:
    """Say on whom care is needed; who died has no partner any more."""
    people, quiet = len(adult), ~town["_edge"]
    alone = town["_partner"] < 0
    town["overleden"] = quiet & alone & (draw.random(people) < 0.008)
    town["bezwaar"] = quiet & adult & (draw.random(people) < 0.01)
    town["geheim_adres"] = adult & (draw.random(people) < 0.01)
    town["onder_bewind"] = adult & (draw.random(people) < 0.015)
    deputies = draw.choice(town["bsn"][adult], people)
    town["vertegenwoordiger"] = np.where(town["onder_bewind"] & (draw.random(people) < 0.9), deputies, -1)


def _lose_facts(town: Columns, draw: np.random.Generator) -> None:
    """Forget some incomes, and the row of some partners: their key stays with who is left."""
    people, quiet = len(town["bsn"]), ~town["_edge"]
    gone = quiet & (town["_partner"] >= 0) & (draw.random(people) < 0.004)
    gone &= ~gone[np.maximum(town["_partner"], 0)]
    lost = quiet & (draw.random(people) < 0.015)
    town["loon_uit_dienstbetrekking"] = np.where(lost, -1, town["loon_uit_dienstbetrekking"])
    constants = {"bedrag_per_kind": 258_000, "verhoging_12_tot_16_jaar": 70_300, "verhoging_16_tot_18_jaar": 93_600}
    constants |= {"verhoging_alleenstaande_ouder": 341_600, "basishuur_ouderen_volgens_toeslagen": 20_000}
    constants |= {"bruto_pensioen_alleen_volgens_svb": 163_758}
    for name, value in constants.items():
        town[name] = np.full(people, value, np.int64)
    for name in list(town):
        town[name] = town[name][~gone]
    del town["_partner"]


def plant_uptake(town: Columns, amounts: dict[str, NDArray], shared: frozenset[str], seed: int = SEED) -> Columns:
    """Give who uses what: of all who could, 85 per cent, one of two where partners get it together.

    Whose right hangs on unknown facts counts as one who could.
    """
    draw = np.random.default_rng(seed + 1)
    keys, laws = [], []
    for law, amount in amounts.items():
        unit = np.maximum(town["bsn"], town["partner_bsn"]) if law in shared else town["bsn"]
        use = draw.random(int(max(unit.max(), town["bsn"].max())) + 1) >= NON_USE
        found = np.flatnonzero((amount != 0) & use[unit] & ~town["_edge"])
        _, first = np.unique(unit[found], return_index=True)
        found = found[first]
        keys.append(town["bsn"][found])
        laws.append(np.full(len(found), law, dtype=object))
    return {"bsn": np.concatenate(keys), "law": np.concatenate(laws)}


def write_town(folder: Path, town: Columns, uptake: Columns) -> Path:
    """Write the tables as Parquet, with a manifest that says that nobody in them exists."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    zero = ("resultaat_overige_werkzaamheden", "eigen_woning", "buitenlands_inkomen", "reguliere_voordelen")
    zero += ("vervreemdingsvoordelen", "voordeel_uit_sparen_en_beleggen", "beleggingen", "onroerend_goed", "schulden")
    nullable = {"partner_bsn", "loon_uit_dienstbetrekking", "vertegenwoordiger"}
    columns = [
        f"nullif({name}, -1) AS {name}"
        if name in nullable
        else f"DATE '1970-01-01' + {name} AS {name}"
        if name == "geboortedatum"
        else name
        for name in town
        if not name.startswith("_")
    ]
    columns += [f"0::BIGINT AS {name}" for name in zero]
    columns += ["false AS verdragsinschrijving", "NULL::DATE AS aow_datum_volgens_svb"]
    with duckdb.connect() as connection:
        connection.register("town", {**town, "geboortedatum": town["geboortedatum"].astype(np.int32)})
        connection.register("uptake", uptake)
        connection.execute(f"COPY (SELECT {', '.join(columns)} FROM town) TO '{folder}/subjects.parquet'")
        connection.execute(f"COPY (SELECT *, NULL::DATE AS until FROM uptake) TO '{folder}/uptake.parquet'")
    (folder / "population.json").write_text('{"synthetic": true}', "utf-8")
    for file in folder.iterdir():
        file.chmod(0o600)
    return folder


def today() -> date:
    """Give the day on which everybody's rights are worked out."""
    return date(2026, 1, 15)
