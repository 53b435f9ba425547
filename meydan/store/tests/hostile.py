"""Packages as an attacker sends them, by name: how each is made, and the reason that it must be refused with."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from meydan.store.packages import Reason
from meydan.store.tests import apks
from meydan.store.tests.apks import (
    File,
    Plan,
    Ref,
    Signer,
    Tag,
    make_apk,
    make_files,
    make_manifest,
    make_plan,
    make_signer,
)

Make = Callable[[], bytes]
MEGABYTE = 1024 * 1024
HEADER = 30  # of a local header


def zeros(megabytes: int) -> bytes:
    """Compressed zeros, for which nobody has to compress them all."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = compressor.compress(bytes(MEGABYTE)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + b"\x03\x00"


def with_files(*files: File) -> Make:
    return lambda: make_plan(None, *files).built()


def with_manifest(manifest: Tag | bytes) -> Make:
    return lambda: make_plan(manifest).built()


def with_name(name: str | bytes) -> Make:
    return with_files(File(name, b"x"))


def with_prefix(prefix: bytes) -> Make:
    return lambda: replace(make_plan(), prefix=prefix).built()


def replaced(name: str, file: File) -> Make:
    """An entry in place of another."""
    return lambda: replace(make_plan(), files=tuple(file if one.name == name else one for one in make_files())).built()


def many(count: int, told: int) -> bytes:
    """An archive of many empty entries whose end tells of another number."""
    contents, directory, _count = apks.zip_parts(File(f"res/{number}", method=0) for number in range(count))
    return contents + directory + apks.end_record(told, len(directory), len(contents))


def overlapping() -> bytes:
    """The second entry lies within the first, header and all."""
    inner, _directory, _count = apks.zip_parts([File("res/inner", b"inside", method=0)])
    files = make_files()
    before, _directory, _count = apks.zip_parts(files)
    at = len(before) + HEADER + len("res/outer")
    return replace(
        make_plan(), files=(*files, File("res/outer", inner, method=0), File("res/inner", b"inside", method=0, at=at))
    ).built()


def hidden_between() -> bytes:
    """An entry that the directory does not know."""
    files = make_files()
    contents, _directory, _count = apks.zip_parts([File("res/unknown", b"hidden" * 9), *files])
    shown, directory, count = apks.zip_parts(files)
    gap = len(contents) - len(shown)
    moved = _moved(directory, gap)
    return contents + moved + apks.end_record(count, len(moved), len(contents))


def _moved(directory: bytes, by: int) -> bytes:
    """A directory whose entries lie further back."""
    out, at = bytearray(directory), 0
    while at < len(out):
        (place,) = struct.unpack_from("<I", out, at + 42)
        struct.pack_into("<I", out, at + 42, place + by)
        at += 46 + struct.unpack_from("<H", out, at + 28)[0]
    return bytes(out)


def nested(depth: int) -> Tag:
    tag = Tag("inner")
    for _number in range(depth):
        tag = Tag("inner", {}, [tag])
    return make_manifest(children=[tag])


def broken(pattern: bytes, by: bytes, manifest: Tag | None = None) -> bytes:
    """A manifest in which the first of these bytes are others."""
    document = apks.binary_xml(manifest or make_manifest())
    assert pattern in document
    return document.replace(pattern, by, 1)


def no_size() -> bytes:
    """A manifest with an element that takes no place: a careless reader reads it for ever."""
    document = bytearray(apks.binary_xml(make_manifest()))
    at = document.index(struct.pack("<2H", 0x0102, 16))
    document[at + 4 : at + 8] = bytes(4)
    return bytes(document)


def changed_after_signing() -> bytes:
    package = bytearray(make_apk())
    package[HEADER + len("AndroidManifest.xml") + 4] ^= 1
    return bytes(package)


def wrong_signature() -> bytes:
    """The last byte of the signature is another."""
    package = bytearray(replace(make_plan(), v3=()).built())
    key = make_signer().public
    package[package.index(key, package.index(struct.pack("<I", apks.V2))) - 5] ^= 1
    return bytes(package)


def somebody_elses_certificate() -> bytes:
    thief = Signer(make_signer("thief").key, make_signer("victim").certificate)
    return replace(make_plan(), v2=(thief,), v3=()).built()


