"""Make the tables of src/eendracht/reference from the reference material; run by hand, the output is committed.

    python scripts/make_reference.py PATH_OF_THE_SHARED_FOLDER [OUTPUT_FOLDER]

Same input, same output, byte for byte. What the sources do not hold stays empty, which means unknown. The rules for
codes and dates are those of `reference/bodies.py`; what is wrong in the sources goes to `public_body_defects.csv`.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from pathlib import Path

from body_sources import RecordedDefect, Row, Sources, read_sources

OBSERVED_ON = date(2026, 5, 10)
"""Day on which the list of bodies says which ones stand."""
INHABITANTS_YEAR = "2023"
TOOI_CODE = re.compile(r"(gm|pv|ws|mnre|oorg|so|zb|col|hv_)\d+")
WELL_FORMED_OIN = re.compile(r"\d{20}")
TYPE_WORD = re.compile(r"^(gemeente|provincie|waterschap|openbaar lichaam|ministerie van) (?=\S)", re.I)

TYPES = {
    "adviescollege": "advisory-body",
    "agentschap": "agency",
    "caribisch-openbaar-lichaam": "caribbean-public-body",
    "gemeenschappelijke-regeling": "joint-arrangement",
    "gemeente": "municipality",
    "hoge-college": "high-council-of-state",
    "inspectie": "inspectorate",
    "ministerie": "ministry",
    "politie": "police",
    "provincie": "province",
    "rechterlijke-instantie": "judicial-body",
    "waterschap": "water-board",
    "zbo": "zbo",
}
TYPES_BY_TOOI_LIST = {
    "caribischelijst": "caribbean-public-body",
    "gemeentelijst": "municipality",
    "oorglijst": "other-government-body",
    "provincielijst": "province",
    "solijst": "joint-arrangement",
    "waterschaplijst": "water-board",
    "zbolijst": "zbo",
}
# Which province a safety region lies in: Wet veiligheidsregio's, annex to art. 8, and the provincial borders.
PROVINCE_OF_SAFETY_REGION = {
    **{"VR01": "pv20", "VR02": "pv21", "VR03": "pv22", "VR04": "pv23", "VR05": "pv23"},
    **{"VR06": "pv25", "VR07": "pv25", "VR08": "pv25", "VR09": "pv26"},
    **{"VR10": "pv27", "VR11": "pv27", "VR12": "pv27", "VR13": "pv27", "VR14": "pv27"},
    **{"VR15": "pv28", "VR16": "pv28", "VR17": "pv28", "VR18": "pv28", "VR19": "pv29"},
    **{"VR20": "pv30", "VR21": "pv30", "VR22": "pv30", "VR23": "pv31", "VR24": "pv31", "VR25": "pv24"},
}
# Names under which the public knows a body and that the sources do not hold.
COMMON_NAMES = {
    "oorg10123": ("RIVM",),
    "oorg10222": ("IND",),
    "oorg12369": ("Dienst Toeslagen",),
    "zb000195": ("Kadaster",),
}
ENVIRONMENT_SERVICE = re.compile(
    r"^(Omgevingsdienst|Regionale uitvoeringsdienst|RUD |DCMR|Fryske Utfieringstsjinst)", re.I
)
HEALTH_SERVICE = re.compile(r"\bGGD\b|gezondheidsdienst", re.I)


@dataclass(frozen=True)
class Body:
    """One line of public_bodies.csv; the fields are its columns."""

    code: str
    name: str
    type: str
    status: str
    short_name: str = ""
    abbreviation: str = ""
    also_known_as: str = ""
    oin: str = ""
    tooi: str = ""
    roo: str = ""
    rsin: str = ""
    kvk: str = ""
    cbs: str = ""
    parent: str = ""
    safety_region: str = ""
    province: str = ""
    inhabitants: str = ""
    inhabitants_year: str = ""
    lon: str = ""
    lat: str = ""
    valid_from: str = ""
    valid_until: str = ""
    announced_end: str = ""
    source: str = ""


def plain(name: str) -> str:
    """Reduce a name to what must be equal: no type word, no case, no kind of dash."""
    return TYPE_WORD.sub("", name).replace("–", "-").casefold()


def capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def assign_codes(sources: Sources) -> dict[str, list[Row]]:
    """Group the rows that are bodies by authority segment: TOOI code, else a unique OIN, else the register's id."""
    uses = Counter(row["oin"] for row in sources.rows)
    organisations = [row for row in sources.rows if row.is_organisation]
    own = {row["id"]: row.tooi_path.rpartition("/")[2] or tooi_like(row["code"]) for row in organisations}
    free: defaultdict[str, list[str]] = defaultdict(list)
    for code, entry in sources.tooi.items():
        if code not in own.values():
            free[plain(entry.name)].append(code)
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in organisations:
        code = own[row["id"]]
        if not code and len(free[plain(row.name)]) == 1:
            code = free[plain(row.name)][0]
        if not code and uses[row["oin"]] == 1 and WELL_FORMED_OIN.fullmatch(row["oin"]):
            code = f"oin.{row['oin']}"
        groups[code or f"roo.{row['roo_id']}"].append(row)
    return groups


