"""The file of the crisis envelope: opened by another program from its description, and by nobody who may not."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.resilience.envelope.sealing import (
    EnvelopeClosed,
    EnvelopeDamaged,
    EnvelopeTooNew,
    PublicKey,
    SecretKey,
    open_file,
    read_header,
    seal_files,
)

PASSPHRASE = "vijf willekeurige woorden zijn genoeg"
FILES = {"a.html": "<p>één</p>", "b.json": "{}"}
LEAD, DESK, STRANGER = (SecretKey.make(name) for name in ("crisis-lead", "desk", "stranger"))
SEALED = seal_files(FILES, {"node": "n", "madeAt": "m"}, passphrase=PASSPHRASE, keys=[LEAD.public, DESK.public])


def rehash(body: bytes) -> bytes:
    return body + sha256(body).digest()


def with_header(change: Any) -> bytes:
    """Change the header as somebody would who wants it to look whole."""
    header, start = read_header(SEALED)
    change(header)
    printed = json.dumps(header).encode()
    begin = SEALED.index(b"\n") + 1
    return rehash(SEALED[:begin] + len(printed).to_bytes(4, "big") + printed + SEALED[start:-32])


def test_every_recipient_opens_it_and_nobody_else() -> None:
    for options in ({"passphrase": PASSPHRASE}, {"keys": [LEAD]}, {"keys": [STRANGER, DESK]}):
        opened = open_file(SEALED, **options)
        assert opened.files == FILES and (opened.header["node"], opened.header["madeAt"]) == ("n", "m")
    for options in ({"passphrase": "vijf andere woorden zijn het niet"}, {"keys": [STRANGER]}, {}):
        with pytest.raises(EnvelopeClosed) as closed:
            open_file(SEALED, **options)
        assert closed.value.exit_code == 3
    assert seal_files(FILES, {}, passphrase=PASSPHRASE) != SEALED
    assert PASSPHRASE.encode() not in SEALED and "één".encode() not in SEALED


def test_twenty_lines_of_another_program_open_it() -> None:
    # From the description of the format alone, with scrypt of the standard library in the place of ours.
    import hashlib

    line, _, rest = SEALED.partition(b"\n")
    size = int.from_bytes(rest[:4], "big")
    header = json.loads(rest[4 : 4 + size])
    one = next(item for item in header["recipients"] if item["type"] == "scrypt")
    n, salt = 2 ** one["logN"], base64.b64decode(one["salt"])
    wrapping = hashlib.scrypt(PASSPHRASE.encode(), salt=salt, n=n, r=one["r"], p=one["p"], maxmem=2**28, dklen=32)
    key = AESGCM(wrapping).decrypt(bytes(12), base64.b64decode(one["wrapped"]), line + b"\n")
    head = line + b"\n" + rest[: 4 + size]
    content = AESGCM(key).decrypt(base64.b64decode(header["nonce"]), rest[4 + size : -32], head)
    assert json.loads(content) == FILES
    assert hashlib.sha256(SEALED[:-32]).digest() == SEALED[-32:]


@settings(max_examples=60)
@given(st.data())
def test_no_byte_can_change_and_none_can_be_lacking(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SEALED) - 1))
    changed = bytearray(SEALED)
    changed[at] ^= data.draw(st.integers(1, 255))
    for broken in (bytes(changed), SEALED[:at]):
        with pytest.raises((EnvelopeDamaged, EnvelopeTooNew)):
            open_file(broken, keys=[LEAD])


def test_whoever_changes_it_and_its_digest_is_found_out() -> None:
    body = bytearray(SEALED[:-32])
    body[-20] ^= 1
    changes = [
        rehash(bytes(body)),
        with_header(lambda header: header.update(madeAt="2099-01-01T00:00:00Z")),
        with_header(lambda header: header["recipients"].pop(1)),
        with_header(lambda header: header.update(nonce="!")),
        with_header(lambda header: header.pop("nonce")),
        with_header(lambda header: header.update(recipients=[1])),
    ]
    for changed in changes:
        with pytest.raises(EnvelopeDamaged):
            open_file(changed, keys=[LEAD])
    costly = with_header(lambda header: header["recipients"][-1].update(logN=40))
    with pytest.raises(EnvelopeDamaged):
        open_file(costly, passphrase=PASSPHRASE)


def test_a_newer_format_is_named() -> None:
    with pytest.raises(EnvelopeTooNew, match="format 2"):
        read_header(SEALED.replace(b"envelope/1\n", b"envelope/2\n", 1))
    for other in (b"", b"PK\x03\x04", b"eendracht-crisis-envelope/1\n"):
        with pytest.raises(EnvelopeDamaged):
            read_header(other)


@pytest.mark.parametrize("weak", ["kort", " " * 30, "aaaaaaaaaaaaaaaaaaaaaaaa", "abababababababababab"])
def test_a_weak_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        seal_files(FILES, {}, passphrase=weak)
    assert weak not in str(refused.value)


def test_what_nobody_could_open_or_hold_is_refused() -> None:
    with pytest.raises(InvalidInput):
        seal_files(FILES, {})
    with pytest.raises(InvalidInput):
        seal_files({"a": "x" * (64 * 2**20)}, {}, keys=[LEAD.public])


def test_keys_are_lines_that_come_back() -> None:
    assert SecretKey.parse(LEAD.text() + "\n") == LEAD
    assert PublicKey.parse(LEAD.public.text()) == LEAD.public
    for wrong in ("", "x", LEAD.public.text()[:-8], LEAD.text(), "eendracht-envelope-public:Jan Jansen:AAAA"):
        with pytest.raises(InvalidInput):
            PublicKey.parse(wrong)
    with pytest.raises(InvalidInput) as refused:
        SecretKey.parse(LEAD.text() + "A")
    assert LEAD.text()[-40:] not in str(refused.value)
    for name in ("", "Jan Jansen", "a" * 61):
        with pytest.raises(InvalidInput):
            SecretKey.make(name)
