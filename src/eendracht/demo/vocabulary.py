"""Words of a made-up landscape: suppliers that plainly do not exist, and systems as public bodies call them."""

from __future__ import annotations

from typing import Final

_HEADS: Final = (
    "Kwibus Snorre Fluweel Pimpel Tuimel Krakeel Zwabber Moppel Dwarrel Hobbel Knisper Wiebel Sputter Drentel Flonker "
    "Grabbel Huppel Jubel Kabbel Lummel Mijmer Neuriel Pruttel Ritsel Schommel Trippel Wappel Ziezo Babbel Dobber "
    "Foezel Giechel Hunker Kietel Loom Murmel Nobel Oempa Peuter Roezemoes Slenter Tingel Uilig Vonkel Wriemel "
    "Zoemel Bolder Draai Fladder Guitig"
)
_TAILS: Final = (
    "wolk bit brug kabel molen toren vijver haas kwast lamp ketel duin kraai sleutel pad veer mos dop knoop pluim "
    "uil trom zeil stoof kist glas muts lier egel rad hoorn klomp das reiger schelp vlier bever spoor tak fluit"
)
SUPPLIER_HEADS: Final = tuple(_HEADS.split())
SUPPLIER_TAILS: Final = tuple(_TAILS.split())
"""Two halves of invented words: nobody would found a firm by these names."""
SUPPLIER_FORMS: Final = ("Systemen", "Automatisering", "Diensten", "Netwerken", "Beheer", "Groep", "Participaties")

ServiceRow = tuple[str, str, str, int, tuple[str, ...]]
"""Name, criticality, process, uses per day per 100,000 people served, applications that it needs."""
ApplicationRow = tuple[str, str, str, int, str]
"""Name, hosting, personal data, annual cost in whole euros per 100,000 people served, reference component."""

APPLICATIONS: Final[dict[str, ApplicationRow]] = {
    "zaaksysteem": ("Zaaksysteem", "saas", "yes", 140_000, "zaakregistratie"),
    "documenten": ("Documentmanagementsysteem", "saas", "yes", 80_000, "documentbeheer"),
    "formulieren": ("E-formulieren", "saas", "yes", 30_000, "formulieren"),
    "website": ("Website", "public-cloud", "no", 25_000, "publicatie"),
    "klantcontact": ("Klantcontactsysteem", "saas", "yes", 45_000, "klantcontact"),
    "financien": ("Financieel systeem", "private-cloud", "yes", 160_000, "financien"),
    "personeel": ("Personeels- en salarissysteem", "saas", "yes", 60_000, "personeel"),
    "gegevens": ("Gegevensmagazijn", "on-premises", "yes", 70_000, "gegevensmagazijn"),
    "archief": ("E-depot", "private-cloud", "yes", 40_000, "archief"),
    "geo": ("Geo-informatiesysteem", "on-premises", "no", 55_000, "geo"),
    "burgerzaken": ("Burgerzakensysteem", "private-cloud", "yes", 150_000, "burgerzaken"),
    "afspraken": ("Afsprakenplanner", "saas", "yes", 15_000, "klantcontact"),
    "belastingen": ("Belastingapplicatie", "hybrid", "yes", 120_000, "belastingen"),
    "sociaal": ("Suite sociaal domein", "saas", "yes", 210_000, "sociaal-domein"),
    "uitkeringen": ("Uitkeringsadministratie", "private-cloud", "yes", 180_000, "sociaal-domein"),
    "jeugd": ("Regiesysteem jeugd", "saas", "yes", 75_000, "sociaal-domein"),
    "vergunningen": ("Vergunningen- en handhavingssysteem", "saas", "yes", 90_000, "vergunningen"),
    "parkeren": ("Parkeerrechtensysteem", "saas", "yes", 30_000, "vergunningen"),
    "meldingen": ("Meldingensysteem openbare ruimte", "public-cloud", "yes", 20_000, "klantcontact"),
    "afval": ("Afvalregistratie", "unknown", "yes", 25_000, "belastingen"),
    "subsidies": ("Subsidiesysteem", "saas", "yes", 40_000, "zaakregistratie"),
    "verkeer": ("Verkeersmanagementsysteem", "on-premises", "no", 95_000, "geo"),
    "brugbediening": ("Bediening bruggen en sluizen", "on-premises", "no", 110_000, "procesautomatisering"),
    "peil": ("Peilbeheersysteem", "on-premises", "no", 130_000, "procesautomatisering"),
    "gemalen": ("Gemaalbesturing", "on-premises", "no", 170_000, "procesautomatisering"),
    "zuivering": ("Procesautomatisering zuivering", "on-premises", "no", 150_000, "procesautomatisering"),
    "betalingen": ("Betaalstraat", "private-cloud", "yes", 90_000, "financien"),
    "portaal": ("Mijn-omgeving", "public-cloud", "yes", 60_000, "formulieren"),
    "register": ("Registervoorziening", "private-cloud", "yes", 240_000, "gegevensmagazijn"),
    "crisis": ("Crisismanagementsysteem", "saas", "unknown", 35_000, "klantcontact"),
    "woo": ("Woo-publicatievoorziening", "public-cloud", "yes", 30_000, "publicatie"),
}
"""Applications by slug."""

COMMON_APPLICATIONS: Final = (
    "zaaksysteem",
    "documenten",
    "formulieren",
    "website",
    "klantcontact",
    "financien",
    "personeel",
    "gegevens",
    "archief",
    "betalingen",
    "portaal",
)
"""Applications that every body has."""

