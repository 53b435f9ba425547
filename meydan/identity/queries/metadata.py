"""What wallets read first: the issuer (OpenID4VCI 1.0, 12.2) and its authorisation server (RFC 8414)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from meydan.identity.models import RANKS
from meydan.identity.models.credentials import BATCH_SIZE, TX_CODE_DIGITS
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.models.signing_in import SCOPES
from meydan.identity.queries.cards import CONFIGURATION, claims_metadata, in_all_languages, vct
from meydan.identity.queries.keys import address, issuer
from meydan.identity.tokens.jose import ALGORITHM
from meydan.kernel.city import this_city
from meydan.kernel.i18n import LANGUAGES, text_of

AUTHORIZATION_CODE, PRE_AUTHORIZED = "authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code"
DETAILS_TYPE, DATASET = "openid_credential", "the-person"
"""What `authorization_details` are of, and the one set of data of a person by which a wallet that asked so names its
credential (OpenID4VCI 1.0, 6.2)."""
SERVER_PATH, CONNECT_PATH = "/id", "/id/connect"
AUTHENTICATIONS = {"secret": "client_secret_basic", "key": "private_key_jwt", "none": "none"}
"""How relying parties show that they are themselves, in the words of the standard."""


def authorization_server() -> str:
    """The issuer of wallets' tokens: apart from the city's other doors, which have their own."""
    return address(SERVER_PATH)


def issuer_metadata() -> dict[str, Any]:
    """`/.well-known/openid-credential-issuer`."""
    names = in_all_languages(_("Identity card of the city"))
    return {
        "credential_issuer": issuer(),
        "authorization_servers": [authorization_server()],
        "credential_endpoint": address("/id/credential"),
        "nonce_endpoint": address("/id/nonce"),
        "deferred_credential_endpoint": address("/id/deferred"),
        "notification_endpoint": address("/id/notification"),
        "batch_credential_issuance": {"batch_size": BATCH_SIZE},
        "display": [{"name": text_of(this_city().name, language), "locale": language} for language in names],
        "credential_configurations_supported": {
            CONFIGURATION: {
                "format": "dc+sd-jwt",
                "scope": CONFIGURATION,
                "vct": vct(),
                "cryptographic_binding_methods_supported": ["jwk"],
                "credential_signing_alg_values_supported": [ALGORITHM],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [ALGORITHM]}},
                "credential_metadata": {
                    "display": [{"name": name, "locale": language} for language, name in names.items()],
                    "claims": claims_metadata(named="name"),
                },
            }
        },
    }


def server_metadata() -> dict[str, Any]:
    """`/.well-known/oauth-authorization-server/id`."""
    return {
        "issuer": authorization_server(),
        "authorization_endpoint": address(f"{SERVER_PATH}/authorize"),
        "pushed_authorization_request_endpoint": address(f"{SERVER_PATH}/push"),
        "require_pushed_authorization_requests": True,
        "token_endpoint": address(f"{SERVER_PATH}/token"),
        "jwks_uri": address(f"{SERVER_PATH}/keys.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [AUTHORIZATION_CODE, PRE_AUTHORIZED, "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": [DETAILS_TYPE],
        "scopes_supported": [CONFIGURATION],
        "token_endpoint_auth_methods_supported": ["none"],
        "dpop_signing_alg_values_supported": [ALGORITHM],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def provider_metadata() -> dict[str, Any]:
    """`/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, 3)."""
    return {
        "issuer": issuer(),
        "authorization_endpoint": address(f"{CONNECT_PATH}/authorize"),
        "pushed_authorization_request_endpoint": address(f"{CONNECT_PATH}/par"),
        "token_endpoint": address(f"{CONNECT_PATH}/token"),
        "userinfo_endpoint": address(f"{CONNECT_PATH}/userinfo"),
        "revocation_endpoint": address(f"{CONNECT_PATH}/revoke"),
        "introspection_endpoint": address(f"{CONNECT_PATH}/introspect"),
        "end_session_endpoint": address(f"{CONNECT_PATH}/leave"),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "jwks_uri": address(f"{CONNECT_PATH}/keys.json"),
        "service_documentation": address(f"{CONNECT_PATH}/developers"),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "acr_values_supported": list(RANKS),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": list(AUTHENTICATIONS.values()),
        "token_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
        "dpop_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "claims_supported": ["sub", "acr", "amr", "auth_time", "sid", *CARD_CLAIMS, "email", "email_verified"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": list(LANGUAGES),
    }


def offer_document(code: str, issuer_state: str) -> dict[str, Any]:
    """A credential offer (OpenID4VCI 1.0, 4.1), to be taken up with digits or by signing in."""
    return {
        "credential_issuer": issuer(),
        "credential_configuration_ids": [CONFIGURATION],
        "grants": {
            PRE_AUTHORIZED: {
                "pre-authorized_code": code,
                "tx_code": {"input_mode": "numeric", "length": TX_CODE_DIGITS},
                "authorization_server": authorization_server(),
            },
            AUTHORIZATION_CODE: {"issuer_state": issuer_state, "authorization_server": authorization_server()},
        },
    }


def granted_details() -> list[dict[str, Any]]:
    """The `authorization_details` of a token response."""
    return [{"type": DETAILS_TYPE, "credential_configuration_id": CONFIGURATION, "credential_identifiers": [DATASET]}]
