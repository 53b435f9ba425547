"""Android packages made and signed by the tests: honest ones, and what a hostile one is made of.

Keys are made once for a run, of an elliptic curve where the kind of key does not matter: they cost nothing.
"""

import functools
import hashlib
import io
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from PIL import Image

ANDROID = {
    "label": 0x01010001,
    "icon": 0x01010002,
    "name": 0x01010003,
    "debuggable": 0x0101000F,
    "drawable": 0x01010199,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
    "maxSdkVersion": 0x01010271,
    "testOnly": 0x01010272,
    "required": 0x0101028E,
    "versionCodeMajor": 0x01010576,
}
NONE = 0xFFFFFFFF
V2, V3, PADDING = 0x7109871A, 0xF05368C0, 0x42726577
ECDSA_SHA256, RSA_SHA256, RSA_SHA512, PSS_SHA256 = 0x0201, 0x0103, 0x0104, 0x0101


@dataclass(frozen=True)
class Ref:
    """A reference to a resource."""

    number: int


Attribute = str | int | bool | Ref
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Tag:
    """An element of a manifest: attributes of Android by their name, others with a leading "-" ("-package")."""

    name: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: "list[Tag]" = field(default_factory=list)


def chunk(kind: int, header: bytes, body: bytes) -> bytes:
    return struct.pack("<2HI", kind, 8 + len(header), 8 + len(header) + len(body)) + header + body


def pool(strings: Sequence[str], *, utf8: bool = False) -> bytes:
    """A pool of strings."""
    data, offsets = b"", []
    for text in strings:
        offsets.append(len(data))
        data += _utf8(text) if utf8 else _utf16(text)
    data += b"\0" * (-len(data) % 4)
    start = 28 + 4 * len(offsets)
    header = struct.pack("<5I", len(strings), 0, 0x100 if utf8 else 0, start, 0)
    return chunk(0x0001, header, struct.pack(f"<{len(offsets)}I", *offsets) + data)


def _utf16(text: str) -> bytes:
    raw = text.encode("utf-16-le")
    length = len(raw) // 2
    size = struct.pack("<H", length) if length < 0x8000 else struct.pack("<2H", 0x8000 | length >> 16, length & 0xFFFF)
    return size + raw + b"\0\0"


def _utf8(text: str) -> bytes:
    raw = text.encode()
    return (
        b"".join(bytes([0x80 | n >> 8, n & 0xFF]) if n > 127 else bytes([n]) for n in (len(text), len(raw)))
        + raw
        + b"\0"
    )


def binary_xml(root: Tag, *, utf8: bool = False) -> bytes:
    """A document in Android's binary XML."""
    names = list(ANDROID)
    strings = names + sorted(_strings(root) - set(names))
    index = {text: number for number, text in enumerate(strings)}
    numbers = chunk(0x0180, b"", struct.pack(f"<{len(names)}I", *ANDROID.values()))
    return chunk(0x0003, b"", pool(strings, utf8=utf8) + numbers + _element(root, index))


def _strings(tag: Tag) -> set[str]:
    found = {tag.name, *(key.removeprefix("-") for key in tag.attributes)}
    found |= {value for value in tag.attributes.values() if isinstance(value, str)}
    return found.union(*(_strings(child) for child in tag.children))


def _element(tag: Tag, index: Mapping[str, int]) -> bytes:
    attributes = b"".join(_attribute(key, value, index) for key, value in tag.attributes.items())
    start = struct.pack("<2I6H", NONE, index[tag.name], 20, 20, len(tag.attributes), 0, 0, 0) + attributes
    line = struct.pack("<2I", 1, NONE)
    inner = b"".join(_element(child, index) for child in tag.children)
    return chunk(0x0102, line, start) + inner + chunk(0x0103, line, struct.pack("<2I", NONE, index[tag.name]))


def _attribute(key: str, value: Attribute, index: Mapping[str, int]) -> bytes:
    name = index[key.removeprefix("-")]
    if isinstance(value, str):
        return struct.pack("<3IH2BI", NONE, name, index[value], 8, 0, 0x03, index[value])
    kind, data = (0x01, value.number) if isinstance(value, Ref) else (0x12 if isinstance(value, bool) else 0x10, value)
    return struct.pack("<3IH2BI", NONE, name, NONE, 8, 0, kind, int(data) & NONE)


Values = Mapping[tuple[str, int], str | Ref]
"""Values of a resource by language and density."""


