"""The signature itself: CMS as PAdES wants it (ETSI EN 319 142-1, level B-T), over a digest, with a time stamp
(RFC 3161) of the city's own clock."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from meydan.identity.papers.reading import Prepared
from meydan.identity.tokens.jose import PrivateKey

TIME_POLICY = "2.25.264115470273205116812270716416423915041"
"""Names the rules of the city's time stamps (docs/how-to/sign-papers.md): its own clock, as its log of facts has it. An
identifier of the kind that anybody may make (ITU-T X.667)."""


@dataclass(frozen=True)
class Keyed:
    """A key with its certificate."""

    key: PrivateKey
    certificate: x509.Certificate


class CityClock(TimeStamper):
    """Stamps time by the city's own clock, and asks nobody else."""

    def __init__(self, keyed: Keyed, root: x509.Certificate, at: datetime) -> None:
        super().__init__(include_nonce=False)
        self._signer, self._at = _signer(keyed, root), at

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """A token of now for what is asked."""
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": TIME_POLICY,
                "message_imprint": req["message_imprint"],
                "serial_number": secrets.randbits(64),
                "gen_time": self._at,
            }
        )
        content = cms.EncapsulatedContentInfo(
            {"content_type": "tst_info", "content": cms.ParsableOctetString(info.dump())}
        )
        token = await self._signer.async_sign_general_data(content, "sha256", detached=False, use_cades=True)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})


def _signer(keyed: Keyed, root: x509.Certificate) -> SimpleSigner:
    known = SimpleCertificateStore()
    known.register(_read(root))
    private = keyed.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(_read(keyed.certificate), keys.PrivateKeyInfo.load(private), known)


def _read(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def sign_prepared(prepared: Prepared, *, signer: Keyed, clock: Keyed, root: x509.Certificate, at: datetime) -> bytes:
    """The signed file."""
    made = _signer(signer, root).async_sign(
        prepared.digest, "sha256", use_pades=True, timestamper=CityClock(clock, root, at)
    )
    return prepared.filled(asyncio.run(made).dump())
