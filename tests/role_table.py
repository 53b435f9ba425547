"""Who gets which answer where. Read it as the city's promise: what is not for you is 403 where you may know that it
exists, 404 where you may not; `login` sends a visitor to sign in and back; `again` asks for the password once more.

`officer` works for the department that has the reports of the scene, `other` for another one; `reporter` is the citizen
who sent them, `user` is any other citizen. Names in braces are made by `tests/role_scene.py`. One answer in a line is
everybody's. 422 after a POST says: you may, and the form asks for more. `/health` says 503 for want of a worker.
"""

from tests.role_identity import IDENTITY_BODIES, IDENTITY_TABLE

ROLES = (
    *("visitor", "user", "developer", "moderator", "officer"),
    *("other", "operator", "auditor", "admin", "reporter"),
)

TABLE = """
PATH                                        METHOD visit user  devel moder offic other opera audit admin repor
/                                           GET    200
/                                           POST   405
/search?q=hole                              GET    200
/language                                   POST   302
/offline                                    GET    200
/outbox                                     GET    200
/outbox.json                                GET    200
/manifest.webmanifest                       GET    200
/sw.js                                      GET    200
/dev/look                                   GET    200
/health                                     GET    503
/api/openapi.json                           GET    200

# messenger
/.well-known/matrix/client                  GET    200
/chat/                                      GET    login 200   200   200   200   200   200   200   200   200
/chat/more.json                             GET    200
/chat/join/abcdefghijklmnop                 GET    login 302   302   302   302   302   302   302   302   302
/chat/code.svg?path=/chat/                  GET    login 200   200   200   200   200   200   200   200   200
/chat/code.svg?path=https://x.example/      GET    login 422   422   422   422   422   422   422   422   422
/api/messenger/device                       POST   401   200   200   200   200   200   200   200   200   200
/api/messenger/device                       GET    405
/api/messenger/device/end                   POST   401   404   404   404   404   404   404   404   404   404
/api/messenger/device/end                   GET    405
/chat/words/seal.json                       GET    200
/chat/words/none.json                       GET    404
/chat/let-in                                GET    422
/chat/let-in?redirectUrl=https://app.example GET   login 200   200   200   200   200   200   200   200   200
/chat/let-in?redirectUrl=https://app.example POST  login 302   302   302   302   302   302   302   302   302
/me/messenger                               GET    login 200   200   200   200   200   200   200   200   200
/me/messenger                               POST   401   302   302   302   302   302   302   302   302   302


# sealed days
/seals/                                     GET    200
/seals/key.json                             GET    200
/seals/heads.txt                            GET    200
/seals/{sealed}.json                        GET    200
/seals/{sealed}.leaves                      GET    200
/seals/2026-01-01.json                      GET    404

# reports
/reports/                                   GET    200
/reports/new                                GET    200
/reports/new                                POST   302
/reports/mine                               GET    200
/reports/work                               GET    login 403   403   200   200   200   200   200   200   403
/reports/work/change?verb=accept&number={public} GET login 403 403 403   200   200   200   403   200   403
/reports/work/change                        POST   401   403   403   403   302   302   302   403   302   403
/reports/work/changes/{change}              GET    login 403   403   404   200   404   404   404   404   403
/reports/work/changes/{change}/undo         POST   404   404   404   404   302   404   404   404   404   404
/reports/round                              GET    login 403   403   403   200   200   403   403   403   403
/reports/calls                              GET    login 403   403   403   403   403   200   403   403   403
/reports/calls                              POST   401   403   403   403   403   403   200   403   403   403
/reports/ringback                           GET    login 403   403   403   403   403   200   403   403   403
/reports/ringback/{called}                  GET    login 403   403   403   403   403   200   403   403   403
/reports/ringback/{called}                  POST   401   403   403   403   403   403   302   403   403   403
/reports/overdue                            GET    200
/reports/figures                            GET    200
/reports/figures?period=decade              GET    422
/reports/satisfaction                       GET    login 403   403   200   200   200   200   200   200   403
/reports/rules                              GET    login 403   403   403   403   403   403   403   200   403
/reports/rules/new                          GET    login 403   403   403   403   403   403   403   200   403
/reports/rules/new                          POST   401   403   403   403   403   403   403   403   302   403
/reports/rules/{rule}                       GET    login 403   403   403   403   403   403   403   200   403
/reports/rules/{rule}/remove                GET    login 403   403   403   403   403   403   403   200   403
/reports/rules/{rule}/remove                POST   401   403   403   403   403   403   403   403   302   403
/reports/teams                              GET    login 403   403   403   403   403   403   403   200   403
/reports/teams/new                          GET    login 403   403   403   403   403   403   403   200   403
/reports/teams/{team}                       GET    login 403   403   403   403   403   403   403   200   403
/reports/teams/{team}                       POST   401   403   403   403   403   403   403   403   302   403
/reports/replies                            GET    login 403   403   403   403   403   403   403   200   403
/reports/replies/new                        GET    login 403   403   403   403   403   403   403   200   403
/reports/replies/new                        POST   401   403   403   403   403   403   403   403   302   403
/reports/replies/{reply}                    GET    login 403   403   403   403   403   403   403   200   403
/reports/replies/{reply}                    POST   401   403   403   403   403   403   403   403   302   403
/reports/categories                         GET    login 403   403   403   403   403   403   403   200   403
/reports/categories/new                     GET    login 403   403   403   403   403   403   403   200   403
/reports/categories/pothole                 GET    login 403   403   403   403   403   403   403   200   403
/reports/categories/pothole                 POST   401   403   403   403   403   403   403   403   302   403
/reports/authorities                        GET    login 403   403   403   403   403   403   403   200   403
/reports/authorities/new                    GET    login 403   403   403   403   403   403   403   200   403
/reports/authorities/new                    POST   401   403   403   403   403   403   403   403   302   403
/reports/authorities/waterworks             GET    login 403   403   403   403   403   403   403   200   403
/reports/letters                            GET    login 403   403   200   403   403   200   403   200   403
/reports/letters/{refused}                  GET    login 403   403   200   403   403   200   403   200   403
/reports/letters/0                          GET    login 403   403   404   403   403   404   403   404   403
/reports/feed.atom                          GET    200
/reports/{letter_report}/complete           GET    404   404   404   403   404   404   403   403   403   404
/reports/{public}/complete                  GET    login  403   403   403   403   403   403   403   403   409
/reports/{forwarded}/forwards/{forward}/recall POST 404  404   404   403   302   404   403   403   403   404
/reports/{forwarded}/forwards/{forward}/again  POST 404  404   404   403   409   404   403   403   403   404
/reports/{public}/do/forward                POST   401   403   403   403   302   403   403   403   403   403
/reports/map                                GET    200
/reports/map.json                           GET    200
/reports/districts.json                     GET    200
/reports/questions?category=pothole         GET    200
/reports/near?lat=33.59&lon=-7.61           GET    200
/reports/photos/draft/{draft}               GET    200
/reports/photos/{photo}/thumb               GET    200
/reports/photos/{hidden_photo}/thumb        GET    404   404   404   200   200   404   200   200   200   200
/reports/photos                             GET    login 403   403   200   200   200   200   403   403   403
/reports/photos/{marked_photo}              GET    404   404   404   200   200   404   200   403   403   200
/reports/photos/{marked_photo}              POST   404   404   404   302   302   404   302   403   403   302
/reports/photos/{marked_photo}/full         GET    404   404   404   200   200   404   200   200   200   200
/reports/photos/{marked_photo}/original     POST   404   404   404   200   200   404   200   403   403   403
/reports/photos/{marked_photo}/keep         POST   404   404   404   302   302   404   302   403   403   403
/reports/photos/{photo}/original            POST   401   403   403   200   200   403   200   403   403   403
/reports/photos/{photo}/original            GET    405
/reports/photos/{photo}/check               POST   401   403   403   302   302   403   302   403   403   403
/reports/{public}                           GET    200
/reports/{public}                           POST   405
/reports/{private}                          GET    404   404   404   200   200   404   200   200   200   200
/reports/{public}?key=wrong                 GET    404
/reports/{public}/contact                   POST   403   403   403   403   200   403   200   403   403   200
/reports/{private}/contact                  POST   404   404   404   403   200   404   200   403   403   200
/reports/{public}/contact                   GET    405
/reports/{public}/support                   POST   302   302   302   302   302   302   302   302   302   403
/reports/{private}/support                  POST   404   404   404   403   403   404   403   403   403   403
/reports/{public}/do/accept                 POST   401   403   403   403   302   403   403   403   403   403
/reports/{private}/do/accept                POST   404   404   404   403   302   404   403   403   403   403
/reports/{public}/do/accept                 GET    405
/reports/{public}/do/ask                    POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/solve                  POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/decline                POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/move                   POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/note                   POST   401   403   403   403   302   403   302   403   403   403
/reports/{public}/do/assign                 POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/message                POST   401   403   403   403   302   403   403   403   403   302
/reports/{public}/do/merge                  POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/split                  POST   401   403   403   403   302   403   403   403   403   403
/reports/{public}/do/separate               POST   401   403   403   403   409   403   403   403   403   403
/reports/{public}/do/photo                  POST   401   403   403   403   302   403   403   403   403   302
/reports/{public}/do/hide                   POST   401   403   403   302   302   403   403   403   403   403
/reports/{public}/do/show                   POST   401   403   403   409   409   403   403   403   403   403
/reports/{public}/do/withdraw               POST   401   403   403   403   403   403   403   403   403   302
/reports/{asked}/do/answer                  POST   401   403   403   403   403   403   403   403   403   302
/reports/{solved}/do/confirm                POST   401   403   403   403   403   403   403   403   403   302
/reports/{solved}/do/reopen                 POST   401   403   403   403   403   403   403   403   403   302
/reports/{public}/do/repick                 POST   401   403   403   403   403   403   403   403   403   302
/reports/{public}/do/nothing                POST   404
/reports/{solved}/witness                   POST   401   302   403   403   403   403   403   403   403   403
/reports/{solved}/unfollow                  POST   401   302   404   404   404   404   404   404   404   404
/api/reports                                GET    200
/api/reports                                POST   201
/api/reports                                DELETE 405
/api/reports/suggest                        POST   200
/api/reports/suggest                        GET    405
/api/reports/{public}                       GET    200
/api/reports/photos                         POST   422
/reports/{public}/card                      GET    404   404   404   200   200   404   200   200   200   200
/reports/{private}/card                     GET    404   404   404   200   200   404   200   200   200   200
/reports/{asked}/card                       POST   404   404   404   403   403   404   403   403   403   200
/api/reports/near?lat=33.59&lon=-7.61       GET    200
/api/reports/figures                        GET    200
/api/reports/figures?by=person              GET    422
/api/reports/{private}                      GET    404   404   404   200   200   404   200   200   200   200

# moderation
/moderation                                 GET    login 403   403   200   403   403   403   403   403   403
/moderation?kind=appeals                    GET    login 403   403   200   403   403   403   403   403   403
/moderation/flag?about=report:{public}      GET    200
/moderation/flag?about=report:{private}     GET    404   404   404   200   200   404   200   200   200   200
/moderation/flag                            POST   302
/moderation/decide                          POST   401   403   403   409   403   403   403   403   403   403
/moderation/block                           GET    200
/moderation/block                           POST   404
/moderation/appeals/1                       POST   404
/moderation/page?path=/reports/             GET    200
/moderation/page                            POST   302
/moderation/told?key={told}                 GET    200
/moderation/reviews/{review}                GET    login 403   403   200   403   403   403   403   403   403
/moderation/reviews/{review}                POST   404   404   404   409   404   404   404   404   404   404
/moderation/mine                            GET    login 200   200   200   200   200   200   200   200   200
/moderation/again?about=decision:1          GET    login 404   404   404   404   404   404   404   404   404
/moderation/again                           POST   401   404   404   404   404   404   404   404   404   404
/moderation/again/1                         POST   404
/moderation/log                             GET    200
/moderation/log.csv                         GET    200

# comments: nothing that is talked about is in this scene, and what is not there is 404 for everybody
/comments/?about=article:0                  GET    404
/comments/write?about=article:0             GET    404
/comments/write                             POST   401   404   404   404   404   404   404   404   404   404
/comments/rate                              POST   404
/comments/1                                 GET    404
/comments/1/edit                            GET    404
/comments/1/edit                            POST   404
/comments/1/helpful                         POST   404
/api/comments?about=article:0               GET    404
/api/comments                               POST   401   404   404   404   404   404   404   404   404   404
/api/ratings                                POST   401   404   404   404   404   404   404   404   404   404

# accounts
/me                                         GET    login 200   200   200   200   200   200   200   200   200
/me/profile                                 GET    login 200   200   200   200   200   200   200   200   200
/me/profile                                 POST   401   302   302   302   302   302   302   302   302   302
/me/history                                 GET    login 200   200   200   200   200   200   200   200   200
/me/history/1.json                          GET    login 404   404   404   404   404   404   404   404   404
/me/export                                  GET    login again again again again again again again again again
/me/export                                  POST   login again again again again again again again again again
/me/delete                                  GET    login again again again again again again again again again
/me/delete                                  POST   login again again again again again again again again again
/me/charter                                 POST   401   409   409   409   409   409   409   409   409   409
/charter                                    GET    200
/me/manage                                  GET    302
/me/messenger/keys                          GET    login again again again again again again again again again
/me/messenger/keys                          POST   login again again again again again again again again again
/me/sessions/end?key={device}               GET    login 404   404   404   404   404   404   404   404   200
/me/sessions/end?key={device}               POST   401   404   404   404   404   404   404   404   404   302
/oauth/authorize                            GET    422
/oauth/authorize?{asked_in}                 GET    login 200   200   200   200   200   200   200   200   200
/oauth/authorize?{asked_in}                 POST   login 302   302   302   302   302   302   302   302   302
/oauth/register                             POST   400
/oauth/device                               POST   400
/link                                       GET    login 200   200   200   200   200   200   200   200   200
/link                                       POST   login 200   200   200   200   200   200   200   200   200
/link/browser                               GET    login again again again again again again again again again
/accounts/device/ask                        POST   302
/accounts/device                            GET    302
/accounts/device/state.json                 GET    200
/link?user_code={user_code}                 GET    login 200   200   200   200   200   200   200   200   200
/oauth/token                                POST   400
/oauth/revoke                               POST   400
/accounts/people/                           GET    login 403   403   403   403   403   403   403   200   403
/accounts/people/{person}                   GET    login 403   403   403   403   403   403   403   200   403
/accounts/people/{nobody}                   GET    login 403   403   403   403   403   403   403   404   403
/accounts/people/{person}                   POST   404   404   404   403   404   404   404   404   302   404
/accounts/people/{person}/revoke            POST   404   404   404   403   404   404   404   404   302   404

# signing in
/accounts/login/                            GET    200   302   302   302   302   302   302   302   302   302
/accounts/login/                            POST   200   302   302   302   302   302   302   302   302   302
/accounts/logout/                           GET    302   200   200   200   200   200   200   200   200   200
/accounts/logout/                           POST   302
/accounts/inactive/                         GET    200
/accounts/signup/                           GET    200   302   302   302   302   302   302   302   302   302
/accounts/signup/                           POST   200   302   302   302   302   302   302   302   302   302
/accounts/reauthenticate/                   GET    login 200   200   200   200   200   200   200   200   200
/accounts/email/                            GET    login 200   200   200   200   200   200   200   200   200
/accounts/confirm-email/                    GET    302
/accounts/password/change/                  GET    login 200   200   200   200   200   200   200   200   200
/accounts/password/set/                     GET    login 302   302   302   302   302   302   302   302   302
/accounts/password/reset/                   GET    200
/accounts/password/reset/                   POST   200
/accounts/login/code/confirm/               GET    302
/accounts/password/reset/confirm/           GET    302
/accounts/password/reset/complete/          GET    302
/accounts/password/reset/done/              GET    200
/accounts/2fa/                              GET    login 200   200   200   200   200   200   200   200   200
/accounts/2fa/authenticate/                 GET    302
/accounts/2fa/reauthenticate/               GET    login again again again again again again again again again
/accounts/2fa/totp/activate/                GET    login again again again again again again again again again
/accounts/2fa/totp/deactivate/              GET    login 404   404   404   404   404   404   404   404   404
/accounts/2fa/recovery-codes/               GET    login 404   404   404   404   404   404   404   404   404
/accounts/2fa/recovery-codes/generate/      GET    login again again again again again again again again again
/accounts/2fa/recovery-codes/download/      GET    login 404   404   404   404   404   404   404   404   404
/accounts/2fa/webauthn/                     GET    login 200   200   200   200   200   200   200   200   200
/accounts/2fa/webauthn/add/                 GET    login again again again again again again again again again
/accounts/2fa/webauthn/reauthenticate/      GET    login again again again again again again again again again
/accounts/2fa/webauthn/keys/1/remove/       GET    login again again again again again again again again again
/accounts/2fa/webauthn/keys/1/edit/         GET    login again again again again again again again again again
/accounts/2fa/webauthn/login/               GET    302
/accounts/3rdparty/login/cancelled/         GET    200
/accounts/3rdparty/login/error/             GET    401
/accounts/3rdparty/signup/                  GET    302
/accounts/3rdparty/                         GET    login 200   200   200   200   200   200   200   200   200
/accounts/social/login/cancelled/           GET    301
/accounts/social/login/error/               GET    301
/accounts/social/signup/                    GET    301
/accounts/social/connections/               GET    301
/accounts/google/login/                     GET    404
/accounts/google/login/callback/            GET    404
/accounts/google/login/token/               POST   404
/accounts/facebook/login/                   GET    404
/accounts/facebook/login/callback/          GET    404
/accounts/facebook/login/token/             POST   404
/accounts/oidc/nobody/login/                GET    404
/accounts/oidc/nobody/login/callback/       GET    404
/accounts/sessions/                         GET    login 200   200   200   200   200   200   200   200   200
/accounts/sessions/                         POST   login 302   302   302   302   302   302   302   302   302

# districts
/districts/                                 GET    200
/districts/                                 POST   401   403   403   403   403   403   403   403   302   403
/api/districts                              GET    200
/api/districts                              POST   401   403   403   403   403   403   403   403   200   403

# webhooks
/webhooks/                                  GET    login 403   403   403   403   403   403   403   200   403
/webhooks/new                               GET    login 403   403   403   403   403   403   403   200   403
/webhooks/new                               POST   401   403   403   403   403   403   403   403   200   403
/webhooks/{hook}                            GET    login 403   403   403   403   403   403   403   200   403
/webhooks/{hook}                            POST   401   403   403   403   403   403   403   403   302   403
/webhooks/{hook}/do/secret                  POST   401   403   403   403   403   403   403   403   200   403
/webhooks/{hook}/do/remove                  POST   401   403   403   403   403   403   403   403   302   403
/webhooks/{hook}/again/{nobody}             POST   401   403   403   403   403   403   403   403   404   403
/api/webhooks                               GET    401   403   403   403   403   403   403   403   200   403
/api/webhooks                               POST   401   403   403   403   403   403   403   403   201   403
/api/webhooks/{hook}                        GET    401   403   403   403   403   403   403   403   200   403
/api/webhooks/{hook}                        DELETE 401   403   403   403   403   403   403   403   200   403


# club
/club/                                      GET    200
/club/verify                                GET    200
/club/verify                                POST   422
/club/shown                                 POST   401   302   302   302   302   302   302   302   302   302
/club/issuer.json                           GET    200
/club/status/1                              GET    200
/club/status/2                              GET    404
/club/awards/{award}                        GET    200
/club/awards/{nobody}                       GET    404
/club/badges/{badge}                        GET    200
/club/badges/{badge}/1                      GET    200
/club/badges/{badge}/1.json                 GET    200
/club/badges/{badge}/1.svg                  GET    200
/club/badges/{badge}/1.png                  GET    200
/club/rules                                 GET    login 403   403   403   403   403   403   403   200   403
/club/rules/new                             GET    login 403   403   403   403   403   403   403   200   403
/club/rules/new                             POST   401   403   403   403   403   403   403   403   302   403
/club/rules/{badge}                         GET    login 403   403   403   403   403   403   403   200   403
/club/rules/{badge}                         POST   401   403   403   403   403   403   403   403   302   403
/me/badges                                  GET    login 200   200   200   200   200   200   200   200   200
/me/badges/{award}.jwt                      GET    login 404   404   404   404   404   404   404   404   200
/api/club/badges                            GET    200
/.well-known/did.json                       GET    200

# apps: {app} is public, {draft_app} is the developer's own draft
/apps/                                      GET    200
/apps/?sort=loudest                         GET    422
/apps/mine                                  GET    200
/apps/repository                            GET    200
/apps/new                                   GET    login 403   200   403   403   403   403   403   403   403
/apps/new                                   POST   401   403   302   403   403   403   403   403   403   403
/apps/{app}                                 GET    200
/apps/{draft_app}                           GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/open                            GET    302
/apps/{app}/versions/1                      GET    404
/apps/{app}/pictures/{picture}              GET    200
/apps/{app}/pictures/{picture}/thumb        GET    200
/apps/{draft_app}/pictures/{picture}        GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/card/ar.png                       GET    200
/apps/{app}/card/de.png                       GET    404
/apps/{draft_app}/card/ar.png                 GET    404
/apps/{app}/feature                         POST   401   403   403   302   403   403   403   403   302   403
/apps/{app}/manage                          GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/texts                           GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/texts                           POST   404   404   302   403   404   404   404   403   403   404
/apps/{app}/details                         GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/details                         POST   404   404   302   403   404   404   404   403   403   404
/apps/{app}/pictures                        GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/pictures                        POST   404   404   422   422   404   404   404   422   422   404
/apps/{app}/versions                        GET    404
/apps/{phone_app}/versions                  GET    404   404   200   200   404   404   404   200   200   404
/apps/{phone_app}/versions                  POST   404   404   422   422   404   404   404   422   422   404
/apps/{app}/reasons                         GET    404
/apps/{app}/hand-in                         GET    404   404   200   200   404   404   404   200   200   404
/apps/{draft_app}/hand-in                   POST   404   404   422   403   404   404   404   403   403   404
/apps/{app}/team                            GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/team                            POST   404   404   302   403   404   404   404   403   403   404
/apps/{app}/history                         GET    404   404   200   200   404   404   404   200   200   404
/apps/{app}/do/withdraw                     POST   404   404   302   403   404   404   404   403   403   404
/apps/{app}/do/join                         POST   404   404   403   403   404   404   404   403   403   404
/apps/{app}/do/nothing                      POST   404
/apps/by-package/ma.nobody                  GET    404
/fdroid/repo/entry.jar                      GET    404
/fdroid/repo/ma.nobody_1.apk                GET    404
/api/apps                                   GET    200
/api/apps/suggest?q=bus                     GET    200
/api/apps/{app}                             GET    200
/api/apps/{draft_app}                       GET    404
/api/apps/versions                          POST   401
/api/articles                               GET    200
/api/articles                               POST   401   201   201   201   201   201   201   201   201   201
/api/articles/{article}                     GET    200
/api/articles/{article_draft}               GET    404
/api/events                                 GET    200
/api/events                                 POST   401   201   201   201   201   201   201   201   201   201
/api/events/{event}                         GET    200
/api/events/{event_draft}                   GET    404

# what one watches
/me/news                                    GET    login 200   200   200   200   200   200   200   200   200
/me/news/wish                               POST   401   302   302   302   302   302   302   302   302   302
/me/areas                                   GET    login 200   200   200   200   200   200   200   200   200
/me/areas                                   POST   401   302   302   302   302   302   302   302   302   302
/me/areas/{watch}/remove                    POST   404   404   404   404   404   404   404   404   404   302
/alerts/stop/none                           GET    404
/alerts/stop/none                           POST   404

# mail
/dev/mail                                   GET    200
/dev/mail/{letter}                          GET    200
/dev/mail/{nobody}                          GET    404

# articles: {article} is the reporter's and public, {article_draft} is theirs alone
/articles/                                  GET    200
/articles/feed.atom                         GET    200
/articles/new                               GET    login 200   200   200   200   200   200   200   200   200
/articles/new                               POST   401   302   302   302   302   302   302   302   302   302
/articles/mine                              GET    login 200   200   200   200   200   200   200   200   200
/articles/pictures/{article_picture}/thumb  GET    200
/articles/{article}                         GET    200
/articles/{article}/card.png                  GET    200
/articles/{article_draft}/card.png            GET    404
/articles/{article}/revisions               GET    200
/articles/{article}/edit                    GET    login 403   403   403   403   403   403   403   403   200
/articles/{article_draft}                   GET    404   404   404   200   404   404   404   404   404   200
/articles/{article_draft}/edit              GET    404   404   404   403   404   404   404   404   404   200
/articles/{article_draft}/edit              POST   404   404   404   403   404   404   404   404   404   302
/articles/{article_draft}/pictures/remove   POST   404   404   404   403   404   404   404   404   404   409
/articles/{article}/take-back               POST   401   403   403   403   403   403   403   403   403   409
/articles/{article}/withdraw                POST   401   403   403   403   403   403   403   403   403   302

# events: the same
/events/                                    GET    200
/events/month                               GET    200
/events/map                                 GET    200
/events/calendar.ics                        GET    200
/events/city.svg                            GET    200
/events/new                                 GET    login 200   200   200   200   200   200   200   200   200
/events/new                                 POST   401   302   302   302   302   302   302   302   302   302
/events/mine                                GET    login 200   200   200   200   200   200   200   200   200
/events/{event}                             GET    200
/events/{event}.ics                         GET    200
/events/{event}/card/fa.png                   GET    200
/events/{event_draft}/card/fa.png             GET    404
/events/{event}/map.svg                     GET    200
/events/{event}/versions                    GET    200
/events/{event}/edit                        GET    login 403   403   403   403   403   403   403   403   200
/events/{event}/translate                   GET    login 403   403   403   403   403   403   403   403   200
/events/{event}/guests                      GET    login 403   403   403   403   403   403   403   403   200
/events/{event_draft}                       GET    404   404   404   200   404   404   404   404   404   200
/events/{event_draft}.ics                   GET    404   404   404   200   404   404   404   404   404   200
/events/{event_draft}/edit                  POST   404   404   404   403   404   404   404   404   404   302
/events/{event_draft}/translate             POST   404   404   404   403   404   404   404   404   404   302
/events/{event}/come                        POST   401   302   302   302   302   302   302   302   302   302
/events/{event}/stay-away                   POST   401   409   409   409   409   409   409   409   409   409
/events/{event}/take-back                   POST   401   403   403   403   403   403   403   403   403   409
/events/{event}/cancel                      POST   401   403   403   403   403   403   403   403   403   302

# open311 and open data
/open311/discovery.json                     GET    200
/open311/v2/discovery.xml                   GET    200
/open311/v2/services.json                   GET    200
/open311/v2/services/pothole.json           GET    200
/open311/v2/requests.json                   GET    200
/open311/v2/requests.json                   POST   201
/open311/v2/requests/{public}.json          GET    200
/open311/v2/requests/{private}.json         GET    404
/open311/v2/tokens/{public}.json            GET    404
/open311/v2/servicerequestupdates.json      GET    200
/open311/v2/nothing.json                    GET    404
/data/                                      GET    200
/data/catalogue.jsonld                      GET    200
/data/reports.csv                           GET    200
/data/reports.geojson                       GET    200
/data/figures.csv                           GET    200
"""
TABLE += IDENTITY_TABLE

