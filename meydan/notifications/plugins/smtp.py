"""The way out of a real city: the mail server that it configured."""

from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from meydan.kernel.config import config
from meydan.kernel.errors import Unavailable

TIMEOUT_SECONDS = 20


class Smtp(EmailBackend):
    """A connection to `[smtp]` of meydan.toml. Unavailable while that is missing: mail waits, and leaves later."""

    def __init__(self, **_options: Any) -> None:
        server = config().smtp
        if server is None:
            raise Unavailable("No mail server is configured: set [smtp] in meydan.toml. Mail waits until then.")
        super().__init__(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=TIMEOUT_SECONDS,
            fail_silently=False,
        )
