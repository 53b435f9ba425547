"""Django's settings. What differs between two cities is in `kernel.config`; all else is a constant of the product."""

from pathlib import Path

from meydan.kernel import i18n
from meydan.kernel.config import config

PACKAGE = Path(__file__).resolve().parent.parent
DOMAINS = ("kernel", "ui", "accounts", "reports", "notifications", "site")

SECRET_KEY = config().secret_key
DEBUG = False
ALLOWED_HOSTS = list(config().hosts)
USE_TZ = True
TIME_ZONE = config().time_zone
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "meydan.site.urls"
WSGI_APPLICATION = "meydan.site.wsgi.application"

DATABASES = {"default": config().database()}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *(f"meydan.{domain}" for domain in DOMAINS),
]

MIDDLEWARE = [
    "meydan.ui.language.SpeakTheirLanguage",
    "meydan.ui.csp.ContentSecurityPolicy",
    "meydan.site.guard.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "meydan.site.guard.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / domain / "templates" for domain in DOMAINS],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "meydan.ui.templating.environment",
            "context_processors": ["meydan.ui.templating.context", "meydan.site.frame.context"],
        },
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

LANGUAGE_CODE = "en"
LANGUAGES = list(i18n.LANGUAGES.items())
LANGUAGE_COOKIE_NAME = "language"

STATIC_URL = "/static/"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "reactions"