def resource_table(resources: Sequence[Values], *, utf8: bool = True) -> bytes:
    """A table of the package 0x7f with one type: resource n has the number 0x7f010000 + n."""
    strings = sorted({value for values in resources for value in values.values() if isinstance(value, str)})
    index = {text: number for number, text in enumerate(strings)}
    configs = sorted({config for values in resources for config in values})
    types = b"".join(_type(config, [values.get(config) for values in resources], index) for config in configs)
    spec = chunk(0x0202, struct.pack("<BBHI", 1, 0, 0, len(resources)), b"\0" * 4 * len(resources))
    names = pool(["string"]) + pool(["key"])
    header = struct.pack("<I", 0x7F) + "org.example".encode("utf-16-le").ljust(256, b"\0")
    header += struct.pack("<5I", 288, 1, 288 + len(pool(["string"])), 1, 0)
    return chunk(0x0002, struct.pack("<I", 1), pool(strings, utf8=utf8) + chunk(0x0200, header, names + spec + types))


def _type(config: tuple[str, int], values: Sequence[str | Ref | None], index: Mapping[str, int]) -> bytes:
    language, density = config
    offsets, entries = [], b""
    for value in values:
        offsets.append(NONE if value is None else len(entries))
        if value is not None:
            kind, data = (0x01, value.number) if isinstance(value, Ref) else (0x03, index[value])
            entries += struct.pack("<2HI", 8, 0, 0) + struct.pack("<H2BI", 8, 0, kind, data)
    parts = language.partition("-")
    locale = parts[0].encode().ljust(2, b"\0") + parts[2].encode().ljust(2, b"\0")
    told = struct.pack("<I2H", 64, 0, 0) + locale + struct.pack("<2BH", 0, 0, density)
    header = struct.pack("<2BH2I", 1, 0, 0, len(values), 20 + 64 + 4 * len(values)) + told.ljust(64, b"\0")
    return chunk(0x0201, header, struct.pack(f"<{len(offsets)}I", *offsets) + entries)


def dex(*classes: str, version: bytes = b"035") -> bytes:
    """Code that brings these classes ("com/example/Main") and does nothing."""
    names = [f"L{name};".encode() for name in classes]
    strings_at, count = 0x70, len(names)
    types_at = strings_at + 4 * count
    classes_at = types_at + 4 * count
    data_at = classes_at + 32 * count
    places, data = [], b""
    for name in names:
        places.append(data_at + len(data))
        data += bytes([len(name)]) + name + b"\0"
    tables = struct.pack("<8I", count, strings_at, count, types_at, 0, 0, 0, 0)
    header = b"dex\n" + version + b"\0" + bytes(0x30) + tables + bytes(8) + struct.pack("<2I", count, classes_at)
    body = struct.pack(f"<{count}I", *places) + struct.pack(f"<{count}I", *range(count))
    body += b"".join(struct.pack("<8I", number, 1, NONE, 0, NONE, 0, 0, 0) for number in range(count))
    return header.ljust(0x70, b"\0") + body + data


@dataclass(frozen=True)
class File:
    """An entry of a ZIP. What is given beyond name and body is written as it is, true or not."""

    name: str | bytes
    body: bytes = b""
    method: int = 8
    flags: int = 0
    size: int | None = None
    crc: int | None = None
    local_name: str | bytes | None = None
    local_size: int | None = None
    at: int | None = None
    packed: bytes | None = None


def raw(name: str | bytes) -> bytes:
    return name.encode() if isinstance(name, str) else name


def zip_parts(files: Iterable[File]) -> tuple[bytes, bytes, int]:
    """The entries, the directory, and how many there are."""
    out, directory, count = io.BytesIO(), io.BytesIO(), 0
    for file in files:
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = file.packed
        if packed is None:
            packed = compressor.compress(file.body) + compressor.flush() if file.method == 8 else file.body
        size = len(file.body) if file.size is None else file.size
        crc = zlib.crc32(file.body) if file.crc is None else file.crc
        at = out.tell() if file.at is None else file.at
        name = raw(file.name)
        told = struct.pack("<4H3I", file.flags, file.method, 0, 0x5021, crc, len(packed), size)
        directory.write(b"PK\1\2" + struct.pack("<2H", 20, 20) + told)
        directory.write(struct.pack("<5H2I", len(name), 0, 0, 0, 0, 0, at) + name)
        if file.at is None:
            local = raw(file.name if file.local_name is None else file.local_name)
            said = size if file.local_size is None else file.local_size
            told = struct.pack("<4H3I", file.flags, file.method, 0, 0x5021, crc, len(packed), said)
            out.write(b"PK\3\4" + struct.pack("<H", 20) + told + struct.pack("<2H", len(local), 0) + local + packed)
        count += 1
    return out.getvalue(), directory.getvalue(), count


