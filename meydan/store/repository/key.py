"""The repository's key, and the JAR signature that F-Droid's clients ask for.

A client looks for exactly one signer with one certificate, and compares the certificate with the fingerprint in the
repository's address. The certificate is signed by nobody else and never changes: a new one would be a new repository.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from meydan.store.repository.jar import Packed, zipped

BITS, YEARS = 4096, 50
LINE = 70  # bytes of a line in a JAR's manifest


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, common_name: str, *, bits: int = BITS) -> "SigningKey":
        """A new key with a certificate of its own. Making one takes seconds."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365 * YEARS))
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    @classmethod
    def load(cls, pem: bytes) -> "SigningKey":
        """The key that `pem()` wrote; ValueError when it is none."""
        key = serialization.load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
        if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("not an RSA key with its certificate")
        return cls(key, certificate)

    def pem(self) -> bytes:
        """Key and certificate, to be kept secret: whoever has it can publish in the city's name."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private + self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, upper case hex, as F-Droid's addresses carry it."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest().upper()

    def signed_jar(self, name: str, content: Packed, digest: str = "SHA-256") -> bytes:
        """A JAR with one signed file. `digest`: as the content was hashed; F-Droid's index v1 knows "SHA1" only. What
        is signed with the key is a SHA-256 in both."""
        manifest = _lines({"Manifest-Version": "1.0", "Created-By": "Meydan"})
        section = _lines({"Name": name, f"{digest}-Digest": _encoded(content.digest())})
        whole = _encoded(Packed.of([manifest, section], digest).digest())
        signature = _lines({"Signature-Version": "1.0", f"{digest}-Digest-Manifest": whole})
        signature += _lines({"Name": name, f"{digest}-Digest": _encoded(Packed.of([section], digest).digest())})
        return zipped(
            (
                ("META-INF/MANIFEST.MF", Packed.of([manifest, section])),
                ("META-INF/MEYDAN.SF", Packed.of([signature])),
                ("META-INF/MEYDAN.RSA", Packed.of([self._sign(signature)])),
                (name, content),
            )
        )

    def _sign(self, content: bytes) -> bytes:
        builder = (
            pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(self.certificate, self.key, hashes.SHA256())
        )
        options = (
            pkcs7.PKCS7Options.DetachedSignature,
            pkcs7.PKCS7Options.NoAttributes,
            pkcs7.PKCS7Options.Binary,
        )
        return builder.sign(serialization.Encoding.DER, options)


def _encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _lines(attributes: dict[str, str]) -> bytes:
    """One section of a JAR's manifest: lines that are too long go on behind a space; an empty line ends it."""
    out = b""
    for name, value in attributes.items():
        line = f"{name}: {value}".encode()
        pieces = [line[at : at + LINE - 1] for at in range(0, len(line), LINE - 1)]
        out += b"\r\n ".join(pieces) + b"\r\n"
    return out + b"\r\n"
