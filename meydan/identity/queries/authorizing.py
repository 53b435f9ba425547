"""What a wallet asks for when its holder is to let it in (OpenID4VCI 1.0, 5; RFC 9126, RFC 9396), and where it leads.

Wallets are public clients that nobody registers: any may ask, so that a person chooses their wallet, and not the city.
What follows from that:

- `client_id` binds a request, its code and its redemption together. It is nobody's name: whoever likes can write it,
  and no page shows it. The person is shown where the code goes.
- `redirect_uri` is an https address, a program's own on loopback, or an app's private scheme with a dot in it: those
  stand for a name that somebody holds (RFC 8252, 7 and 8.4). So no code ends in a script, or at everybody's scheme.
- Each request is pushed (RFC 9126), which HAIP 1.0 asks for: what is wrong with it is told to the wallet, and a link
  that somebody wrote opens no page.
- PKCE with S256 always, so that an app that catches another's code can do nothing with it; with DPoP the code is bound
  to the key besides. There is no attestation of wallets: the city knows no one who attests them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import LOOPBACK
from meydan.identity.models.credentials import MAX_CLIENT
from meydan.identity.models.presenting import MAX_REDIRECT
from meydan.identity.queries.cards import CONFIGURATION
from meydan.identity.queries.keys import issuer
from meydan.identity.queries.metadata import DETAILS_TYPE, authorization_server
from meydan.identity.queries.proofs import Dpop
from meydan.identity.queries.pushing import MOST_REQUEST, WALLETS, Kept, keep_request, open_request
from meydan.identity.queries.wallets import is_live, offer_by_state
from meydan.identity.tokens.faults import Broken, Fault
from meydan.identity.tokens.jose import from_b64url, read_json
from meydan.kernel.errors import Invalid

MOST_STATE, MOST_DETAILS = 500, 5
CHALLENGE_BYTES = 32
TAKEN = (
    *("client_id", "redirect_uri", "response_type", "response_mode", "code_challenge", "code_challenge_method"),
    *("scope", "authorization_details", "state", "issuer_state", "resource", "dpop_jkt", "request", "request_uri"),
)
"""What is read of a request; the rest is passed over (RFC 6749, 3.1)."""


@dataclass(frozen=True)
class WalletAsk:
    """A wallet's request in order. `identified`: it asks by `authorization_details`; `issuer_state`: of the offer that
    it began with, "" where it began by itself; `jkt`: the key that its code is bound to."""

    client: str
    redirect: str
    state: str
    challenge: str
    jkt: str
    issuer_state: str
    identified: bool

    @property
    def leads_to(self) -> str:
        """Where the code goes, as a person is told: a host, or the private scheme of an app."""
        return leads_to(self.redirect)

    @property
    def to_app(self) -> bool:
        """Whether that is such a scheme."""
        return urlsplit(self.redirect).scheme not in ("http", "https")

    def answered(self, **said: str) -> str:
        """Where the browser is led with this answer, and who gives it (RFC 9207)."""
        given = {**said, **({"state": self.state} if self.state else {}), "iss": authorization_server()}
        return f"{self.redirect}{'&' if '?' in self.redirect else '?'}{urlencode(given)}"


def leads_to(redirect: str) -> str:
    """The host or the scheme of an address that `is_way_back` let through."""
    parts = urlsplit(redirect)
    return parts.hostname or parts.scheme


def is_way_back(address: str) -> bool:
    """Whether a code may be sent there: see above."""
    if not 1 <= len(address) <= MAX_REDIRECT or not address.isascii() or not address.isprintable():
        return False
    if set(address) & {" ", "#", "\\"}:
        return False
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname) and "@" not in parts.netloc
    if parts.scheme == "http":
        return parts.hostname in LOOPBACK and "@" not in parts.netloc
    return "." in parts.scheme


def keep_ask(form: Mapping[str, str], dpop: Dpop | None) -> str:
    """The `request_uri` of a wallet's request. Raises `Fault` with the codes of RFC 6749 (4.1.2.1), RFC 8707, RFC 9101,
    RFC 9396 and RFC 9449."""
    said = {name: form[name] for name in TAKEN if name in form}
    if dpop and said.setdefault("dpop_jkt", dpop.jkt) != dpop.jkt:
        raise Fault("invalid_dpop_proof", "The DPoP proof is by another key than dpop_jkt says.")
    query = urlencode(said)
    if len(query) > MOST_REQUEST:
        raise Fault("invalid_request", f"A request has at most {MOST_REQUEST} letters.")
    if (state := read_ask(said).issuer_state) and not is_live(offer_by_state(state)):
        raise Fault("invalid_request", "The offer of this issuer_state is unknown, used or expired.")
    return keep_request(query, door=WALLETS)


def open_ask(uri: str, client: str) -> tuple[Kept, WalletAsk]:
    """A request that a browser comes with. Raises `Invalid`, with what to do: nobody is led anywhere."""
    kept = open_request(uri, door=WALLETS)
    if kept is None:
        raise Invalid(
            _("Your wallet's request is not known here, or has run out. Go back to your wallet and begin again.")
        )
    ask = read_ask(dict(parse_qsl(kept.query, keep_blank_values=True)))
    if ask.client != client:
        raise Invalid(_("This request is another wallet's. Go back to your wallet and begin again."))
    return kept, ask


def read_ask(said: Mapping[str, str]) -> WalletAsk:
    """A request, checked. Raises `Fault`."""
    if "request" in said:
        raise Fault("request_not_supported", "Send the parameters themselves.")
    if "request_uri" in said:
        raise Fault("invalid_request", "A pushed request names no other.")
    client, redirect = said.get("client_id", ""), said.get("redirect_uri", "")
    if not 1 <= len(client) <= MAX_CLIENT or not client.isascii() or not client.isprintable():
        raise Fault("invalid_request", f"client_id has 1 to {MAX_CLIENT} letters of ASCII.")
    if not is_way_back(redirect):
        raise Fault("invalid_request", "redirect_uri is https, http on loopback, or an app's scheme with a dot in it.")
    _check_kind(said)
    return WalletAsk(
        client=client,
        redirect=redirect,
        state=_bounded(said, "state"),
        challenge=_challenge_of(said),
        jkt=_jkt_of(said),
        issuer_state=_bounded(said, "issuer_state"),
        identified=_is_identified(said),
    )


def _check_kind(said: Mapping[str, str]) -> None:
    if said.get("response_type") != "code":
        raise Fault("unsupported_response_type" if "response_type" in said else "invalid_request", "Ask for code.")
    if said.get("response_mode", "query") != "query":
        raise Fault("invalid_request", "response_mode is query.")
    if said.get("resource", issuer()) != issuer():
        raise Fault("invalid_target", f"The resource is {issuer()}.")


def _bounded(said: Mapping[str, str], name: str) -> str:
    if len(said.get(name, "")) > MOST_STATE:
        raise Fault("invalid_request", f"{name} has at most {MOST_STATE} letters.")
    return said.get(name, "")


def _challenge_of(said: Mapping[str, str]) -> str:
    """RFC 7636, 4.3; `plain`, which is also what is meant without a method, hides nothing."""
    challenge = said.get("code_challenge", "")
    if said.get("code_challenge_method") != "S256" or not _is_digest(challenge):
        raise Fault("invalid_request", "Send code_challenge, and S256 as code_challenge_method.")
    return challenge


def _jkt_of(said: Mapping[str, str]) -> str:
    """RFC 9449, 10."""
    jkt = said.get("dpop_jkt", "")
    if jkt and not _is_digest(jkt):
        raise Fault("invalid_request", "dpop_jkt is the thumbprint of a key.")
    return jkt


def _is_digest(text: str) -> bool:
    try:
        return len(from_b64url(text)) == CHALLENGE_BYTES
    except Broken:
        return False


def _is_identified(said: Mapping[str, str]) -> bool:
    """Whether the credential is asked for by `authorization_details` (OpenID4VCI 1.0, 5.1.1), else by `scope`."""
    if "authorization_details" not in said:
        if CONFIGURATION not in said.get("scope", "").split():
            raise Fault("invalid_scope", f"Ask for {CONFIGURATION}, by scope or by authorization_details.")
        return False
    try:
        details = read_json(said["authorization_details"])
    except Broken:
        details = None
    if not isinstance(details, list) or not 1 <= len(details) <= MOST_DETAILS or not all(map(_is_ours, details)):
        raise Fault("invalid_authorization_details", f"There is {DETAILS_TYPE} of {CONFIGURATION} alone.")
    return True


def _is_ours(detail: Any) -> bool:
    if not isinstance(detail, dict) or detail.get("type") != DETAILS_TYPE:
        return False
    locations = detail.get("locations", [issuer()])
    return detail.get("credential_configuration_id") == CONFIGURATION and locations == [issuer()]