def tooi_like(code: str) -> str:
    return code if TOOI_CODE.fullmatch(code) else ""


def choose_name(sources: Sources, code: str, rows: Sequence[Row]) -> tuple[str, str]:
    """Give the name and what else the body is called.

    TOOI wins where the names differ in spelling only, and where the list gives the body a name that belongs to another.
    """
    row, entry = rows[0], sources.tooi.get(code)
    name = (
        f"Ministerie van {row.name}"
        if row["type"] == "ministerie" and plain(row.name) == row.name.casefold()
        else row.name
    )
    if entry is None:
        return capital(name), ""
    same = [r for r in rows if plain(r.name) == plain(entry.name)]
    for other in rows:
        if other not in same and same:
            sources.report(
                "name-spelled-differently", code, capital(entry.name), other.name, other.source, entry.source
            )
    if same:
        if spelled_differently(same[0].name, entry.name):
            sources.report(
                "name-spelled-differently", code, capital(entry.name), same[0].name, same[0].source, entry.source
            )
        return capital(entry.name), ""
    holders = {e.source for e in sources.tooi.values() if e.code != code and plain(e.name) == plain(row.name)}
    holders |= {r.source for r in sources.rows if r is not row and r["type"] == row["type"] and r.name == row.name}
    if holders:
        sources.report(
            "name-of-another-body", code, capital(entry.name), row.name, row.source, entry.source, *sorted(holders)
        )
        return capital(entry.name), ""
    sources.report("name-disagrees-with-tooi", code, capital(name), entry.name, row.source, entry.source)
    return capital(name), capital(entry.name)


def spelled_differently(ours: str, theirs: str) -> bool:
    return TYPE_WORD.sub("", ours) != TYPE_WORD.sub("", theirs)


def merge(rows: Sequence[Row], column: str) -> str:
    """Give the first value that any of the rows has."""
    return next((row[column] for row in rows if row[column]), "")


def build_listed(sources: Sources, groups: dict[str, list[Row]]) -> list[Body]:
    codes_by_id = {row["id"]: code for code, rows in groups.items() for row in rows}
    return [build_body(sources, code, rows, codes_by_id) for code, rows in sorted(groups.items())]


def build_body(sources: Sources, code: str, rows: Sequence[Row], codes_by_id: dict[str, str]) -> Body:
    row, entry = rows[0], sources.tooi.get(code)
    if len(rows) > 1:
        sources.report("rows-share-code", code, capital(row.name), str(len(rows)), *(r.source for r in rows))
    name, also = choose_name(sources, code, rows)
    end = row.end
    announced = end if end is not None and end > OBSERVED_ON else None
    ended = None if announced else end
    short = TYPE_WORD.sub("", name)
    names = dict.fromkeys([*filter(None, [also]), *COMMON_NAMES.get(code, ())])
    return Body(
        code=code,
        name=name,
        type="municipal-district" if name.startswith("Stadsdeel ") else TYPES[row["type"]],
        status="ended" if ended else "current",
        short_name=short if short != name else "",
        abbreviation="" if row["afkorting"] in (short, name, TYPE_WORD.sub("", row.name)) else row["afkorting"],
        also_known_as=" | ".join(names),
        oin=merge(rows, "oin"),
        tooi=next((r.tooi_path for r in rows if r["tooi"]), entry.path if entry else ""),
        roo=merge(rows, "roo_id"),
        rsin=merge(rows, "rsin"),
        kvk=merge(rows, "kvk"),
        parent=codes_by_id.get(row["ouder"], ""),
        valid_from=str(row.begin or ""),
        valid_until=str(ended or ""),
        announced_end=str(announced or ""),
        source=" ".join([*(f"bodies:{r['id']}" for r in rows), *([f"tooi:{code}"] if entry else [])]),
    )