def weak() -> Signer:
    key = ec.generate_private_key(ec.SECP192R1())
    certificate = apks._certificate("weak", key).public_bytes(serialization.Encoding.DER)
    return Signer(key, certificate)


def unknown_algorithm() -> bytes:
    signer = replace(make_signer(), algorithms=(0x0425,))
    return replace(make_plan(), v2=(signer,), v3=()).built()


def wrong_block_size() -> bytes:
    package = make_apk()
    at = package.index(b"APK Sig Block 42") - 8
    return package[:at] + struct.pack("<Q", 2**40) + package[at + 8 :]


def other_block_size() -> bytes:
    """The size before the block is another than the one behind it."""
    package = bytearray(make_apk())
    at = package.index(b"APK Sig Block 42") - 8
    begin = at + 24 - struct.unpack_from("<Q", package, at)[0] - 8
    package[begin] ^= 1
    return bytes(package)


def two_v1_signers() -> bytes:
    files = apks.v1_files(make_signer("r", "rsa"), make_files())
    more = apks.v1_files(make_signer("s", "rsa"), (), "OTHER")[1:]
    return replace(make_plan(), files=(*files, *more)).built()


def circle() -> bytes:
    table = apks.resource_table([{("", 0): Ref(0x7F010000)}, apks.ICONS])
    return make_plan(table=table).built()


def fan() -> bytes:
    """Each of many resources means each of many others: 40 to the fifth in all."""
    languages = [f"{a}{b}" for a in "abcdefgh" for b in "abcde"]
    layers = [{(one, 0): Ref(0x7F010000 + number + 1) for one in languages} for number in range(5)]
    table = apks.resource_table([*layers, {(one, 0): "x" for one in languages}])
    return make_plan(table=table).built()


def zip64() -> bytes:
    package = make_apk()
    return package[:-22] + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def truncated() -> bytes:
    return make_apk()[:-40]


RTL, WIDE_DOTS, CYRILLIC_A = "\u202e", "\uff0e\uff0e", "\u0430"
STORED_64 = File("resources.arsc", bytes(64 * MEGABYTE + 1), method=0)

