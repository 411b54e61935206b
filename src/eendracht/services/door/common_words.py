"""Words that carry a question and not its subject, in Dutch and in English; written here."""

from __future__ import annotations

from typing import Final

DUTCH: Final = frozenset(
    """
    aan af al alle alleen alles als alsnog altijd ander andere anders beetje ben bent beste bij bijvoorbeeld dag daar
    daarna daarom daarvoor dan dat de deze die dit doe doen doet door dus echt een eens eerst eigenlijk elke en er
    erg ermee ervan ervoor even ga gaan gaat geef geen geven gewoon goed graag groeten haar had heb hebben hebt heeft
    heel helemaal hem hen het hier hij hoe hoelang hoeveel hoi hun iemand iets ieder iedere ik in inmiddels is ja je jij
    jou jouw jullie kan keer klopt kom komen komt kon kunnen kunt laat laten lang liever maar maken maakt mag me mee meer
    meest meteen mezelf mij mijn mijne misschien mn moest moet moeten na naar naast net nee niet niets nieuwe niks nodig
    nog nou nu of om omdat omtrent onder ons onze ook op over per precies ruim schrijf sinds snap snel snik soms staan
    staat steeds straks te tegen tijdens toch toe toen tot u uit uw van vanaf vandaag vanuit veel verder via vind vinden
    vinden volgens voor vooral vraag vragen waar waarin waarom waarmee waarvoor wanneer want waren was wat we weer weet
    weg weinig wel welk welke werd wie wij wil willen wilde word worden wordt wou zal ze zeer zelf zich zij zijn zit
    zitten zo zoals zodat zoiets zonder zou zouden zullen alstublieft aub svp gr mvg dank bedankt groet hallo goedemiddag
    goedemorgen help hulpvraag
    """.split()
)

ENGLISH: Final = frozenset(
    """
    a about after all already also am an and any are as at be because been before but by can could did do does doing don
    dont for from get gets getting go going got had has have having he hello help her here hi him his how i if im in into
    is it its just know let like ll ma made make many may me might more most much must my need needs new no not now of on
    one or our out over own please re really she should so some still such take tell than thank thanks that the their
    them then there these they this to too ve very want wants was we were what when where which while who whose why will
    with would you your yours
    """.split()
)

STRONG_ENGLISH: Final = ENGLISH - frozenset("a am an had is of over so ma me we in do on no her he".split())
"""English words that no Dutch sentence holds: by them the language is told."""

ABROAD: Final = frozenset(
    """
    amerika america usa vs duitsland germany belgie belgium frankrijk france spanje spain italie italy portugal engeland
    england londen london uk britain polen poland turkije turkey marokko morocco suriname rusland russia oekraine ukraine
    china india indonesie indonesia dubai australie australia canada brazilie brazil colombia mexico japan griekenland
    greece oostenrijk austria zwitserland switzerland zweden sweden noorwegen norway denemarken denmark finland ierland
    ireland roemenie romania bulgarije bulgaria hongarije hungary kroatie croatia syrie syria iran irak iraq eritrea
    somalie somalia ghana nigeria egypte egypt thailand vietnam filipijnen philippines zuidafrika curacao aruba schotland
    scotland luxemburg luxembourg tsjechie slovakije slowakije servie serbia albanie pakistan afghanistan israel
    """.split()
)
"""Countries as people name them in passing; what matters for a product is that it is abroad."""
