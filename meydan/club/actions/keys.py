"""The keys that sign credentials: made by themselves, locked away in the database, so that every machine has them."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from meydan.club.facts import SigningKeyMade
from meydan.club.models import SigningKey
from meydan.club.policies import may_count
from meydan.club.queries.keys import find_signing_key, public_jwk, thumbprint
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.kernel.vault import lock_away

BITS = 2048


def keep_signing_key(actor: Actor) -> None:
    """See to it that there is a key to sign with."""
    if find_signing_key() is None:
        make_signing_key(actor)


@action(policy=may_count)
def make_signing_key(actor: Actor) -> SigningKey:
    """A new key, which signs from now on. The older ones stay published: what they have signed still verifies."""
    pair = new_pair()
    jwk = public_jwk(pair.public_key())
    name = thumbprint(jwk)
    pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = SigningKey.objects.create(pk=name, public={**jwk, "kid": name}, private=lock_away(pem), made_at=now())
    record(SigningKeyMade(subject=f"key:{name}"))
    return key


def new_pair() -> RSAPrivateKey:
    """A fresh pair of keys."""
    return generate_private_key(public_exponent=65537, key_size=BITS)
