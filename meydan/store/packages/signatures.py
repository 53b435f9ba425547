"""Who signed a package: APK Signature Scheme v2 and v3, checked by ourselves.

Written after the schemes' descriptions at source.android.com/docs/security/features/apksigning. Stricter than Android:
one signer only, every signature must hold and not just the strongest, no key rotation, nothing twice, nothing unread.
A v1 signature alone is refused: it leaves room for code in front of the archive (Janus, CVE-2017-13156).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from meydan.store.packages.archive import Archive
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.source import Scanner, Source

MAGIC = b"APK Sig Block 42"
MAX_BLOCK = 4 * 1024 * 1024
V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
SCHEMES = {V2: "v2", V3: "v3", V31: "v3.1"}
IN_V2_STRIPPED = 0xBEEFF00D  # an attribute of v2: the number of the stronger scheme that must be there too
IN_V3_ROTATED = (0x3BA06F8C, 0x559F8B02, 0xC2A6B3BA)  # attributes of v3: the key changed, on which Android
CHUNK = 1024 * 1024
MIN_RSA_BITS, MIN_EC_BITS = 1024, 224
SIGNATURE_FILES = (".RSA", ".DSA", ".EC")
MAX_SIGNATURE_FILE = 256 * 1024

Hash = hashes.SHA256 | hashes.SHA512


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How a digest was signed: the kind of key, the hash, and the padding of RSA."""

    key: str
    hash: Callable[[], Hash]
    pss: bool = False

    @property
    def digest(self) -> str:
        return self.hash().name


ALGORITHMS = {
    0x0101: Algorithm("rsa", hashes.SHA256, pss=True),
    0x0102: Algorithm("rsa", hashes.SHA512, pss=True),
    0x0103: Algorithm("rsa", hashes.SHA256),
    0x0104: Algorithm("rsa", hashes.SHA512),
    0x0201: Algorithm("ec", hashes.SHA256),
    0x0202: Algorithm("ec", hashes.SHA512),
    0x0301: Algorithm("dsa", hashes.SHA256),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """The certificate (DER) that all of a package's signatures agree on, and the schemes that it is signed by."""

    certificate: bytes
    schemes: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.certificate).hexdigest()


def verify(archive: Archive) -> Signed:
    """Who signed the archive as it is; Refused when it is not exactly one, or does not hold."""
    old = _v1_certificates(archive)
    pairs, begin = _signing_block(archive)
    found = {SCHEMES[number]: value for number, value in pairs.items() if number in SCHEMES}
    if not found:
        raise Refused(Reason.V1_ONLY if old is not None else Reason.UNSIGNED)
    digests = _Digests(archive, begin)
    certificates = {_verify_scheme(scheme, value, digests, found) for scheme, value in found.items()}
    if len(certificates) > 1 or (old is not None and certificates != {old}):
        raise Refused(Reason.MIXED_SIGNERS)
    schemes = (*(("v1",) if old is not None else ()), *sorted(found))
    return Signed(certificates.pop(), schemes)


def _signing_block(archive: Archive) -> tuple[dict[int, Scanner], int]:
    """The block's values by their numbers, and where it begins; empty when there is none."""
    source, end = archive.source, archive.directory_at
    footer = source.read(end - 24, 24) if end - archive.contents_end >= 32 else b""
    if footer[8:] != MAGIC:
        if end > archive.contents_end and any(
            source.read(archive.contents_end, min(CHUNK, end - archive.contents_end))
        ):
            raise Refused(Reason.BAD_SIGNING_BLOCK, "something else is in its place")
        return {}, end
    size = int.from_bytes(footer[:8], "little")
    begin = end - size - 8
    if size > MAX_BLOCK or begin < archive.contents_end or source.read(begin, 8) != footer[:8]:
        raise Refused(Reason.BAD_SIGNING_BLOCK, "its two sizes")
    if begin - archive.contents_end > CHUNK or any(source.read(archive.contents_end, begin - archive.contents_end)):
        raise Refused(Reason.HIDDEN_DATA, "before the signing block")
    return _read_pairs(Scanner(source.read(begin + 8, size - 24), Reason.BAD_SIGNING_BLOCK)), begin