def build_tooi_only(sources: Sources, taken: Iterable[str]) -> list[Body]:
    """Give the bodies that only TOOI names: no dates and no OIN, so that nobody can say whether they stand."""
    missing = sorted(set(sources.tooi) - set(taken))
    return [
        Body(
            code=code,
            name=capital(sources.tooi[code].name),
            type=TYPES_BY_TOOI_LIST[sources.tooi[code].list_name],
            status="unknown",
            also_known_as=" | ".join(COMMON_NAMES.get(code, ())),
            tooi=sources.tooi[code].path,
            source=f"tooi:{code}",
        )
        for code in missing
    ]


def classify_arrangement(body: Body, regions: dict[str, str]) -> Body:
    """Tell safety regions, environment services and health services among the joint arrangements by their names."""
    if body.type != "joint-arrangement":
        return body
    region = match_safety_region(body.name, regions)
    if region:
        return replace(body, type="safety-region", cbs=region)
    if ENVIRONMENT_SERVICE.search(body.name):
        return replace(body, type="environment-service")
    return replace(body, type="ggd") if HEALTH_SERVICE.search(body.name) else body


def match_safety_region(name: str, regions: dict[str, str]) -> str:
    """Give the code of the safety region that this name carries, or nothing."""
    if not re.match(r"Veiligheids(regio|- en )", name):
        return ""
    fold = name.casefold().replace("-", " ")
    return next(
        (code for code, region in regions.items() if fold.endswith(" " + region.casefold().replace("-", " "))), ""
    )


def add_geography(sources: Sources, bodies: list[Body]) -> list[Body]:
    """Add region, province, inhabitants and position to municipalities, safety regions and provinces."""
    facts = {cells["code"]: cells for cells in sources.municipalities}
    region_body = {body.cbs: body.code for body in bodies if body.type == "safety-region"}
    inhabitants: Counter[str] = Counter()
    for cells in facts.values():
        region, count = cells["safety_region"], int(cells["inhabitants_2023"])
        inhabitants.update({region: count, PROVINCE_OF_SAFETY_REGION[region]: count})
    return [locate(sources, body, facts, region_body, inhabitants) for body in bodies]


def locate(
    sources: Sources,
    body: Body,
    facts: dict[str, dict[str, str]],
    region_body: dict[str, str],
    inhabitants: Counter[str],
) -> Body:
    cells = facts.get(body.code.upper()) if body.type == "municipality" else None
    if cells is not None:
        report_spellings(sources, body, cells)
        region, count, areas, cbs = (
            cells["safety_region"],
            int(cells["inhabitants_2023"]),
            [cells["code"]],
            cells["code"],
        )
    elif body.type == "safety-region":
        region, count, areas, cbs = body.cbs, inhabitants[body.cbs], [body.cbs], body.cbs
    elif body.type == "province":
        areas = [code for code, province in PROVINCE_OF_SAFETY_REGION.items() if province == body.code]
        region, count, cbs = "", inhabitants[body.code], ""
    else:
        return body
    lon, lat = sources.boundaries.centre(areas)
    return replace(
        body,
        cbs=cbs,
        safety_region=region_body[region] if region else "",
        province=PROVINCE_OF_SAFETY_REGION[region] if region else body.code,
        inhabitants=str(count),
        inhabitants_year=INHABITANTS_YEAR,
        lon=f"{lon:.2f}",
        lat=f"{lat:.2f}",
        source=" ".join([body.source, "cbs:" + (cbs or "+".join(areas)), "map"]),
    )


