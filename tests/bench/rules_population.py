"""Made-up people for the measurements of rules: everything that the chain of the zorgtoeslag asks, by a fixed seed."""

from __future__ import annotations

from pathlib import Path

import duckdb

SEED = 0.2026
MONEY = (
    "loon_uit_dienstbetrekking",
    "uitkeringen_en_pensioenen",
    "winst_uit_onderneming",
    "resultaat_overige_werkzaamheden",
    "eigen_woning",
    "buitenlands_inkomen",
    "reguliere_voordelen",
    "vervreemdingsvoordelen",
    "voordeel_uit_sparen_en_beleggen",
    "spaargeld",
    "beleggingen",
    "onroerend_goed",
    "schulden",
)


def make_people(count: int, path: Path) -> Path:
    """Write a Parquet file of people, unless it is there; four in ten have a partner, a tenth no stated partnership."""
    if path.exists():
        return path
    money = ", ".join(
        f"CAST(CASE WHEN random() < {0.3 if name == 'loon_uit_dienstbetrekking' else 0.8} THEN 0 "
        f"ELSE random() * {1_000_000 if name == 'schulden' else 4_500_000} END AS BIGINT) AS {name}"
        for name in MONEY
    )
    with duckdb.connect() as connection:
        connection.execute(f"SELECT setseed({SEED})")
        connection.execute(
            "COPY (SELECT range AS bsn, "
            "CASE WHEN range % 10 < 4 THEN 'HUWELIJK' WHEN range % 10 = 4 THEN NULL ELSE 'GEEN' END"
            " AS partnerschap_type, "
            "CASE WHEN range % 10 < 4 THEN CASE WHEN range % 2 = 0 THEN range + 1 ELSE range - 1 END END"
            " AS partner_bsn, "
            "CASE WHEN random() < 0.97 THEN 'ACTIEF' ELSE 'GEEN' END AS polis_status, "
            "random() < 0.01 AS verdragsinschrijving, "
            f"DATE '1930-01-01' + CAST(random() * 34000 AS INTEGER) AS geboortedatum, {money} "
            f"FROM range({count})) TO '{path}' (FORMAT parquet)"
        )
    return path
