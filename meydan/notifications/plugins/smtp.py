"""The way out: the mail server that the city configured."""

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from meydan.kernel.config import Config
from meydan.kernel.errors import Unavailable

TIMEOUT_SECONDS = 20


def mail_route(city: Config) -> BaseEmailBackend | None:
    """A connection to the city's mail server; None in a demo that has none. Unavailable when a real city has none."""
    if city.smtp is None:
        if city.demo:
            return None
        raise Unavailable("No mail server is configured: set [smtp] in meydan.toml, then waiting mail leaves by itself.")
    return EmailBackend(
        host=city.smtp.host,
        port=city.smtp.port,
        username=city.smtp.user,
        password=city.smtp.password,
        use_tls=city.smtp.security == "starttls",
        use_ssl=city.smtp.security == "tls",
        timeout=TIMEOUT_SECONDS,
        fail_silently=False,
    )
