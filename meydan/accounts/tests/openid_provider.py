"""A small OpenID provider (OpenID Connect Core 1.0, code flow with PKCE), run as a process of its own by the tests.

`python -m meydan.accounts.tests.openid_provider` prints its address and serves on loopback until it is killed. Its one
user is signed in already and says yes to everything; what it checks is what a client can get wrong.
"""

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "meydan", "only for the tests"
USER = {"sub": "248289761001", "name": "Amina Provider", "email": "amina@provider.example", "email_verified": True}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CODES: dict[str, dict[str, str]] = {}
TOKENS: set[str] = set()


class Provider(BaseHTTPRequestHandler):
    """Discovery, authorize, token, userinfo, keys."""

    @property
    def issuer(self) -> str:
        assert isinstance(self.server, ThreadingHTTPServer)
        return f"http://127.0.0.1:{self.server.server_port}"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        routes = {
            "/.well-known/openid-configuration": self.discovery,
            "/authorize": lambda: self.authorize(dict(parse_qsl(address.query))),
            "/userinfo": self.userinfo,
            "/keys": self.keys,
        }
        routes.get(address.path, lambda: self.answer({"error": "not_found"}, 404))()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.token(dict(parse_qsl(body)))

    def discovery(self) -> None:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        self.answer(
            {
                "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ends.items()},
            }
        )

    def authorize(self, asked: dict[str, str]) -> None:
        known = asked.get("client_id") == CLIENT_ID and asked.get("code_challenge_method") == "S256"
        if not known or "openid" not in asked.get("scope", "").split():
            return self.answer({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe()
        CODES[code] = asked
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        return self.end_headers()

    def token(self, asked: dict[str, str]) -> None:
        given = CODES.pop(asked.get("code", ""), {})
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == given.get("code_challenge")
        same = asked.get("redirect_uri") == given.get("redirect_uri")
        if not (proved and same and asked.get("client_secret") == CLIENT_SECRET):
            return self.answer({"error": "invalid_grant"}, 400)
        moment = int(time.time())
        claims = {**USER, "iss": self.issuer, "aud": CLIENT_ID, "iat": moment, "exp": moment + 60}
        token = secrets.token_urlsafe()
        TOKENS.add(token)
        id_token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})
        return self.answer({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": id_token})

    def userinfo(self) -> None:
        known = self.headers.get("Authorization", "").removeprefix("Bearer ") in TOKENS
        self.answer(USER if known else {"error": "invalid_token"}, 200 if known else 401)

    def keys(self) -> None:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        self.answer({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]})

    def answer(self, data: object, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output stays clean."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
