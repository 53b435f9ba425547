"""The city's keys: made by themselves when the first is needed, renewed before their certificates end, locked away."""

from datetime import datetime, timedelta

from cryptography import x509

from meydan.identity.facts import IssuerKeyMade
from meydan.identity.models import IssuerKey, RelyingParty
from meydan.identity.policies import may_issue
from meydan.identity.queries.keys import address, find_issuer_key, private_key
from meydan.identity.tokens.certificates import LEAF_LIVES, ROOT_LIVES, make_clock, make_leaf, make_root, to_der
from meydan.identity.tokens.jose import Jwk, PrivateKey, new_key, to_pem
from meydan.kernel.action import action
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.city import this_city
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.kernel.i18n import text_of
from meydan.kernel.vault import lock_away

RENEW_BEFORE = timedelta(days=60)
"""Longer than a credential lives: none outlives the certificate that it was signed under."""


def keep_issuer_key(use: str, party: RelyingParty | None = None) -> IssuerKey:
    """The key that signs now; a new one where there is none, or where its certificate ends soon."""
    key = find_issuer_key(use, party)
    if key is None or key.until - now() < RENEW_BEFORE:
        key = make_issuer_key(SYSTEM, use=use, party=party)
    return key


@action(policy=may_issue)
def make_issuer_key(actor: Actor, *, use: str, party: RelyingParty | None = None) -> IssuerKey:
    """A fresh P-256 key with its certificate, under the city's root, which is made first where there is none."""
    at, pair = now(), new_key()
    if use == "root":
        certificate = make_root(pair, name=f"{text_of(this_city().name, 'en')} Meydan", at=at)
        return _keep(use, pair, certificate, at + ROOT_LIVES, at)
    root = keep_issuer_key("root")
    above = x509.load_der_x509_certificate(bytes(root.certificate))
    name = party.name if party else text_of(this_city().name, "en")
    if use == "clock":
        certificate = make_clock(pair, name=f"{name} time", root=above, root_key=private_key(root), at=at)
    else:
        path = f"/verify/parties/{party.code}" if party else "/id"
        certificate = make_leaf(pair, name=name, address=address(path), root=above, root_key=private_key(root), at=at)
    return _keep(use, pair, certificate, at + LEAF_LIVES, at, party)


def _keep(
    use: str,
    pair: PrivateKey,
    certificate: x509.Certificate,
    until: datetime,
    at: datetime,
    party: RelyingParty | None = None,
) -> IssuerKey:
    jwk = Jwk.of(pair.public_key())
    key = IssuerKey.objects.create(
        pk=jwk.thumbprint,
        use=use,
        party=party,
        public=jwk.json,
        private=lock_away(to_pem(pair)),
        certificate=to_der(certificate),
        made_at=at,
        until=until,
    )
    record(IssuerKeyMade(subject=f"key:{key.pk}", use=use))
    return key