def report_spellings(sources: Sources, body: Body, cells: dict[str, str]) -> None:
    ours = body.short_name or body.name
    for file, theirs in (
        ("nl-municipalities-2023.csv", cells["name"]),
        ("nl-municipalities-2023.topo.json", sources.boundaries.names[cells["code"]]),
    ):
        if theirs != ours:
            sources.report(
                "name-spelled-differently", body.code, body.name, theirs, f"{file} {cells['code']}", body.source
            )


def report_row_defects(sources: Sources, codes_by_id: dict[str, str]) -> None:
    """Report what each raw row shows by itself, also of rows that are no body."""
    for row in sources.rows:
        subject = codes_by_id.get(row["id"], "")
        if row.name != row["naam"]:
            sources.report("name-has-invisible-characters", subject, row.name, "", row.source)
        if row.end_is_official_term:
            sources.report("end-is-official-term", subject, row.name, row["einde"], row.source)
        if row.begin is not None and row.end is not None and row.end <= row.begin:
            sources.report("period-empty", subject, row.name, row["begin"], row.source)
        if row.is_heading:
            sources.report("row-is-heading", subject, row.name, "", row.source)
        if row["type"] == "ministerie" and contradicts_id(row):
            sources.report("name-contradicts-row", subject, row.name, row["afkorting"], row.source)
    texts = [row for row in sources.rows if not row.is_organisation and not row.is_heading]
    sources.report(
        "arrangements-left-out", "", "", str(len(texts)), f"organisaties.csv:{texts[0].line}-{texts[-1].line}"
    )


def contradicts_id(row: Row) -> bool:
    """Whether the row was named after another ministry: its id spells a name out, and it is not this one."""
    spelled = re.sub(r"^org:min-|-\d{4}$", "", row["id"])
    slug = re.sub(r"[^a-z]+", "-", plain(row.name))
    return "-" in spelled and spelled != slug


def report_overlaps(sources: Sources, codes_by_id: dict[str, str]) -> None:
    """Report rows of one type and name that are valid at the same time; rows without a begin are left to the reader."""
    groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sources.rows:
        if row.begin is not None and (row.end is None or row.begin < row.end):
            groups[row["type"], plain(row.name)].append(row)
    for rows in groups.values():
        for one, other in combinations(sorted(rows, key=lambda r: (r.begin or date.min, r.line)), 2):
            assert one.begin and other.begin
            if one.end is None or other.begin < one.end:
                until = min((end for end in (one.end, other.end) if end), default=None)
                period = f"{other.begin}/{until or '..'}"
                subject = codes_by_id.get(one["id"], "")
                sources.report("rows-overlap", subject, one.name, period, one.source, other.source)


def write_csv(path: Path, rows: Sequence[Body] | Sequence[RecordedDefect]) -> None:
    columns = list(type(rows[0]).__dataclass_fields__)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([getattr(row, column) for column in columns] for row in rows)


def make(shared: Path, output: Path) -> tuple[int, int]:
    """Write both tables to the folder `output`; give the number of bodies and of defects."""
    sources = read_sources(shared)
    groups = assign_codes(sources)
    codes_by_id = {row["id"]: code for code, rows in groups.items() for row in rows}
    bodies = build_listed(sources, groups)
    bodies += build_tooi_only(sources, [body.code for body in bodies])
    bodies = [classify_arrangement(body, sources.boundaries.safety_regions) for body in bodies]
    bodies = add_geography(sources, bodies)
    report_row_defects(sources, codes_by_id)
    report_overlaps(sources, codes_by_id)
    write_csv(output / "public_bodies.csv", sorted(bodies, key=lambda body: body.code))
    write_csv(output / "public_body_defects.csv", sorted(sources.defects))
    return len(bodies), len(sources.defects)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parents[1] / "src/eendracht/reference"
    count, defects = make(Path(sys.argv[1]), target)
    print(f"{count} public bodies and {defects} defects written to {target}")
