"""The same rules written by hand for other engines: peers of the compiled rules, and a limit.

The chain by hand is what an expert would write for DuckDB: whole cents, the partner by a join, a status beside each
value.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import duckdb

ARTICLE = """
$schema: https://raw.githubusercontent.com/MinBZK/regelrecht/refs/tags/schema-v0.5.6/schema/v0.5.6/schema.json
$id: een_artikel
name: Een artikel
regulatory_layer: UITVOERINGSBELEID
publication_date: '2025-01-01'
valid_from: '2025-01-01'
url: https://example.org/een_artikel
articles:
  - number: '1'
    url: https://example.org/een_artikel/1
    text: De toeslag is het deel van de standaardpremie boven de normpremie, op hele euro's afgerond.
    machine_readable:
      definitions: {premie: 211200, drempel: 2840600, laag: 0.01896, hoog: 0.137}
      execution:
        parameters: [{name: bsn, type: number, required: true}]
        input:
          - {name: loon_uit_dienstbetrekking, type: amount, type_spec: {unit: eurocent}, source: {}}
        output: [{name: toeslag, type: amount, type_spec: {unit: eurocent}}]
        actions:
          - output: toeslag
            operation: ROUND
            precision: -2
            value:
              operation: MAX
              values:
                - 0
                - operation: SUBTRACT
                  values:
                    - $premie
                    - {operation: MULTIPLY, values: [$laag, $drempel]}
                    - operation: MULTIPLY
                      values:
                        - $hoog
                        - operation: MAX
                          values:
                            - 0
                            - {operation: SUBTRACT, values: [$loon_uit_dienstbetrekking, $drempel]}
"""
"""One article: the amount of the zorgtoeslag 2025 of somebody alone, from one column."""

# In hundred-thousandths of a cent: 211200 - 0.01896 x 2840600 = 157342.224.
_BASE = 15_734_222_400
_STEP = 13_700
_UNIT = 10_000_000


def article_duckdb(people: Path, out: Path) -> None:
    """The article as a query by hand, exact in whole numbers."""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT bsn, ((greatest(0, "
            f"{_BASE}::BIGINT - {_STEP}::BIGINT * greatest(0, loon_uit_dienstbetrekking - 2840600)) * 2 + {_UNIT})"
            f" // {2 * _UNIT}) * 100 AS toeslag, 'known' AS toeslag_status "
            f"FROM '{people}') TO '{out}' (FORMAT parquet)"
        )


def article_polars(people: Path, out: Path) -> None:
    """The article in Polars, exact in whole numbers."""
    pl = importlib.import_module("polars")
    above = pl.max_horizontal(0, pl.col("loon_uit_dienstbetrekking") - 2_840_600)
    exact = pl.max_horizontal(0, _BASE - _STEP * above)
    rounded = (exact * 2 + _UNIT) // (2 * _UNIT) * 100
    frame = pl.scan_parquet(people).select("bsn", rounded.alias("toeslag"), pl.lit("known").alias("toeslag_status"))
    frame.sink_parquet(out)


def article_numba(income: Any) -> Any:
    """The article as a compiled loop over an array in memory: the limit of one core, without reading or writing."""
    return _compiled()(income)


def _compiled(cache: dict[str, Any] = {}) -> Any:  # noqa: B006 - compiled once
    if "loop" not in cache:
        numba = importlib.import_module("numba")
        numpy = importlib.import_module("numpy")

        @numba.njit
        def loop(income: Any) -> Any:
            out = numpy.empty_like(income)
            for at in range(income.size):
                above = max(0, income[at] - 2_840_600)
                exact = max(0, _BASE - _STEP * above)
                out[at] = (exact * 2 + _UNIT) // (2 * _UNIT) * 100
            return out

        cache["loop"] = loop
    return cache["loop"]


def openfisca_income_tax(income: Any) -> Any:
    """OpenFisca's country template, income_tax of one month for the people in the array (floats, another law)."""
    builder_module = importlib.import_module("openfisca_core.simulation_builder")
    template = importlib.import_module("openfisca_country_template")
    system = _system(template)
    builder = builder_module.SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", range(len(income)))
    simulation = builder.build(system)
    simulation.set_input("salary", "2017-01", income)
    return simulation.calculate("income_tax", "2017-01")


def _system(template: Any, cache: dict[str, Any] = {}) -> Any:  # noqa: B006 - built once
    if "system" not in cache:
        cache["system"] = template.CountryTaxBenefitSystem()
    return cache["system"]