_OWN_SERVICES: Final[dict[str, tuple[ServiceRow, ...]]] = {
    "municipality": (
        ("Paspoort of identiteitskaart aanvragen", "critical", "Burgerzaken", 60, ("burgerzaken", "afspraken")),
        ("Verhuizing doorgeven", "important", "Burgerzaken", 25, ("burgerzaken", "portaal")),
        ("Geboorte aangeven", "important", "Burgerzaken", 3, ("burgerzaken",)),
        ("Bijstandsuitkering aanvragen", "critical", "Werk en inkomen", 4, ("sociaal", "uitkeringen")),
        ("Bijstandsuitkering uitbetalen", "critical", "Werk en inkomen", 70, ("uitkeringen", "financien")),
        ("Hulp bij schulden aanvragen", "important", "Werk en inkomen", 2, ("sociaal",)),
        ("Wmo-voorziening aanvragen", "critical", "Maatschappelijke ondersteuning", 6, ("sociaal", "zaaksysteem")),
        ("Jeugdhulp aanvragen", "critical", "Jeugd", 4, ("jeugd", "sociaal")),
        ("Omgevingsvergunning aanvragen", "important", "Vergunningverlening", 5, ("vergunningen", "geo")),
        ("Parkeervergunning aanvragen", "normal", "Parkeren", 12, ("parkeren",)),
        ("Gemeentelijke belastingen betalen", "important", "Belastingen", 40, ("belastingen", "financien")),
        ("Melding openbare ruimte doen", "normal", "Beheer openbare ruimte", 35, ("meldingen", "geo")),
        ("Grofvuil laten ophalen", "normal", "Beheer openbare ruimte", 20, ("afval",)),
    ),
    "province": (
        ("Subsidie aanvragen", "important", "Subsidieverlening", 1, ("subsidies", "financien")),
        ("Natuurvergunning aanvragen", "important", "Vergunningverlening", 1, ("vergunningen", "geo")),
        ("Brug of sluis laten bedienen", "critical", "Vaarwegbeheer", 20, ("brugbediening",)),
        ("Verkeersinformatie raadplegen", "normal", "Wegbeheer", 300, ("verkeer", "geo")),
        ("Melding over een provinciale weg doen", "critical", "Wegbeheer", 2, ("meldingen", "verkeer")),
    ),
    "water-board": (
        ("Waterpeil beheersen", "critical", "Peilbeheer", 100_000, ("peil", "gemalen")),
        ("Afvalwater zuiveren", "critical", "Zuivering", 100_000, ("zuivering",)),
        ("Watervergunning aanvragen", "normal", "Vergunningverlening", 1, ("vergunningen", "geo")),
        ("Waterschapsbelasting betalen", "important", "Belastingen", 30, ("belastingen", "financien")),
        ("Wateroverlast melden", "important", "Peilbeheer", 2, ("meldingen",)),
    ),
    "ministry": (
        ("Crisisinformatie geven", "critical", "Crisisbeheersing", 50, ("crisis", "website")),
        ("Rijkssubsidie aanvragen", "important", "Subsidieverlening", 1, ("subsidies", "financien")),
        ("Wetsvoorstel raadplegen", "normal", "Beleid en wetgeving", 10, ("website",)),
    ),
    "agency": (
        ("Uitkering of toeslag aanvragen", "critical", "Beoordelen", 90, ("register", "portaal")),
        ("Uitkering of toeslag uitbetalen", "critical", "Uitbetalen", 1_500, ("register", "financien")),
        ("Wijziging doorgeven", "important", "Beoordelen", 200, ("portaal", "register")),
        ("Bezwaar maken", "important", "Bezwaar en beroep", 4, ("zaaksysteem",)),
        ("Register raadplegen", "critical", "Registerbeheer", 800, ("register",)),
    ),
}
_ALL_SERVICES: Final[tuple[ServiceRow, ...]] = (
    ("Contact opnemen", "normal", "Dienstverlening", 80, ("klantcontact", "website")),
    ("Informatie opvragen op grond van de Woo", "normal", "Informatiehuishouding", 1, ("woo", "archief")),
)


def services_of(body_type: str) -> tuple[ServiceRow, ...]:
    """Give the services that a body of a type typically offers."""
    return _OWN_SERVICES.get(body_type, _OWN_SERVICES["agency"]) + _ALL_SERVICES


PROCESSING_LAWS: Final[dict[str, tuple[str, str]]] = {
    "burgerzaken": ("Wet basisregistratie personen", "Bijhouden van persoonsgegevens van ingezetenen"),
    "sociaal": ("Wet maatschappelijke ondersteuning 2015", "Beoordelen en leveren van ondersteuning"),
    "uitkeringen": ("Participatiewet", "Vaststellen en uitbetalen van bijstand"),
    "jeugd": ("Jeugdwet", "Toeleiden naar jeugdhulp"),
    "belastingen": ("Algemene wet inzake rijksbelastingen", "Heffen en innen van belastingen"),
    "vergunningen": ("Omgevingswet", "Behandelen van vergunningaanvragen"),
    "personeel": ("Ambtenarenwet 2017", "Voeren van de personeelsadministratie"),
    "register": ("Algemene wet bestuursrecht", "Beoordelen van aanvragen en wijzigingen"),
    "klantcontact": ("Algemene wet bestuursrecht", "Beantwoorden van vragen en klachten"),
    "parkeren": ("Gemeentewet", "Verlenen van parkeerrechten"),
}
"""Applications that come with an entry in the register of processing activities: act and purpose."""

PROCESS_WORDS: Final = (
    "Aanvraagbehandeling",
    "Toezicht",
    "Inning",
    "Uitbetaling",
    "Registratie",
    "Klantcontact",
    "Bezwaarbehandeling",
    "Planning",
)
SERVICE_WORDS: Final = (
    "Aanvraag",
    "Vergunning",
    "Uitkering",
    "Melding",
    "Inschrijving",
    "Heffing",
    "Inzage",
    "Subsidie",
    "Verklaring",
)
