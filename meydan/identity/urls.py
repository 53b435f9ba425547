"""The addresses of identity."""

from django.urls import path

from meydan.identity.api import issuing, presenting, wellknown

app_name = "identity"

issuing_urls = [
    path(".well-known/openid-credential-issuer", wellknown.credential_issuer, name="credential_issuer"),
    path(".well-known/oauth-authorization-server/id", wellknown.authorization_server, name="authorization_server"),
    path(".well-known/jwt-vc-issuer", wellknown.vc_issuer, name="vc_issuer"),
    path("id/keys.json", wellknown.keys, name="keys"),
    path("id/root.pem", wellknown.root_certificate, name="root_certificate"),
    path("id/credentials/person", wellknown.credential_type, name="credential_type"),
    path("statuslists/<int:number>", wellknown.status_list, name="status_list"),
    path("id/offers/<str:reference>", issuing.offer, name="offer"),
    path("id/token", issuing.token, name="token"),
    path("id/nonce", issuing.nonce, name="nonce"),
    path("id/credential", issuing.credential, name="credential"),
    path("id/deferred", issuing.deferred, name="deferred"),
    path("id/notification", issuing.notification, name="notification"),
]

presenting_urls = [
    path("verify/requests/<str:reference>", presenting.request_object, name="request_object"),
    path("verify/answers/<uuid:key>", presenting.answer, name="answer"),
]

urlpatterns = [*issuing_urls, *presenting_urls]