# What is sent with a POST, by method and path; without an entry an empty form. A text is sent as JSON.
BODIES: dict[str, dict[str, str] | str] = {
    **IDENTITY_BODIES,
    "POST /api/messenger/device": "{}",
    "POST /api/messenger/device/end": '{"device_id": "NONE"}',
    "POST /language": {"language": "fr"},
    "POST /reports/new": {"category": "pothole", "description": "A deep hole", "district": "anfa"},
    "POST /reports/{public}/do/ask": {"text": "Where?"},
    "POST /reports/{public}/do/solve": {"text": "Filled"},
    "POST /reports/{public}/do/decline": {"text": "Not ours"},
    "POST /reports/{public}/do/move": {"department": "light"},
    "POST /reports/{public}/do/note": {"text": "Call them"},
    "POST /reports/{public}/do/assign": {"team": "night"},
    "POST /reports/{public}/do/message": {"text": "Hello"},
    "POST /reports/{public}/do/merge": {"into": "{asked}"},
    "POST /reports/{public}/do/split": {"category": "lamp", "text": "The lamp too"},
    "POST /reports/work/change": {"verb": "accept", "number": "{public}"},
    "POST /reports/calls": {"phone": "0612345678"},
    "POST /reports/ringback/{called}": {"outcome": "missed"},
    "POST /reports/replies/new": {"code": "later", "verb": "accept", "title_en": "Later", "text_en": "Later."},
    "POST /reports/replies/{reply}": {"verb": "accept", "title_en": "Soon", "text_en": "Soon.", "active": "on"},
    "POST /reports/{public}/do/photo": {"photos": "{draft}"},
    "POST /reports/{public}/do/hide": {"text": "A face"},
    "POST /reports/{asked}/do/answer": {"text": "There"},
    "POST /reports/{solved}/do/reopen": {"text": "Still there"},
    "POST /reports/{public}/do/repick": {"category": "lamp"},
    "POST /reports/{solved}/witness": {"solved": "yes"},
    "POST /reports/rules/new": {"target": "light", "category": "lamp"},
    "POST /reports/teams/{team}": {"name_en": "Night", "department": "roads", "active": "on"},
    "POST /reports/categories/pothole": {"name_en": "Pothole", "department": "roads", "term_days": "5", "active": "on"},
    "POST /reports/authorities/new": {"name_en": "Gas", "code": "gas", "email": "desk@gas.example", "active": "on"},
    "POST /reports/{public}/do/forward": {"authority": "waterworks"},
    "POST /districts/": {"district": "anfa", "state": "open"},
    "POST /api/districts": '{"district": "anfa", "state": "open"}',
    "POST /webhooks/new": {"name": "Map", "url": "https://map.example/events", "kinds": "report.filed"},
    "POST /webhooks/{hook}": {"name": "Map", "url": "https://map.example/events", "kinds": "report.filed"},
    "POST /club/shown": {"shown": "true"},
    "POST /club/rules/new": {"code": "new-one", "kinds": "flag-upheld", "levels": "1 2", "name_en": "New"},
    "POST /club/rules/{badge}": {"kinds": "report-confirmed", "levels": "1 2", "name_en": "Mender"},
    "POST /api/webhooks": '{"name": "Map", "url": "https://map.example/events"}',
    "POST /apps/new": {"kind": "site", "title": "Bus", "language": "en", "address": "https://bus.example/"},
    "POST /apps/{app}/texts": {"language": "en", "title": "Casa Bus", "summary": "Buses", "description": "All buses"},
    "POST /apps/{app}/details": {"category": "transport", "address": "https://bus.example/"},
    "POST /apps/{app}/team": {"do": "invite", "username": "neighbour", "role": "editor"},
    "POST /articles/new": {"title": "Another article", "language": "en"},
    "POST /articles/{article_draft}/edit": {"title": "A draft", "language": "en"},
    "POST /articles/{article_draft}/pictures/remove": {"picture": "1"},
    "POST /events/new": {
        "title": "Another event",
        "starts_on": "2027-03-01",
        "starts_at": "18:00",
        "ends_at": "20:00",
    },
    "POST /events/{event_draft}/edit": {
        "title": "A draft",
        "starts_on": "2027-03-01",
        "starts_at": "18:00",
        "ends_at": "20:00",
    },
    "POST /events/{event_draft}/translate": {"language": "fr", "title": "Une soirée", "text": "Venez."},
    "POST /events/{event}/come": {"date": "{event_date}"},
    "POST /events/{event}/stay-away": {"date": "{event_date}"},
    "POST /me/news/wish": {"talk": "letter"},
    "POST /me/areas": {"district": "anfa", "daily": "true"},
    "POST /reports/{asked}/card": '{"verb": "answer", "text": "In front of number 12"}',
    "POST /api/reports/suggest": '{"words": "a deep hole"}',
    "POST /moderation/flag": {"about": "report:{public}", "reason": "insult"},
    "POST /moderation/decide": {"about": "report:{public}", "do": "keep"},
    "POST /moderation/block": {"block": "1", "text": "Why me?"},
    "POST /moderation/page": {"path": "/reports/", "text": "The map is white"},
    "POST /moderation/reviews/{review}": {"do": "take"},
    "POST /moderation/again": {"about": "decision:1", "text": "It was true"},
    "POST /moderation/again/1": {"do": "stand", "text": "It was not"},
    "POST /comments/write": {"about": "article:0", "text": "Well said"},
    "POST /comments/rate": {"about": "article:0", "stars": "5"},
    "POST /comments/1/edit": {"text": "Very well said"},
    "POST /api/comments": '{"about": "article:0", "text": "Well said"}',
    "POST /api/articles": '{"title": "The air above us", "language": "en"}',
    "POST /api/events": (
        '{"title": "Build a sensor", "starts_on": "2026-12-24", "starts_at": "18:00", "ends_at": "20:00"}'
    ),
    "POST /api/ratings": '{"about": "article:0", "stars": 5}',
    "POST /moderation/appeals/1": {"do": "lift", "text": "A mistake"},
    "POST /reports/photos/{marked_photo}/keep": {"text": "A child"},
    "POST /api/reports": '{"category": "pothole", "description": "A deep hole", "district": "anfa"}',
    "POST /me/profile": {"name": "Somebody", "language": "fr"},
    "POST /me/charter": {"version": "1"},
    "POST /accounts/people/{person}": {"role": "developer"},
    "POST /accounts/people/{person}/revoke": {"role": "moderator"},
    "POST /open311/v2/requests.json": {
        "api_key": "demo",
        "service_code": "pothole",
        "lat": "33.59",
        "long": "-7.61",
        "description": "A deep hole",
    },
}
