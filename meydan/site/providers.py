"""Which other providers a person may sign in with: those that the city configured, in allauth's words."""

from typing import Any

from meydan.kernel.config import Config, SocialClient


def sign_in_providers(city: Config) -> dict[str, Any]:
    """The value of `SOCIALACCOUNT_PROVIDERS`: empty, and no button is shown, until the city configures one."""
    providers: dict[str, Any] = {
        name: {"APPS": [_app(client)], "OAUTH_PKCE_ENABLED": True}
        for name, client in (("google", city.google), ("facebook", city.facebook))
        if client
    }
    if city.oidc:
        providers["openid_connect"] = {
            "APPS": [
                _app(client, provider_id=name, name=client.label, settings={"server_url": client.issuer})
                for name, client in city.oidc.items()
            ],
            "OAUTH_PKCE_ENABLED": True,
        }
    return providers


def _app(client: SocialClient, **more: Any) -> dict[str, Any]:
    return {"client_id": client.client_id, "secret": client.client_secret, **more}
