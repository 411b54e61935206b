"""Cryptographic inventory: where RSA-2048 or ECDH is, for which service and how many citizens, in 2,000 inventories.

Each inventory is of the size and mix of the published one of Keycloak: 22 algorithms, 33 keys and a protocol. The peer
opens the same bills one at a time, as is done without an inventory, and tells only in which of them the names stand.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.store import load
from eendracht.resilience.crypto.bills import read_cbom
from eendracht.resilience.crypto.inventories import ToldInventory
from eendracht.resilience.crypto.search import search_cryptography
from eendracht.resilience.crypto.told import tell_bill
from tests.bench.bench_command import START, run
from tests.bench.rows import Row, median_of, timed
from tests.resilience.crypto.small_bills import asset, bill, dump
from tests.web.nodes import draft, open_node

SEED: Final = 20_261_130
INVENTORIES: Final = 2_000
QUESTION: Final = "RSA-2048 or ECDH, for which service, how many citizens"
BAR_SECONDS: Final = 2.0
_ORGANISATIONS: Final = 342
_ALGORITHMS: Final = (
    "ECDH", "SHA1", "EC-secp521r1", "RAW", "EdDSA", "HMAC-SHA256", "RSA-2048", "DSA", "Ed25519", "EC", "EC-secp384r1",
    "AES", "SHA512", "HMACSHA2", "MGF1", "AES128-CBC-PKCS5", "AES128-GCM", "ConcatenationKDF", "SHA256", "AES128",
    "RSASSA-PSS", "EC-secp256r1",
)  # fmt: skip
_RESTING_ON: Final = ("EC",) * 12 + ("RSA-2048",) * 4 + ("AES128",) * 7 + ("EdDSA",) * 3 + ("DSA",) * 3 + ("RAW",) * 4


def make_bill(number: int) -> dict[str, Any]:
    """Give a bill of 56 cryptographic assets, the same for a number."""
    chance = random.Random(SEED + number)
    made = [
        asset(name, f"alg-{at}", line=chance.randint(1, 900), primitive="unknown")
        for at, name in enumerate(_ALGORITHMS)
    ]
    keys = [
        asset(f"key@{at}", f"key-{at}", kind="related-crypto-material", line=chance.randint(1, 900), type="secret-key")
        for at in range(len(_RESTING_ON))
    ]
    rests = [
        {"ref": f"key-{at}", "dependsOn": [f"alg-{_ALGORITHMS.index(name)}"]} for at, name in enumerate(_RESTING_ON)
    ]
    return bill(*made, *keys, asset("TLS", "tls", kind="protocol", type="tls"), dependencies=rests)


def make_drafts(told: list[ToldInventory]) -> Iterator[dict[str, Any]]:
    """Give organisations with people, applications, services and what each application has of cryptography."""
    chance = random.Random(SEED)
    for number in range(_ORGANISATIONS):
        owner, people = f"organisation:gm{1000 + number:04d}", chance.randint(5_000, 900_000)
        yield draft(owner, f"Gemeente {number}", owner=owner, type="municipality", inhabitants=people)
        segment = f"population-segment:gm{1000 + number:04d}/alle"
        yield draft(segment, f"Inwoners {number}", owner=owner, persons=people, municipality=owner)
    for number in range(INVENTORIES):
        code = f"gm{1000 + number % _ORGANISATIONS:04d}"
        owner, application = f"organisation:{code}", f"application:{code}/app-{number}"
        yield draft(application, f"Applicatie {number}", owner=owner)
        service = f"public-service:{code}/dienst-{number}"
        yield draft(service, f"Dienst {number}", owner=owner, requires=[application])
        used = [{"segment": f"population-segment:{code}/alle", "persons": chance.randint(100, 5_000)}]
        yield draft(
            f"demand:{code}/gebruik-{number}", "Gebruik", owner=owner, service=service, usesPerDay=50, segments=used
        )
        inventory = f"cryptographic-inventory:{code}/app-{number}"
        yield draft(
            inventory, f"Applicatie {number}", "organisation", owner, sourceType="cyclonedx", subject=application
        )
        base = inventory.replace("inventory", "asset", 1)
        for one in told[number % len(told)].assets:
            tied = {
                "inventory": inventory,
                "usedBy": [application],
                "madeOf": [f"{base}/{key}" for key in one.rests_on],
            }
            yield draft(f"{base}/{one.key}", owner=owner, level="organisation", **one.spec, **tied)


def measure() -> list[Row]:
    """Give the rows of the report."""
    bills = [dump(make_bill(number)) for number in range(50)]
    told = [tell_bill(read_cbom(data, f"{at}.json"), f"{at}.json") for at, data in enumerate(bills)]
    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as folder:
        node = Path(folder) / "node"
        with open_node(node) as instance:
            count = load(instance.store, make_drafts(told))
            instance.store.catch_up()
            answer = search_cryptography(instance.store, OPERATOR, QUESTION)
            warm = median_of(lambda: timed(lambda: search_cryptography(instance.store, OPERATOR, QUESTION)))
        cold = median_of(lambda: timed(lambda: run(["-c", START, "resilience", "cbom", "find", QUESTION], str(node))))
    # RSA-2048 and ECDH themselves, and the four keys that rest on RSA-2048.
    assert len(answer.found) == 6 * INVENTORIES
    assert len(answer.services) == INVENTORIES
    peer = median_of(lambda: timed(lambda: [_names_it(bills[at % len(bills)]) for at in range(INVENTORIES)]))
    citizens = f"{answer.persons.low:,} to {answer.persons.high or 0:,} citizens"
    setting = (
        f"{INVENTORIES:,} inventories of {len(told[0].assets)} assets, {count:,} records, {_ORGANISATIONS}"
        f" organisations, {len(answer.found):,} assets found, {citizens}, seed {SEED}"
    )
    rows = (("in a server", warm, "warm"), ("at the prompt", cold, "whole process, warm file cache"))
    return [
        Row(
            f'"{QUESTION}", {where}',
            seconds,
            "s",
            INVENTORIES,
            f"{setting}, {state}",
            "lower",
            BAR_SECONDS,
            "json.loads of each bill, names only",
            peer,
        )
        for where, seconds, state in rows
    ]


def _names_it(data: bytes) -> bool:
    return any(item["name"] in ("RSA-2048", "ECDH") for item in json.loads(data)["components"])