def _read_pairs(scanner: Scanner) -> dict[int, Scanner]:
    pairs: dict[int, Scanner] = {}
    while scanner.left:
        (length,) = scanner.numbers("Q")
        (number,) = scanner.numbers("I")
        if number in pairs:
            raise Refused(Reason.BAD_SIGNING_BLOCK, f"0x{number:08x} twice")
        pairs[number] = Scanner(scanner.take(length - 4), Reason.BAD_SIGNING_BLOCK)
    return pairs


class _Digests:
    """The content's digests, each reckoned when it is first asked for: over everything but the signing block."""

    def __init__(self, archive: Archive, block_at: int) -> None:
        self._archive = archive
        self._block_at = block_at
        self._known: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._known:
            self._known[name] = self._reckon(name)
        return self._known[name]

    def _reckon(self, name: str) -> bytes:
        archive = self._archive
        source = archive.source
        end = source.read(source.size - 22, 22)
        end = end[:16] + self._block_at.to_bytes(4, "little") + end[20:]  # as if there were no block
        chunks = _digests_of(name, source, 0, self._block_at)
        chunks += _digests_of(name, source, archive.directory_at, archive.directory_at + archive.directory_size)
        chunks.append(_digest_of(name, end))
        return hashlib.new(name, b"\x5a" + len(chunks).to_bytes(4, "little") + b"".join(chunks)).digest()


def _digests_of(name: str, source: Source, begin: int, end: int) -> list[bytes]:
    return [_digest_of(name, source.read(at, min(CHUNK, end - at))) for at in range(begin, end, CHUNK)]


def _digest_of(name: str, chunk: bytes) -> bytes:
    digest = hashlib.new(name, b"\xa5" + len(chunk).to_bytes(4, "little"))
    digest.update(chunk)
    return digest.digest()


def _verify_scheme(scheme: str, value: Scanner, digests: _Digests, found: dict[str, Scanner]) -> bytes:
    """The certificate of the scheme's one signer, when all it says holds."""
    signers = value.prefixed().pieces()
    if value.left:
        raise Refused(Reason.BAD_SIGNING_BLOCK, scheme)
    if len(signers) != 1:
        raise Refused(Reason.SEVERAL_SIGNERS if signers else Reason.BAD_SIGNING_BLOCK, scheme)
    signer = signers[0]
    signed = signer.take(signer.u32())
    sdks = signer.numbers("2I") if scheme != "v2" else ()
    signatures = [(piece.u32(), bytes(piece.prefixed().data)) for piece in signer.prefixed().pieces()]
    key = bytes(signer.prefixed().data)
    if signer.left or not signatures or len(signatures) > len(ALGORITHMS):
        raise Refused(Reason.BAD_SIGNING_BLOCK, scheme)
    for number, signature in signatures:
        _check_signature(key, _algorithm(number), signature, bytes(signed))
    certificate, said = _read_signed(scheme, Scanner(signed, Reason.BAD_SIGNING_BLOCK), sdks, found)
    if _public_key(certificate) != key:
        raise Refused(Reason.BAD_CERTIFICATE, "of another key")
    _check_digests(said, [number for number, _signature in signatures], digests)
    return certificate


