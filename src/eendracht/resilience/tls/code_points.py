"""Names of the code points of TLS: groups, cipher suites and versions (IANA, TLS Parameters, as of 2026)."""

from __future__ import annotations

from typing import Final, Literal

Quantum = Literal["hybrid", "pure", "draft", "none"]
"""Whether a group withstands a quantum computer: with a classical group beside it, alone, by a draft, or not."""

GROUPS: Final[dict[int, tuple[str, Quantum]]] = {
    0x11EC: ("X25519MLKEM768", "hybrid"),
    0x11EB: ("SecP256r1MLKEM768", "hybrid"),
    0x11ED: ("SecP384r1MLKEM1024", "hybrid"),
    0x0201: ("MLKEM768", "pure"),
    0x0202: ("MLKEM1024", "pure"),
    0x0200: ("MLKEM512", "pure"),
    0x6399: ("X25519Kyber768Draft00", "draft"),
    29: ("x25519", "none"),
    23: ("secp256r1", "none"),
    24: ("secp384r1", "none"),
    25: ("secp521r1", "none"),
    30: ("x448", "none"),
    31: ("brainpoolP256r1tls13", "none"),
    32: ("brainpoolP384r1tls13", "none"),
    33: ("brainpoolP512r1tls13", "none"),
    26: ("brainpoolP256r1", "none"),
    27: ("brainpoolP384r1", "none"),
    28: ("brainpoolP512r1", "none"),
    22: ("secp256k1", "none"),
    21: ("secp224r1", "none"),
    19: ("secp192r1", "none"),
    260: ("ffdhe8192", "none"),
    259: ("ffdhe6144", "none"),
    258: ("ffdhe4096", "none"),
    257: ("ffdhe3072", "none"),
    256: ("ffdhe2048", "none"),
}
"""Every group that is offered, the safest first."""

SUITES_13: Final = {
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1304: "TLS_AES_128_CCM_SHA256",
    0x1305: "TLS_AES_128_CCM_8_SHA256",
}
SUITES_12: Final = {
    0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    0xC0AD: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
    0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    0xC0AC: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
    0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    0xC023: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    0xC028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    0xC027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    0xCCAA: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    0x009F: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    0xC09F: "TLS_DHE_RSA_WITH_AES_256_CCM",
    0x009E: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC09E: "TLS_DHE_RSA_WITH_AES_128_CCM",
    0x006B: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
    0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
    0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384",
    0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
    0x003D: "TLS_RSA_WITH_AES_256_CBC_SHA256",
    0x003C: "TLS_RSA_WITH_AES_128_CBC_SHA256",
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x000A: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
}
SUITES: Final = SUITES_13 | SUITES_12

TLS_1_3: Final = 0x0304
TLS_1_2: Final = 0x0303
TLS_1_1: Final = 0x0302
TLS_1_0: Final = 0x0301
VERSIONS: Final = {TLS_1_3: "TLS 1.3", TLS_1_2: "TLS 1.2", TLS_1_1: "TLS 1.1", TLS_1_0: "TLS 1.0", 0x0300: "SSL 3.0"}


def name_group(code: int) -> str:
    """Give the name of a group, or its code point in hexadecimal."""
    return GROUPS[code][0] if code in GROUPS else f"0x{code:04X}"


def name_suite(code: int) -> str:
    """Give the name of a cipher suite, or its code point in hexadecimal."""
    return SUITES.get(code, f"0x{code:04X}")
