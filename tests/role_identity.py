"""Who gets which answer at the addresses of identity: a part of `tests/role_table.py`, and to be read as that is."""

import json

IDENTITY_TABLE = """
# identity
/id/                                        GET    login 200   200   200   200   200   200   200   200   200
/id/show                                    GET    login 302   302   302   302   302   302   302   302   302
/id/secure                                  GET    login 200   200   200   200   200   200   200   200   200
/id/apply                                   GET    login 302   302   302   302   302   302   302   302   302
/id/apply                                   POST   401   302   302   302   302   302   302   302   302   302
/id/freeze                                  POST   401   404   404   404   404   404   404   404   404   302
/id/moved                                   POST   401   404   404   404   404   404   404   404   404   404
/id/moved/none                              GET    404
/id/thaw                                    GET    login 404   404   404   404   404   404   404   404   302
/id/code                                    POST   401   302   302   302   302   302   302   302   302   302
/id/paper                                   GET    login 302   302   302   302   302   302   302   302   302
/id/paper                                   POST   401   302   302   302   302   302   302   302   302   302
/id/paper/none                              GET    301
/id/sign                                    GET    login 302   302   302   302   302   302   302   302   302
/id/sign                                    POST   401   302   302   302   302   302   302   302   302   302
/id/sign/{nobody}                           GET    login 302   302   302   302   302   302   302   302   302
/id/sign/{nobody}/sign                      POST   401   302   302   302   302   302   302   302   302   302
/id/sign/{nobody}/drop                      POST   404
/id/sign/{nobody}/file                      GET    login 302   302   302   302   302   302   302   302   302
/id/sign/{nobody}/disown                    GET    login 302   302   302   302   302   302   302   302   302
/verify/papers                              GET    200
/verify/papers                              POST   422
/verify/papers/none                         GET    404
/id/face                                    GET    login 302   302   302   302   302   302   302   302   302
/id/face                                    POST   401   302   302   302   302   302   302   302   302   302
/id/face/errors                             GET    200
/id/desk                                    GET    login 403   403   403   403   403   403   403   403   403
/id/desk/{nobody}                           GET    login 302   302   302   302   302   302   302   302   302
/id/desk/{nobody}                           POST   401   302   302   302   302   302   302   302   302   302
/id/counter                                 GET    login 302   302   302   302   302   302   302   302   302
/id/counter                                 POST   401   302   302   302   302   302   302   302   302   302
/api/identity/challenge                     POST   401   404   404   404   404   404   404   404   404   404
/api/identity/challenge                     GET    405
/api/identity/lock                          GET    401   200   200   200   200   200   200   200   200   200
/api/identity/lock                          POST   401   422   422   422   422   422   422   422   422   422

# identity: credentials and counters
/.well-known/openid-credential-issuer       GET    200
/.well-known/oauth-authorization-server/id  GET    200
/.well-known/jwt-vc-issuer                  GET    200
/id/keys.json                               GET    200
/id/root.pem                                GET    200
/id/credentials/person                      GET    200
/statuslists/1                              GET    200
/statuslists/99                             GET    404
/id/offers/none                             GET    404
/id/push                                    POST   400
/id/authorize                               GET    422
/id/authorize?{letting_in}                  GET    login 302   302   302   302   302   302   302   302   302
/id/authorize?{letting_in}                  POST   302
/id/token                                   POST   400
/id/nonce                                   POST   200
/id/nonce                                   GET    405
/id/credential                              POST   401
/id/deferred                                POST   401
/id/notification                            POST   401
/verify/requests/none                       GET    404
/verify/answers/{nobody}                    POST   400
/id/wallet                                  GET    login 200   200   200   200   200   200   200   200   200
/id/wallet/offer                            POST   401   302   302   302   302   302   302   302   302   302
/id/wallet/{wallet}/end                     GET    login 404   404   404   404   404   404   404   404   200
/id/consents                                GET    login 200   200   200   200   200   200   200   200   200
/id/consents/{sign_in_party}                GET    login 404   404   404   404   404   404   404   404   200
/id/consents/{sign_in_party}                POST   401   404   404   404   404   404   404   404   404   302
/id/consents/{sign_in_party}/delete         GET    login 404   404   404   404   404   404   404   404   200
/id/consents/{sign_in_party}/delete         POST   401   404   404   404   404   404   404   404   404   409
/id/consents/{sign_in_party}/report         GET    login 404   404   404   404   404   404   404   404   200
/id/consents/{sign_in_party}/report         POST   401   404   404   404   404   404   404   404   404   302
/id/present                                 GET    200
/verify/                                    GET    login 200   200   200   200   200   200   200   200   200
/verify/                                    POST   401   404   404   404   302   404   404   404   404   404
/verify/offline                             GET    200
/verify/counter/{counter}                   GET    302
/verify/counter/none                        GET    404
/verify/asks/{ask}                          GET    login 404   404   404   200   404   404   404   404   404
/verify/asks/{ask}.json                     GET    login 404   404   404   200   404   404   404   404   404
/verify/asks/{ask}/again                    POST   401   404   404   404   302   404   404   404   404   404
/verify/wishes                              GET    login 200   200   200   200   200   200   200   200   200
/verify/wishes/{wish}                       POST   401   404   404   404   302   404   404   404   302   404
/verify/parties                             GET    login 403   403   403   403   403   403   403   200   403
/verify/parties/new                         GET    login 403   403   403   403   403   403   403   200   403
/verify/parties/new                         POST   401   403   403   403   403   403   403   403   302   403
/verify/parties/{party}                     GET    login 403   403   403   403   403   403   403   200   403
/verify/parties/{party}                     POST   401   403   403   403   403   403   403   403   302   403
/verify/parties/{party}/clerks              POST   401   403   403   403   403   403   403   403   302   403
/verify/parties/{party}/link                POST   401   403   403   403   403   403   403   403   200   403
/verify/parties/{party}/sign-in             GET    login 403   403   403   403   403   403   403   200   403
/verify/parties/{party}/sign-in             POST   401   403   403   403   403   403   403   403   302   403
/verify/parties/{party}/secret              POST   401   403   403   403   403   403   403   403   200   403

# identity: signing in elsewhere
/.well-known/openid-configuration           GET    200
/id/connect/keys.json                       GET    200
/id/connect/developers                      GET    200
/id/connect/authorize?{sign_in}             GET    302
/id/connect/authorize?{signing_in}          GET    login 200   200   200   200   200   200   200   200   200
/id/connect/authorize?{signing_in}          POST   303
/id/connect/par                             POST   400
/id/connect/token                           POST   400
/id/connect/token                           GET    405
/id/connect/userinfo                        GET    401
/id/connect/revoke                          POST   400
/id/connect/introspect                      POST   400
/id/connect/leave                           GET    302   200   200   200   200   200   200   200   200   200
/id/connect/leave                           POST   303
"""

PASSKEY_SAID = {
    **dict.fromkeys(("id", "rawId"), "AA"),
    "type": "public-key",
    "response": dict.fromkeys(("clientDataJSON", "authenticatorData", "signature"), "AA"),
}
IDENTITY_BODIES: dict[str, dict[str, str] | str] = {
    "POST /id/consents/{sign_in_party}/report": {"words": "They asked for my address."},
    "POST /verify/wishes/{wish}": {"answer": "deleted"},
    "POST /verify/": {"party": "{party}", "mode": "age"},
    "POST /verify/parties/new": {
        "code": "school",
        "name": "School",
        "purpose": "Accounts",
        "claims": "sex",
        "per_day": "9",
    },
    "POST /verify/parties/{party}": {"name": "Hotel", "purpose": "Guests", "claims": "sex", "per_day": "9"},
    "POST /verify/parties/{party}/clerks": {"username": "moderator", "may": "true"},
    "POST /verify/parties/{party}/sign-in": {"redirects": "https://hotel.example/back"},
    "POST /api/identity/challenge": "{}",
    "POST /api/identity/lock": json.dumps({"credential": PASSKEY_SAID}),
}
