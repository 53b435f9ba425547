"""The addresses of identity."""

from django.urls import path

from meydan.identity.api import connect, enrolment, issuing, lock, presenting, wellknown
from meydan.identity.pages import (
    applying,
    authorizing,
    desk,
    mine,
    moving,
    papers,
    registering,
    signing,
    verifying,
    wallet,
    wishes,
)
from meydan.identity.pages import connect as connect_pages

app_name = "identity"

identity_urls = [
    path("id/", mine.mine, name="mine"),
    path("id/show", mine.show, name="show"),
    path("id/secure", mine.secure, name="secure"),
    path("id/apply", applying.apply, name="apply"),
    path("id/freeze", mine.freeze, name="freeze"),
    path("id/moved", moving.stop, name="stop_move"),
    path("id/moved/<str:token>", moving.letter, name="moved"),
    path("id/thaw", mine.thaw, name="thaw"),
    path("id/code", mine.counter_code, name="counter_code"),
    path("id/paper", mine.paper, name="paper"),
    path("id/paper/<str:code>", mine.old_paper, name="old_paper"),
    path("id/sign", signing.sign, name="sign"),
    path("id/sign/<uuid:key>", signing.paper, name="signing"),
    path("id/sign/<uuid:key>/sign", signing.confirm, name="confirm_signing"),
    path("id/sign/<uuid:key>/drop", signing.drop, name="drop_signing"),
    path("id/sign/<uuid:key>/file", signing.file, name="signing_file"),
    path("id/sign/<uuid:key>/disown", signing.disown, name="disown_signature"),
    path("id/face", mine.biometrics, name="biometrics"),
    path("id/face/errors", mine.errors, name="errors"),
    path("id/desk", desk.desk, name="desk"),
    path("id/desk/<uuid:key>", desk.case, name="case"),
    path("id/counter", desk.counter, name="counter"),
    path("api/identity/challenge", enrolment.challenge, name="challenge"),
    path("api/identity/lock", lock.lock, name="lock"),
]

issuing_urls = [
    path(".well-known/openid-credential-issuer", wellknown.credential_issuer, name="credential_issuer"),
    path(".well-known/oauth-authorization-server/id", wellknown.authorization_server, name="authorization_server"),
    path(".well-known/jwt-vc-issuer", wellknown.vc_issuer, name="vc_issuer"),
    path("id/keys.json", wellknown.keys, name="keys"),
    path("id/root.pem", wellknown.root_certificate, name="root_certificate"),
    path("id/credentials/person", wellknown.credential_type, name="credential_type"),
    path("statuslists/<int:number>", wellknown.status_list, name="status_list"),
    path("id/offers/<str:reference>", issuing.offer, name="offer"),
    path("id/push", issuing.push, name="push_wallet"),
    path("id/authorize", authorizing.authorize, name="let_wallet_in"),
    path("id/token", issuing.token, name="token"),
    path("id/nonce", issuing.nonce, name="nonce"),
    path("id/credential", issuing.credential, name="credential"),
    path("id/deferred", issuing.deferred, name="deferred"),
    path("id/notification", issuing.notification, name="notification"),
]

connect_urls = [
    path(".well-known/openid-configuration", wellknown.provider, name="provider"),
    path("id/connect/keys.json", wellknown.provider_keys, name="provider_keys"),
    path("id/connect/authorize", connect_pages.authorize, name="authorize"),
    path("id/connect/par", connect.push, name="push"),
    path("id/connect/token", connect.token, name="connect_token"),
    path("id/connect/userinfo", connect.userinfo, name="userinfo"),
    path("id/connect/revoke", connect.revoke, name="revoke"),
    path("id/connect/introspect", connect.introspect, name="introspect"),
    path("id/connect/leave", connect_pages.leave, name="leave"),
    path("id/connect/developers", connect_pages.developers, name="developers"),
]

presenting_urls = [
    path("verify/requests/<str:reference>", presenting.request_object, name="request_object"),
    path("verify/answers/<uuid:key>", presenting.answer, name="answer"),
]

wallet_urls = [
    path("id/wallet", wallet.wallets, name="wallets"),
    path("id/wallet/offer", wallet.offer, name="make_offer"),
    path("id/wallet/<uuid:key>/end", wallet.end, name="end_wallet"),
    path("id/consents", wallet.consents, name="consents"),
    path("id/consents/<slug:code>", wallet.withdraw, name="withdraw"),
    path("id/consents/<slug:code>/delete", wishes.deletion, name="ask_deletion"),
    path("id/consents/<slug:code>/report", wishes.report, name="report_party"),
    path("id/present", wallet.present, name="present"),
]

verify_urls = [
    path("verify/", verifying.verify, name="verify"),
    path("verify/offline", verifying.offline, name="offline"),
    path("verify/counter/<str:secret>", verifying.counter, name="counter"),
    path("verify/asks/<uuid:key>", verifying.asked, name="asked"),
    path("verify/asks/<uuid:key>.json", verifying.state, name="asked_state"),
    path("verify/asks/<uuid:key>/again", verifying.again, name="ask_again"),
    path("verify/papers", papers.find, name="find_paper"),
    path("verify/papers/<str:code>", papers.says, name="paper_says"),
    path("verify/wishes", wishes.wishes, name="wishes"),
    path("verify/wishes/<uuid:key>", wishes.answer, name="answer_wish"),
    path("verify/parties", registering.parties, name="parties"),
    path("verify/parties/new", registering.new_party, name="new_party"),
    path("verify/parties/<slug:code>", registering.party, name="party"),
    path("verify/parties/<slug:code>/clerks", registering.clerk, name="clerk"),
    path("verify/parties/<slug:code>/sign-in", registering.sign_in_at, name="sign_in_at"),
    path("verify/parties/<slug:code>/secret", registering.secret, name="party_secret"),
    path("verify/parties/<slug:code>/link", registering.counter_link, name="counter_link"),
]

urlpatterns = [*identity_urls, *issuing_urls, *connect_urls, *presenting_urls, *wallet_urls, *verify_urls]