def end_record(count: int, size: int, at: int, comment: bytes = b"") -> bytes:
    return b"PK\5\6" + struct.pack("<4H2IH", 0, 0, count, count, size, at, len(comment)) + comment


def prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def prefixed_all(pieces: Iterable[bytes]) -> bytes:
    return prefixed(b"".join(prefixed(piece) for piece in pieces))


@dataclass(frozen=True)
class Signer:
    """A key with its certificate. `certificate` may be another's: a package that says it is of somebody else."""

    key: Key
    certificate: bytes
    algorithms: tuple[int, ...] = (ECDSA_SHA256,)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.certificate).hexdigest()

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, algorithm: int, data: bytes) -> bytes:
        chosen = hashes.SHA512() if algorithm == RSA_SHA512 else hashes.SHA256()
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
            return self.key.sign(data, pss if algorithm == PSS_SHA256 else padding.PKCS1v15(), chosen)
        return self.key.sign(data, ec.ECDSA(chosen))


@functools.cache
def make_signer(name: str = "developer", kind: str = "ec") -> Signer:
    """The signer of this name, the same in the whole run."""
    key: Key = ec.generate_private_key(ec.SECP256R1())
    algorithms: tuple[int, ...] = (ECDSA_SHA256,)
    if kind.startswith("rsa"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:] or 2048))
        algorithms = (RSA_SHA256,)
    return Signer(key, _certificate(name, key).public_bytes(serialization.Encoding.DER), algorithms)


def _certificate(name: str, key: Key) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(begin).not_valid_after(begin + timedelta(days=9999))
    return builder.sign(key, hashes.SHA256())


def content_digest(contents: bytes, directory: bytes, end: bytes, name: str = "sha256") -> bytes:
    """The digest that v2 and v3 sign."""
    digests = []
    for part in (contents, directory, end):
        for at in range(0, len(part), 1024 * 1024):
            piece = part[at : at + 1024 * 1024]
            digests.append(hashlib.new(name, b"\xa5" + struct.pack("<I", len(piece)) + piece).digest())
    return hashlib.new(name, b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests)).digest()


def signer_block(
    signer: Signer, parts: tuple[bytes, bytes, bytes], *, v3: bool = False, attributes: Sequence[bytes] = ()
) -> bytes:
    """What one signer says, in v2 or v3."""
    digests = [
        struct.pack("<I", one) + prefixed(content_digest(*parts, "sha512" if one == RSA_SHA512 else "sha256"))
        for one in signer.algorithms
    ]
    sdks = struct.pack("<2I", 24, 0x7FFFFFFF) if v3 else b""
    signed = prefixed_all(digests) + prefixed_all([signer.certificate]) + sdks + prefixed_all(attributes)
    signatures = [struct.pack("<I", one) + prefixed(signer.sign(one, signed)) for one in signer.algorithms]
    return prefixed(signed) + sdks + prefixed_all(signatures) + prefixed(signer.public)


def signing_block(pairs: Iterable[tuple[int, bytes]]) -> bytes:
    """The block between the entries and the directory."""
    body = b"".join(struct.pack("<QI", 4 + len(value), number) + value for number, value in pairs)
    size = struct.pack("<Q", len(body) + 24)
    return size + body + size + b"APK Sig Block 42"


def v1_files(signer: Signer, files: Sequence[File], name: str = "CERT") -> list[File]:
    """The JAR signature of the files."""
    certificate = x509.load_der_x509_certificate(signer.certificate)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"Signature-Version: 1.0\r\nX-Android-APK-Signed: 2\r\n\r\n")
    builder = builder.add_signer(certificate, signer.key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes, pkcs7.PKCS7Options.Binary]
    return [
        *files,
        File("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\n\r\n"),
        File(f"META-INF/{name}.SF", b"Signature-Version: 1.0\r\n\r\n"),
        File(f"META-INF/{name}.RSA", builder.sign(serialization.Encoding.DER, options)),
    ]