_INCOME = """loon_uit_dienstbetrekking + uitkeringen_en_pensioenen + winst_uit_onderneming
  + resultaat_overige_werkzaamheden + eigen_woning + reguliere_voordelen + vervreemdingsvoordelen
  + CASE WHEN spaargeld + beleggingen + onroerend_goed - schulden <= 0 THEN 0
         ELSE voordeel_uit_sparen_en_beleggen END + buitenlands_inkomen"""
_WEALTH = "spaargeld + beleggingen + onroerend_goed - schulden"

CHAIN = f"""
WITH own AS (
  SELECT bsn, partnerschap_type IS NOT NULL AND partnerschap_type IN ('HUWELIJK', 'GEREGISTREERD_PARTNERSCHAP',
      'IB_PARTNERKEUZE', 'SAMENLEVINGSCONTRACT', 'GEMEENSCHAPPELIJK_KIND', 'ERKEND_KIND', 'PARTNER_VOORAFGAAND_JAAR',
      'PENSIOENREGISTRATIE', 'GEZAMENLIJKE_EIGEN_WONING') AS samen, partner_bsn,
    {_INCOME} AS inkomen, {_WEALTH} AS vermogen,
    polis_status IN ('ACTIEF', 'GESCHORST_MET_TERUGWERKENDE_KRACHT') OR verdragsinschrijving AS verzekerd,
    geboortedatum <= DATE '2007-01-01' AS volwassen
  FROM people
), other AS (
  SELECT bsn, {_INCOME} AS inkomen, {_WEALTH} AS vermogen,
    polis_status IN ('ACTIEF', 'GESCHORST_MET_TERUGWERKENDE_KRACHT') OR verdragsinschrijving AS verzekerd
  FROM people
), joined AS (
  SELECT own.bsn, samen, volwassen, own.verzekerd,
    CASE WHEN samen THEN own.inkomen + other.inkomen ELSE own.inkomen END AS inkomen,
    CASE WHEN samen THEN own.vermogen + other.vermogen ELSE own.vermogen END AS vermogen,
    samen AND NOT other.verzekerd AS half, NOT samen OR other.bsn IS NOT NULL AS bekend
  FROM own LEFT JOIN other ON CASE WHEN own.samen THEN own.partner_bsn END = other.bsn
), norm AS (
  SELECT *, CASE WHEN samen THEN 4273 ELSE 1896 END * 2840600::BIGINT
    + 13700::BIGINT * greatest(0, inkomen - 2840600) AS norm
  FROM joined
), raw AS (
  SELECT *, greatest(0, CASE WHEN samen THEN 42240000000::BIGINT ELSE 21120000000 END - norm)
    * CASE WHEN half THEN 5 ELSE 10 END AS voor_afronding
  FROM norm
), rounded AS (
  SELECT *, ((voor_afronding * 2 + 100000000) // 200000000) * 100 AS afgerond FROM raw
), amount AS (
  SELECT *, CASE WHEN verzekerd AND volwassen AND vermogen <= CASE WHEN samen THEN 17942900 ELSE 14189600 END
    AND afgerond >= 2400 THEN afgerond ELSE 0 END AS hoogte
  FROM rounded
)
SELECT bsn,
  CASE WHEN bekend THEN hoogte END AS hoogte_zorgtoeslag,
  CASE WHEN bekend THEN 'known' ELSE 'unknown' END AS hoogte_zorgtoeslag_status,
  CASE WHEN bekend THEN hoogte // 1200 * 100 END AS maandbedrag,
  CASE WHEN bekend THEN 'known' ELSE 'unknown' END AS maandbedrag_status,
  CASE WHEN bekend THEN hoogte > 0 END AS heeft_recht_op_zorgtoeslag,
  CASE WHEN bekend THEN 'known' ELSE 'unknown' END AS heeft_recht_op_zorgtoeslag_status
FROM amount
"""


def chain_duckdb(people: Path, out: Path, memory_limit: str = "") -> None:
    """The whole chain of the zorgtoeslag 2025 as a query by hand: exact, with the partner by a join, and statuses."""
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        if memory_limit:
            connection.execute(f"SET memory_limit = '{memory_limit}'")
        connection.execute(f"CREATE VIEW people AS SELECT * FROM read_parquet('{people}')")
        connection.execute(f"COPY ({CHAIN}) TO '{out}' (FORMAT parquet)")