def _read_signed(
    scheme: str, signed: Scanner, sdks: tuple[int, ...], found: dict[str, Scanner]
) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The certificate and the digests of what was signed."""
    said = [(piece.u32(), bytes(piece.prefixed().data)) for piece in signed.prefixed().pieces()]
    certificates = [bytes(piece.data) for piece in signed.prefixed().pieces()]
    if scheme != "v2" and signed.numbers("2I") != sdks:
        raise Refused(Reason.BAD_SIGNING_BLOCK, "two ranges of Android")
    for piece in signed.prefixed().pieces():
        _check_attribute(scheme, piece, found)
    if any(signed.take(signed.left)) or not certificates:  # Android's own signer leaves an empty length at the end
        raise Refused(Reason.BAD_SIGNING_BLOCK, scheme)
    return certificates[0], said


def _check_attribute(scheme: str, attribute: Scanner, found: dict[str, Scanner]) -> None:
    number = attribute.u32()
    if scheme == "v2" and number == IN_V2_STRIPPED and f"v{attribute.u32()}" not in found:
        raise Refused(Reason.STRIPPED)
    if scheme != "v2" and number in IN_V3_ROTATED:
        raise Refused(Reason.SEVERAL_SIGNERS, "the key was changed")


def _algorithm(number: int) -> Algorithm:
    if number not in ALGORITHMS:
        raise Refused(Reason.UNKNOWN_ALGORITHM, f"0x{number:04x}")
    return ALGORITHMS[number]


def _check_digests(said: list[tuple[int, bytes]], signed_by: list[int], digests: _Digests) -> None:
    """Each signature's digest is there, in the same order, and is the content's."""
    if [number for number, _digest in said] != signed_by:
        raise Refused(Reason.BAD_SIGNING_BLOCK, "other digests than signatures")
    for number, digest in said:
        if digests[ALGORITHMS[number].digest] != digest:
            raise Refused(Reason.CHANGED)


def _public_key(certificate: bytes) -> bytes:
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        return parsed.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused(Reason.BAD_CERTIFICATE) from None


def _check_signature(public: bytes, algorithm: Algorithm, signature: bytes, signed: bytes) -> None:
    try:
        key = serialization.load_der_public_key(public)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused(Reason.BAD_SIGNATURE, "no public key") from None
    try:
        _verify_with(key, algorithm, signature, signed)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        raise Refused(Reason.BAD_SIGNATURE) from None


def _verify_with(key: object, algorithm: Algorithm, signature: bytes, signed: bytes) -> None:
    chosen = algorithm.hash()
    if isinstance(key, rsa.RSAPublicKey) and algorithm.key == "rsa":
        _check_bits(key.key_size, MIN_RSA_BITS)
        pss = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        key.verify(signature, signed, pss if algorithm.pss else padding.PKCS1v15(), chosen)
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.key == "ec":
        _check_bits(key.key_size, MIN_EC_BITS)
        key.verify(signature, signed, ec.ECDSA(chosen))
    elif isinstance(key, dsa.DSAPublicKey) and algorithm.key == "dsa":
        _check_bits(key.key_size, MIN_RSA_BITS)
        key.verify(signature, signed, chosen)
    else:
        raise Refused(Reason.BAD_SIGNATURE, "a key of another kind")


def _check_bits(bits: int, least: int) -> None:
    if bits < least:
        raise Refused(Reason.WEAK_KEY, f"{bits} bits")


def _v1_certificates(archive: Archive) -> bytes | None:
    """The certificate of the JAR signature that older Androids look at; None without one."""
    names = [name for name in archive.entries if _is_signature_file(name)]
    if not names:
        return None
    if len(names) > 1:
        raise Refused(Reason.SEVERAL_SIGNERS, ", ".join(sorted(names)))
    data = archive.read(names[0], MAX_SIGNATURE_FILE, Reason.BAD_CERTIFICATE)
    try:
        certificates = pkcs7.load_der_pkcs7_certificates(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused(Reason.BAD_CERTIFICATE, names[0]) from None
    if len(certificates) != 1:
        raise Refused(Reason.MIXED_SIGNERS, names[0])
    return certificates[0].public_bytes(serialization.Encoding.DER)


def _is_signature_file(name: str) -> bool:
    folder, _slash, file = name.partition("/")
    return folder == "META-INF" and "/" not in file and file.upper().endswith(SIGNATURE_FILES)
