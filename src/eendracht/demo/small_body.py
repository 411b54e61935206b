"""One body of the small estate: its sites, systems, data, services, contracts and duties, and what it does not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eendracht.demo.bodies import Body, serves
from eendracht.demo.drafts import AUTHORITY
from eendracht.demo.planted import RedundantGroup
from eendracht.demo.small_landscape import SmallLandscape
from eendracht.demo.small_shared import Shared
from eendracht.demo.vocabulary import (
    APPLICATIONS,
    COMMON_APPLICATIONS,
    PROCESSING_LAWS,
    ServiceRow,
    services_of,
)
from eendracht.kernel.identity import slug

_AUDIENCE = {"ministry": ["citizen", "business", "government"]}
_QUORUM = ("Waterpeil beheersen", "Register raadplegen")
_MTPD = {"critical": "24", "important": "72", "normal": "336"}


def add_body(landscape: SmallLandscape, body: Body, shared: Shared) -> None:
    """Add all that one body has to the landscape."""
    _BodyMaker(landscape, body, shared).make()


class _BodyMaker:
    def __init__(self, landscape: SmallLandscape, body: Body, shared: Shared) -> None:
        self._landscape = landscape
        self._body = body
        self._shared = shared
        self._owner = f"organisation:{body.code}"
        self._applications: dict[str, str] = {}
        self._suppliers: dict[str, str] = {}
        self._datasets: dict[str, str] = {}
        self._teams: list[str] = []
        self._roles: list[str] = []
        self._platform = ""
        self._ground: list[str] = []

    def make(self) -> None:
        self._add_people()
        self._add_ground()
        rows = services_of(self._body.type)
        wanted = [*COMMON_APPLICATIONS, *(word for row in rows for word in row[4])]
        for word in dict.fromkeys(wanted):
            self._add_application(word)
        self._add_interfaces()
        processes = {name: self._add_process(name, rows) for name in dict.fromkeys(row[2] for row in rows)}
        for number, row in enumerate(rows):
            self._add_service(number, row, processes[row[2]])
        for word in self._suppliers:
            if not self._landscape.chance(15):
                self._add_contract(word)
        self._add_processing()
        self._add_domains()

    def _add(self, kind: str, name: str, **spec: Any) -> str:
        ref = f"{kind}:{AUTHORITY}/{self._body.code}/{slug(name)}"
        made = self._landscape.add(kind, self._body.code, self._owner, name, spec)
        assert made == ref
        return ref

    def _add_people(self) -> None:
        for name, skills in (
            ("Technisch beheer", ["netwerkbeheer", "databasebeheer"]),
            ("Functioneel beheer", ["applicatiebeheer"]),
            ("Informatiebeveiliging", ["crisisbeheersing", "cryptografie"]),
        ):
            size = 2 + int(self._landscape.rng.integers(12))
            self._teams.append(self._add("team", name, organisation=self._owner, size=size, skills=skills))
        for name in ("CIO", "CISO", "Functionaris gegevensbescherming", "Contractmanager", "Manager dienstverlening"):
            self._roles.append(self._add("role", name, organisation=self._owner))

    def _add_ground(self) -> None:
        """Add site, network, platform, sign-in, certificates and database of the body itself."""
        land, shared = self._landscape, self._shared
        pick = int(land.rng.integers(4))
        town = self._owner if self._body.type == "municipality" else None
        feed = {"label": "stroom", "bufferHours": "6", "members": [{"provider": shared.power[pick]}]}
        kind: dict[str, Any] = {"type": "data-centre", "country": "NL", "municipality": town}
        site = self._add("facility", "Serverruimte hoofdkantoor", **kind, requirementGroups=[feed])
        lines = [
            self._add("component", f"Netwerkverbinding {label}", type="network", requires=[shared.networks[which]])
            for label, which in (("primair", pick), ("secundair", (pick + 1) % 4))
        ]
        network = _group("netwerk", lines, switch_over="0.25", automatic=land.chance(60))
        certificate = self._add("component", "Servercertificaten", type="certificate", requires=shared.authorities[:1])
        identity = self._add(
            "component",
            "Identiteits- en toegangsbeheer",
            type="identity",
            rtoHours="4",
            requiresToStart=[certificate],
            requirementGroups=[network],
        )
        self._platform = self._add(
            "platform",
            "Virtualisatieplatform",
            type="cluster",
            hosting="on-premises",
            suppliedBy=land.supplier(),
            operatedBy=self._teams[0],
            locatedIn=[site],
            jurisdiction="NL",
            requirementGroups=[network],
        )
        servers = [
            self._add("component", f"Databaseserver {number}", type="server", requires=[self._platform])
            for number in (1, 2, 3)
        ]
        cluster = {**_group("cluster", servers), "k": 2}
        database = self._add("component", "Databasecluster", type="database", requirementGroups=[cluster])
        self._ground = [identity, database]

    def _add_application(self, word: str) -> None:
        land = self._landscape
        name, hosting, personal, cost, reference = APPLICATIONS[word]
        if land.chance(10):
            hosting = "unknown"
        external = hosting in ("saas", "public-cloud")
        supplier = land.supplier()
        knows_supplier = not land.chance(7)
        vague = f"supplier:{AUTHORITY}/leverancier-niet-in-register-{word}"
        if knows_supplier:
            self._suppliers[word] = supplier
        platform = self._shared.platforms[int(land.rng.integers(len(self._shared.platforms)))]
        ref = self._add(
            "application",
            name,
            suppliedBy=supplier if knows_supplier else vague if land.chance(30) else None,
            operatedBy=supplier if external else self._teams[0],
            hostedOn=[platform if external else self._platform] if hosting != "unknown" else [],
            realises=[self._shared.references[reference]],
            lifecycle=("in-use", "in-use", "in-use", "phasing-out", "unknown")[int(land.rng.integers(5))],
            hosting=hosting,
            personalData="unknown" if land.chance(10) else personal,
            criticality="unknown" if land.chance(15) else ("important", "normal")[int(land.rng.integers(2))],
            users=5 + int(land.rng.integers(400)),
            annualCostEurocent=cost * 100 * max(serves(self._body) // 1000, 10) // 100,
            businessOwner=self._roles[4],
            requires=self._ground[:1] if external else self._ground,
        )
        self._applications[word] = ref
        if word in PROCESSING_LAWS or word in ("zaaksysteem", "geo", "gegevens"):
            self._datasets[word] = self._add(
                "dataset",
                f"Gegevens {name.lower()}",
                controller=self._owner,
                heldIn=[ref],
                personalData="unknown" if land.chance(15) else personal,
            )
            land.specs[ref]["datasets"] = [self._datasets[word]]

    def _add_interfaces(self) -> None:
        hub = self._applications["zaaksysteem"]
        for number, (word, ref) in enumerate(self._applications.items()):
            if word == "zaaksysteem" or self._landscape.chance(75):
                continue
            self._add(
                "interface",
                f"Koppeling zaaksysteem {APPLICATIONS[word][0].lower()}",
                source=hub,
                target=ref,
                requires=[hub, ref],
                standard=("StUF-ZKN", "ZGW API's", None)[number % 3],
                protocol=("SOAP", "REST", None)[number % 3],
                direction=("two-way", "one-way", "unknown")[number % 3],
                lifecycle="in-use",
            )

    def _add_process(self, name: str, rows: tuple[ServiceRow, ...]) -> str:
        words = dict.fromkeys(row[4][0] for row in rows if row[2] == name)
        return self._add(
            "business-process",
            name,
            performedBy=[self._owner],
            requires=[self._teams[1], *(self._applications[word] for word in words)],
            rtoHours="48",
        )

    def _add_service(self, number: int, row: ServiceRow, process: str) -> None:
        name, criticality, _, uses, words = row
        people = serves(self._body)
        groups = []
        if criticality == "critical":
            groups.append(self._add_alternatives(number, name))
        elif not self._landscape.chance(40):
            channels = [self._applications["portaal"], self._applications["klantcontact"]]
            groups.append({**_group("kanaal", channels), "bufferHours": "4"})
        service = self._add(
            "public-service",
            name,
            providedBy=self._owner,
            audience=_AUDIENCE.get(self._body.type, ["citizen", "business"]),
            usesPerDay=max(people * uses // 100_000, 1),
            users=people,
            criticality="unknown" if criticality == "normal" and self._landscape.chance(20) else criticality,
            mtpdHours=_MTPD[criticality],
            requires=[process, *(self._applications[word] for word in words[1:])],
            requirementGroups=groups,
        )
        if criticality == "critical":
            k = groups[0].get("k", 1)
            members = tuple(member["provider"] for member in groups[0]["members"])
            self._landscape.groups.append(RedundantGroup(service, self._body.code, k, members))

    def _add_alternatives(self, number: int, service: str) -> dict[str, Any]:
        """Add the applications that stand in for each other in a critical service, each on a server of its own."""
        land = self._landscape
        count = 3 if service in _QUORUM else 2
        members = []
        for place in range(count):
            label = ("hoofdvoorziening", "uitwijkvoorziening", "derde voorziening")[place]
            platform = self._shared.platforms[(number + place) % len(self._shared.platforms)]
            ground = [self._platform if place == 0 else platform]
            server = self._add("component", f"Server {label} {service}", type="server", requires=ground)
            members.append(
                self._add(
                    "application",
                    f"{service} {label}",
                    hostedOn=[server],
                    suppliedBy=land.supplier(),
                    hosting="private-cloud" if place == 0 else "hybrid",
                    lifecycle="in-use",
                    personalData="yes",
                    criticality="critical",
                )
            )
        group = _group("behandeling", members, switch_over="2", automatic=land.chance(50))
        if land.chance(60):
            tested = land.on - timedelta(days=int(land.rng.integers(20, 900)))
            group["members"][1]["testedOn"] = tested.isoformat()
        return {**group, "k": count - 1, "bufferHours": str((0, 1, 4)[int(land.rng.integers(3))])}

    def _add_contract(self, word: str) -> None:
        land = self._landscape
        dice = land.rng.integers(100, size=4).tolist()
        start = land.on - timedelta(days=200 + 13 * dice[0])
        ahead = 10 + dice[1] if dice[2] < 15 else 100 + 11 * dice[1]
        if dice[2] >= 95:
            ahead = -30 - dice[1]
        covers = [self._applications[word]]
        if dice[3] < 4:
            covers.append(f"application:{AUTHORITY}/{self._body.code}/module-niet-geregistreerd-{word}")
        plan = {
            "durationDays": 60 + 3 * dice[0],
            "escrow": dice[3] % 2 == 0,
            "testedOn": (land.on - timedelta(days=5 + 9 * dice[1])).isoformat(),
        }
        self._add(
            "contract",
            f"Contract {APPLICATIONS[word][0].lower()}",
            number=f"C-{self._body.code}-{len(land.specs):04d}",
            buyer=self._owner,
            supplier=self._suppliers[word],
            covers=covers,
            startDate=start.isoformat(),
            endDate=(land.on + timedelta(days=ahead)).isoformat() if dice[3] >= 6 else None,
            noticeDays=(30, 90, 180)[dice[0] % 3],
            renewal=("none", "tacit", "option", "unknown")[dice[1] % 4],
            annualValueEurocent=land.specs[self._applications[word]]["annualCostEurocent"],
            exitPlan=plan if dice[0] < 45 else None,
            substitutability=("not-substitutable", "highly-complex", "medium", "easy", "unknown")[dice[2] % 5],
            subcontractors=[{"supplier": land.supplier(), "rank": 1}] if dice[1] < 20 else [],
        )

    def _add_processing(self) -> None:
        for word, (law, purpose) in PROCESSING_LAWS.items():
            if word not in self._applications:
                continue
            external = word in self._suppliers
            processors = [self._suppliers[word]] if external else []
            self._add(
                "processing-activity",
                purpose,
                controller=self._owner,
                processors=processors,
                purposes=[purpose],
                legalGround="unknown" if self._landscape.chance(12) else "public-task",
                law=[law],
                dataSubjects=["inwoners"],
                dataCategories=["naam en adres", "contactgegevens"],
                specialCategories="yes" if word in ("sociaal", "jeugd") else "unknown",
                retention="10 jaar" if self._landscape.chance(70) else None,
                systems=[self._applications[word]],
                datasets=[self._datasets[word]],
                dpia=("yes", "no", "unknown")[int(self._landscape.rng.integers(3))],
            )
            if external and self._landscape.chance(25):
                self._add(
                    "agreement",
                    f"Verwerkersovereenkomst {APPLICATIONS[word][0].lower()}",
                    type="processor",
                    parties=[self._owner, self._suppliers[word]],
                    datasets=[self._datasets[word]],
                )

    def _add_domains(self) -> None:
        for name, word in (("www", "website"), ("mijn", "portaal"), ("formulieren", "formulieren")):
            operator = self._landscape.supplier()
            missing = f"supplier:{AUTHORITY}/naamserverbeheerder-niet-in-register"
            self._add(
                "domain-name",
                f"{name}.{self._body.code}.example",
                registrar=operator,
                dnsOperator=missing if self._landscape.chance(8) else operator,
                serves=[self._applications[word]],
                requires=[self._applications[word]],
            )


def _group(label: str, members: list[str], switch_over: str | None = None, automatic: bool = True) -> dict[str, Any]:
    """Make a group of one of the members, where changing over to a later one may take time and a hand."""
    items: list[dict[str, Any]] = [{"provider": member} for member in members]
    if switch_over is not None:
        for item in items[1:]:
            item.update(switchOverHours=switch_over, automatic=automatic)
    return {"label": label, "members": items}