@dataclass(frozen=True)
class Plan:
    """How a package is put together; every part can be replaced by a wrong one."""

    files: tuple[File, ...]
    v2: tuple[Signer, ...] = ()
    v3: tuple[Signer, ...] = ()
    v1: Signer | None = None
    attributes: tuple[bytes, ...] = ()
    more_pairs: tuple[tuple[int, bytes], ...] = ()
    prefix: bytes = b""
    comment: bytes = b""
    suffix: bytes = b""
    before_block: bytes = b""

    def built(self) -> bytes:
        """The package's bytes, signed over what it is."""
        files = v1_files(self.v1, self.files) if self.v1 else list(self.files)
        contents, directory, count = zip_parts(files)
        contents = self.prefix + contents + self.before_block
        end = end_record(count, len(directory), len(contents), self.comment)
        block = self._block((contents, directory, end))
        placed = end[:16] + struct.pack("<I", len(contents) + len(block)) + end[20:]
        return contents + block + directory + placed + self.suffix

    def _block(self, parts: tuple[bytes, bytes, bytes]) -> bytes:
        pairs = []
        if self.v2:
            said = [signer_block(one, parts, attributes=self.attributes) for one in self.v2]
            pairs.append((V2, prefixed_all(said)))
        if self.v3:
            pairs.append((V3, prefixed_all([signer_block(one, parts, v3=True) for one in self.v3])))
        pairs += self.more_pairs
        return signing_block(pairs) if pairs else b""


def picture(side: int = 96, kind: str = "PNG") -> bytes:
    """An icon."""
    out = io.BytesIO()
    Image.new("RGBA", (side, side), (0, 120, 90, 255)).save(out, kind)
    return out.getvalue()


LABELS: Values = {
    ("", 0): "City buses",
    ("ar", 0): "حافلات المدينة",
    ("fa", 0): "اتوبوس‌های شهر",
    ("pt-BR", 0): "Ônibus",
}
ICONS: Values = {("", 160): "res/icon.png", ("", 480): "res/icon-large.png"}


def make_manifest(
    *,
    application_id: str = "org.example.buses",
    version_code: int = 7,
    version_name: Attribute = "1.7",
    label: Attribute = Ref(0x7F010000),
    root: Mapping[str, Attribute] | None = None,
    application: Mapping[str, Attribute] | None = None,
    children: Sequence[Tag] = (),
) -> Tag:
    """A manifest with all that an honest one has."""
    return Tag(
        "manifest",
        {"versionCode": version_code, "versionName": version_name, "-package": application_id, **(root or {})},
        [
            Tag("uses-sdk", {"minSdkVersion": 24, "targetSdkVersion": 34}),
            Tag("uses-permission", {"name": "android.permission.INTERNET"}),
            Tag("uses-permission", {"name": "android.permission.BLUETOOTH", "maxSdkVersion": 30}),
            Tag("uses-feature", {"name": "android.hardware.camera"}),
            Tag("uses-feature", {"name": "android.hardware.nfc", "required": False}),
            *children,
            Tag("application", {"label": label, "icon": Ref(0x7F010001), **(application or {})}),
        ],
    )


def make_files(manifest: Tag | bytes | None = None, *more: File, table: bytes | None = None) -> tuple[File, ...]:
    """The entries of an honest package."""
    document = manifest if isinstance(manifest, bytes) else binary_xml(manifest or make_manifest())
    return (
        File("AndroidManifest.xml", document),
        File("classes.dex", dex("org/example/buses/Main")),
        File("resources.arsc", resource_table([LABELS, ICONS]) if table is None else table, method=0),
        File("res/icon.png", picture(48), method=0),
        File("res/icon-large.png", picture(144), method=0),
        File("lib/arm64-v8a/libbuses.so", b"\x7fELF" + b"\0" * 200),
        *more,
    )


def make_plan(manifest: Tag | bytes | None = None, *more: File, table: bytes | None = None) -> Plan:
    """An honest package, signed by v2 and v3."""
    return Plan(make_files(manifest, *more, table=table), v2=(make_signer(),), v3=(make_signer(),))


def make_apk(**manifest: Attribute) -> bytes:
    """An honest package; what `make_manifest` takes."""
    return make_plan(make_manifest(**manifest)).built()  # type: ignore[arg-type]  # each has its own type there


def without(plan: Plan, name: str) -> Plan:
    """The plan without one entry."""
    return replace(plan, files=tuple(file for file in plan.files if file.name != name))
