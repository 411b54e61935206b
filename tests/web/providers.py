"""OpenID providers on loopback: a real one, and one that lies in every way that a test wants."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.web.serving import free_port

CLIENT = "eendracht-test"

# The provider of npm, as a municipality runs Keycloak, and as a broker of DigiD: groups or a BSN in the
# ID token, sign-in by its own pages.
PROVIDER = """
import { Provider } from 'oidc-provider';
const [port, redirect] = process.argv.slice(1);
const LEVEL = 'http://eidas.europa.eu/LoA/';
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'eendracht-test', client_secret: 'geheim', redirect_uris: [redirect] }],
  claims: { openid: ['sub', 'groups', 'acr', 'bsn'] },
  conformIdTokenClaims: false,
  acrValues: ['2', ...['substantial', 'low'].map((level) => LEVEL + level)],
  cookies: { keys: ['loopback'] },
  pkce: { required: () => true },
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: () => ({
      sub, name: 'Jan de Vries', email: 'jan@voorbeeld.nl', groups: sub.startsWith('niemand') ? [] : ['/beheer'],
      bsn: '111222333',
    }),
  }),
});
// At which level somebody signed in, as a broker of DigiD says it.
const finish = provider.interactionFinished.bind(provider);
provider.interactionFinished = (req, res, result, options) => {
  if (result.login?.accountId === 'burger') result.login.acr = LEVEL + 'substantial';
  if (result.login?.accountId === 'zwak') result.login.acr = LEVEL + 'low';
  return finish(req, res, result, options);
};
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
"""


@contextmanager
def run_provider(folder: Path, port: int, redirect: str) -> Iterator[None]:
    """Run the provider of npm, which sends the browser back to this address."""
    process = subprocess.Popen(
        ["node", "--input-type=module", "-e", PROVIDER, str(port), redirect],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout
        for line in process.stdout:
            if line.strip() == "ready":
                break
        else:
            pytest.fail("the provider does not start")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield
    finally:
        process.kill()
        process.wait()


class Liar:
    """A provider that answers what a test wants."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.other_key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.nonce = ""
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.sign_with: RSAKey | None = None
        self.codes: list[dict[str, list[str]]] = []
        self.token: str | None = None
        self.configuration: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}

    def id_token(self) -> str:
        """Give an ID token, with whatever the test has put in."""
        if self.token is not None:
            return self.token
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "abc", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": self.nonce,
            "groups": ["beheer"], "amr": ["pwd"], **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "one", **self.header}
        return jwt.encode(header, claims, self.sign_with or self.key, algorithms=["RS256", "HS256", "none"])

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        """Answer a request as a provider does."""
        if path.endswith("openid-configuration"):
            description = {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/auth",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/jwks",
            }
            return 200, description | self.configuration
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo":
            return 200, self.userinfo
        self.codes.append(parse_qs(body))
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token()}


@contextmanager
def run_liar() -> Iterator[Liar]:
    """Run a provider that lies, on a port of loopback."""
    port = free_port()
    provider = Liar(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _answer(self, body: str) -> None:
            status, content = provider.answer(self.path, body)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()