HOSTILE: dict[str, tuple[Make, Reason]] = {
    # bombs
    "a member of 1 GiB": (
        with_files(File("assets/x", packed=zeros(1024), size=1024 * MEGABYTE, crc=0)),
        Reason.BOMB,
    ),
    "a member that says 1 kB and is 1 GiB": (
        with_files(File("assets/x", packed=zeros(1024), size=1000, crc=0)),
        Reason.SIZE_LIES,
    ),
    "a hundred members of 15 MB": (
        lambda: make_plan(
            None, *(File(f"assets/{n}", packed=zeros(15), size=15 * MEGABYTE, crc=0) for n in range(100))
        ).built(),
        Reason.BOMB,
    ),
    "a manifest of 64 MB": (
        replaced("AndroidManifest.xml", File("AndroidManifest.xml", packed=zeros(64), size=64 * MEGABYTE, crc=0)),
        Reason.BOMB,
    ),
    "a manifest of 2 MB": (with_manifest(bytes(2 * MEGABYTE)), Reason.MANIFEST_TOO_LARGE),
    "resources of 64 MB": (replaced("resources.arsc", STORED_64), Reason.RESOURCES_TOO_LARGE),
    "entries that overlap": (overlapping, Reason.OVERLAPPING),
    "30,000 entries": (lambda: many(30_000, 30_000), Reason.TOO_MANY_ENTRIES),
    "3,000 entries of which 5 are told": (lambda: many(3_000, 5), Reason.TOO_MANY_ENTRIES),
    "5 entries of which 3,000 are told": (lambda: many(5, 3_000), Reason.DAMAGED),
    "a manifest 200 deep": (with_manifest(nested(200)), Reason.BAD_MANIFEST),
    "resources that fan out": (fan, Reason.BAD_RESOURCES),
    "resources in a circle": (circle, Reason.BAD_RESOURCES),
    # polyglots, and what is no package
    "a picture in front": (with_prefix(apks.picture()), Reason.NOT_A_PACKAGE),
    "a page in front": (with_prefix(b"<html><script>alert(1)</script>"), Reason.NOT_A_PACKAGE),
    "code in front (Janus)": (with_prefix(b"dex\n035\0" + bytes(100)), Reason.NOT_A_PACKAGE),
    "a document in front": (with_prefix(b"%PDF-1.7\n"), Reason.NOT_A_PACKAGE),
    "nothing": (lambda: b"", Reason.NOT_A_PACKAGE),
    "four bytes": (lambda: b"PK\3\4", Reason.NOT_A_PACKAGE),
    "a document behind": (lambda: make_apk() + b"%PDF-1.7\n%%EOF", Reason.TRAILING_DATA),
    "a comment": (lambda: replace(make_plan(), comment=b"<script>").built(), Reason.TRAILING_DATA),
    "a second package behind": (lambda: make_apk() + make_apk(version_code=9), Reason.DAMAGED),
    "cut short": (truncated, Reason.DAMAGED),
    "ZIP64": (zip64, Reason.TOO_MANY_ENTRIES),
    "an entry that the directory does not know": (hidden_between, Reason.HIDDEN_DATA),
    "bytes before the signing block": (
        lambda: replace(make_plan(), before_block=b"hidden").built(),
        Reason.HIDDEN_DATA,
    ),
    # names
    "two manifests": (with_files(File("AndroidManifest.xml", b"other")), Reason.DUPLICATE_NAME),
    "two codes": (with_files(File("classes.dex", b"dex\n035\0")), Reason.DUPLICATE_NAME),
    "a name that climbs": (with_name("../../evil"), Reason.ESCAPING_NAME),
    "a name from the root": (with_name("/etc/passwd"), Reason.ESCAPING_NAME),
    "a name for Windows": (with_name("res\\..\\evil"), Reason.ESCAPING_NAME),
    "a name with a drive": (with_name("C:/evil"), Reason.ESCAPING_NAME),
    "a name with a dot": (with_name("res/./icon.png"), Reason.ESCAPING_NAME),
    "a name with two slashes": (with_name("res//icon.png"), Reason.ESCAPING_NAME),
    "a name with wide dots": (with_name(f"{WIDE_DOTS}/evil"), Reason.ESCAPING_NAME),
    "a name with a zero": (with_name("res/a\0.png"), Reason.BAD_NAME),
    "a name that turns": (with_name(f"res/{RTL}gnp.exe"), Reason.BAD_NAME),
    "a name that is no text": (with_name(b"res/\xff\xfe"), Reason.BAD_NAME),
    "a name of 600 letters": (with_name("a" * 600), Reason.BAD_NAME),
    "a manifest in small letters": (with_name("androidmanifest.xml"), Reason.LOOKALIKE_NAME),
    "a manifest with a Cyrillic letter": (with_name(f"AndroidM{CYRILLIC_A}nifest.xml"), Reason.LOOKALIKE_NAME),
    "code with a space": (with_name("classes.dex "), Reason.LOOKALIKE_NAME),
    "signatures in small letters": (with_name("meta-inf/cert.rsa"), Reason.LOOKALIKE_NAME),
    "one name in two normal forms": (
        with_files(File("res/\u00e9"), File("res/e\u0301")),
        Reason.LOOKALIKE_NAME,
    ),
    # headers
    "an encrypted entry": (with_files(File("assets/x", b"x", flags=1)), Reason.ENCRYPTED),
    "a method of its own": (with_files(File("assets/x", b"x", method=99)), Reason.BAD_METHOD),
    "another name in the second header": (
        with_files(File("assets/x", b"x", local_name="assets/y")),
        Reason.TWO_HEADERS,
    ),
    "another size in the second header": (with_files(File("assets/x", b"x", local_size=9)), Reason.TWO_HEADERS),
    "a wrong checksum": (with_files(File("assets/x", b"x", crc=1)), Reason.SIZE_LIES),
    "a compressed entry that breaks off": (
        with_files(File("assets/x", b"x" * 99, packed=b"\x4b")),
        Reason.SIZE_LIES,
    ),
    # what it says of itself
    "no manifest": (lambda: apks.without(make_plan(), "AndroidManifest.xml").built(), Reason.NO_MANIFEST),
    "a manifest of text": (with_manifest(b"<manifest package='org.example'/>"), Reason.BAD_MANIFEST),
    "two applications": (
        with_manifest(make_manifest(children=[Tag("application")])),
        Reason.BAD_MANIFEST,
    ),
    "a piece of no size": (lambda: make_plan(no_size()).built(), Reason.BAD_MANIFEST),
    "a string that is not there": (
        lambda: make_plan(broken(struct.pack("<3H", 20, 20, 3), struct.pack("<3H", 20, 20, 255))).built(),
        Reason.BAD_MANIFEST,
    ),
    "resources that are none": (lambda: make_plan(table=b"nothing" * 30).built(), Reason.BAD_RESOURCES),
    "code that is none": (replaced("classes.dex", File("classes.dex", b"#!/bin/sh\n")), Reason.BAD_CODE),
    "an id with a Cyrillic letter": (
        lambda: make_apk(application_id=f"org.ex{CYRILLIC_A}mple"),
        Reason.BAD_APPLICATION_ID,
    ),
    "an id that climbs": (lambda: make_apk(application_id="../../org.example"), Reason.BAD_APPLICATION_ID),
    "an id of one word": (lambda: make_apk(application_id="buses"), Reason.BAD_APPLICATION_ID),
    "version zero": (lambda: make_apk(version_code=0), Reason.BAD_VERSION),
    "a version beyond 31 bits": (with_manifest(make_manifest(root={"versionCodeMajor": 1})), Reason.BAD_VERSION),
    "a name for people that turns": (lambda: make_apk(label=f"Bank{RTL}gpj"), Reason.BAD_TEXT),
    "a version of 5,000 letters": (lambda: make_apk(version_name="1" * 5000), Reason.BAD_TEXT),
    "a part of a package": (with_manifest(make_manifest(root={"-split": "config.ar"})), Reason.SPLIT),
    "for tests only": (with_manifest(make_manifest(application={"testOnly": True})), Reason.TEST_ONLY),
    # signatures
    "unsigned": (lambda: Plan(make_files()).built(), Reason.UNSIGNED),
    "signed by v1 only": (lambda: Plan(make_files(), v1=make_signer("r", "rsa")).built(), Reason.V1_ONLY),
    "two signers": (
        lambda: Plan(make_files(), v2=(make_signer(), make_signer("other"))).built(),
        Reason.SEVERAL_SIGNERS,
    ),
    "no signer in the block": (
        lambda: Plan(make_files(), more_pairs=((apks.V2, apks.prefixed(b"")),)).built(),
        Reason.BAD_SIGNING_BLOCK,
    ),
    "v2 of one and v3 of another": (
        lambda: Plan(make_files(), v2=(make_signer(),), v3=(make_signer("other"),)).built(),
        Reason.MIXED_SIGNERS,
    ),
    "v1 of one and v2 of another": (
        lambda: Plan(make_files(), v1=make_signer("r", "rsa"), v2=(make_signer(),)).built(),
        Reason.MIXED_SIGNERS,
    ),
    "two v1 signers": (two_v1_signers, Reason.SEVERAL_SIGNERS),
    "v3 taken out": (
        lambda: Plan(make_files(), v2=(make_signer(),), attributes=(struct.pack("<2I", 0xBEEFF00D, 3),)).built(),
        Reason.STRIPPED,
    ),
    "changed after it was signed": (changed_after_signing, Reason.CHANGED),
    "a wrong signature": (wrong_signature, Reason.BAD_SIGNATURE),
    "another's certificate": (somebody_elses_certificate, Reason.BAD_CERTIFICATE),
    "an algorithm that nobody knows": (unknown_algorithm, Reason.UNKNOWN_ALGORITHM),
    "a weak key": (lambda: Plan(make_files(), v2=(weak(),)).built(), Reason.WEAK_KEY),
    "a block larger than the file": (wrong_block_size, Reason.BAD_SIGNING_BLOCK),
    "a block of two sizes": (other_block_size, Reason.BAD_SIGNING_BLOCK),
    "v2 twice": (
        lambda: replace(make_plan(), more_pairs=((apks.V2, b""),)).built(),
        Reason.BAD_SIGNING_BLOCK,
    ),
}
