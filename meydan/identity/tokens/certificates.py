"""X.509 certificates of the city: a root that signs itself, and under it one leaf for each key that signs something."""

import hashlib
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from meydan.identity.tokens.jose import PrivateKey, b64url

ROOT_LIVES, LEAF_LIVES = timedelta(days=3650), timedelta(days=730)
MAX_NAME = 64
"""Letters of a common name (X.520)."""
PERSONAL_LIVES = timedelta(hours=1)
"""A personal certificate signs one paper, and ends long before anybody could have it revoked."""
SIGNS_DOCUMENTS = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336."""
SHORT_LIVED = x509.UnrecognizedExtension(ObjectIdentifier("0.4.0.194121.2.1"), b"\x05\x00")
"""That nothing is to be asked about its revocation (ETSI EN 319 412-1, 5.2, validity-assured short-term)."""


def make_root(key: PrivateKey, *, name: str, at: datetime) -> x509.Certificate:
    """The city's own root: it may sign leaves and nothing else."""
    subject = _named(name)
    draft = _draft(subject, subject, key, at, ROOT_LIVES)
    draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return draft.add_extension(_usage(ca=True), critical=True).sign(key, SHA256())


def make_leaf(
    key: PrivateKey, *, name: str, address: str, root: x509.Certificate, root_key: PrivateKey, at: datetime
) -> x509.Certificate:
    """For a key that signs credentials or requests; `address` is the URI that it stands for."""
    draft = _draft(_named(name), root.subject, key, at, LEAF_LIVES)
    draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    draft = draft.add_extension(_usage(), critical=True)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(address)])
    return draft.add_extension(names, critical=False).sign(root_key, SHA256())


def make_personal(
    key: PrivateKey, *, name: str, paper: str, root: x509.Certificate, root_key: PrivateKey, at: datetime
) -> x509.Certificate:
    """For the one signature of a person on one paper. `name`: theirs, or "" where they show none; `paper` is the
    address at which the paper can be checked."""
    said = (NameOID.COMMON_NAME, name[:MAX_NAME]) if name else (NameOID.PSEUDONYM, paper.rpartition("/")[2])
    draft = _draft(x509.Name([x509.NameAttribute(*said)]), root.subject, key, at, PERSONAL_LIVES)
    draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    draft = draft.add_extension(_usage(commits=True), critical=True)
    draft = draft.add_extension(x509.ExtendedKeyUsage([SIGNS_DOCUMENTS]), critical=False)
    draft = draft.add_extension(SHORT_LIVED, critical=False)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(paper)])
    return draft.add_extension(names, critical=False).sign(root_key, SHA256())


def make_clock(
    key: PrivateKey, *, name: str, root: x509.Certificate, root_key: PrivateKey, at: datetime
) -> x509.Certificate:
    """For a key that stamps time (RFC 3161, 2.3: for nothing else)."""
    draft = _draft(_named(name), root.subject, key, at, LEAF_LIVES)
    draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    draft = draft.add_extension(_usage(), critical=True)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return draft.add_extension(usage, critical=True).sign(root_key, SHA256())


def to_der(certificate: x509.Certificate) -> bytes:
    """As `x5c` carries it."""
    return certificate.public_bytes(Encoding.DER)


def x509_hash(der: bytes) -> str:
    """A verifier's name by its certificate (OpenID4VP 1.0, 5.9.3)."""
    return "x509_hash:" + b64url(hashlib.sha256(der).digest())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:MAX_NAME] or "Meydan")])


def _draft(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, at: datetime, lives: timedelta
) -> x509.CertificateBuilder:
    draft = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    draft = draft.serial_number(x509.random_serial_number())
    return draft.not_valid_before(at - timedelta(minutes=5)).not_valid_after(at + lives)


def _usage(*, ca: bool = False, commits: bool = False) -> x509.KeyUsage:
    """`commits`: what it signs binds a person (ETSI EN 319 412-2, 4.3.2, type A)."""
    return x509.KeyUsage(
        digital_signature=not (ca or commits),
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
