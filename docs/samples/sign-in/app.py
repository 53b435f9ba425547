"""A relying party, whole and small: people sign in here with the account that they have at their city.

    python -m pip install flask authlib requests
    CITY=https://city.example CLIENT_ID=library CLIENT_SECRET=... SECRET_KEY=... flask --app app run --port 5000

The city's administrator registers `http://127.0.0.1:5000/back` as where people are led back to,
`http://127.0.0.1:5000/` as where they are led after they have signed out, and `http://127.0.0.1:5000/signed-out` as
where this program is told that somebody has signed out at the city.
"""

import json
import os
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
city = OAuth(app).register(
    "city",
    server_metadata_url=f"{os.environ['CITY']}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile offline_access", "code_challenge_method": "S256"},
)
tokens: dict[str, dict] = {}  # by sub; a real program keeps them in its database,
ended: set[str] = set()  # and these too, for as long as its sessions last
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def asking(level: str) -> str:
    """The level is essential: below it the city answers unmet_authentication_requirements."""
    return json.dumps({"id_token": {"acr": {"essential": True, "values": [level]}}})


@app.get("/")
def home() -> dict:
    """Who is here: nobody whose sign-in the city has ended."""
    if session.get("sid") in ended:
        session.clear()
    return {"person": session.get("person")}


@app.get("/sign-in")
def sign_in() -> Response:
    """To the city. Authlib makes state, nonce and the PKCE verifier, and remembers them."""
    return city.authorize_redirect(url_for("back", _external=True))


@app.get("/step-up")
def step_up() -> Response:
    """The same, for what is worth more care: whom the city has checked, proven within the last minute."""
    return city.authorize_redirect(url_for("back", _external=True), claims=asking("light"), max_age=60)


@app.get("/back")
def back() -> Response | tuple[dict, int]:
    """From the city, with a code or with the reason why there is none. Authlib checks state, nonce and signature."""
    if "error" in request.args:
        return {"error": request.args["error"]}, 403
    token = city.authorize_access_token()
    said = token["userinfo"]  # of the ID token
    session["person"] = {"sub": said["sub"], "acr": said["acr"], "auth_time": said["auth_time"]}
    session["hint"], session["sid"] = token["id_token"], said["sid"]
    tokens[said["sub"]] = token
    return redirect(url_for("home"))


@app.get("/me")
def me() -> dict:
    """What the person lets us know of them."""
    return city.userinfo(token=tokens[session["person"]["sub"]])


@app.post("/renew")
def renew() -> dict:
    """New tokens, while the person may be away. Each refresh token counts once: keep the new one."""
    sub = session["person"]["sub"]
    metadata = city.load_server_metadata()
    with city._get_oauth_client(**metadata) as client:
        tokens[sub] = client.refresh_token(metadata["token_endpoint"], refresh_token=tokens[sub]["refresh_token"])
    return {"renewed": True}


@app.post("/sign-out")
def sign_out() -> Response:
    """Here at once, our tokens at the city too, and then the city asks whether to sign out there as well."""
    metadata = city.load_server_metadata()
    token, hint = tokens.pop(session["person"]["sub"]), session["hint"]
    with city._get_oauth_client(**metadata) as client:
        client.revoke_token(metadata["revocation_endpoint"], token=token["refresh_token"])
    session.clear()
    said = {"id_token_hint": hint, "post_logout_redirect_uri": url_for("home", _external=True)}
    return redirect(f"{metadata['end_session_endpoint']}?{urlencode(said)}")


@app.post("/signed-out")
def signed_out() -> tuple[dict, int]:
    """From the city itself, without the browser: a sign-in has ended (OpenID Connect Back-Channel Logout 1.0, 2.6)."""
    try:
        found = jwt.decode(
            request.form["logout_token"], KeySet.import_key_set(city.fetch_jwk_set()), algorithms=["ES256"]
        )
        issuer = city.load_server_metadata()["issuer"]
        must = {"iss": issuer, "aud": city.client_id, "events": {EVENT: {}}}
        jwt.JWTClaimsRegistry(
            **{name: {"essential": True, "value": value} for name, value in must.items()},
            **{name: {"essential": True} for name in ("exp", "iat", "jti", "sid")},
        ).validate(found.claims)
    except (JoseError, ValueError):
        return {"error": "invalid_request"}, 400
    if found.header.get("typ") != "logout+jwt" or "nonce" in found.claims:
        return {"error": "invalid_request"}, 400
    ended.add(found.claims["sid"])
    return {}, 200
