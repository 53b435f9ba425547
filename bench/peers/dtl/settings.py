"""Our data, served as a Django project starts out: Django's own templates, sessions, accounts, messages."""

from meydan.site.settings import (
    ALLOWED_HOSTS,
    AUTH_USER_MODEL,
    DEFAULT_AUTO_FIELD,
    LANGUAGES,
    PACKAGE,
    SECRET_KEY,
    STATIC_ROOT,
    STORAGES,
    TIME_ZONE,
)
from meydan.site.settings import DATABASES as OUR_DATABASES
from meydan.site.settings import INSTALLED_APPS as OURS

__all__ = [
    "ALLOWED_HOSTS",
    "AUTH_USER_MODEL",
    "DATABASES",
    "DEFAULT_AUTO_FIELD",
    "LANGUAGES",
    "SECRET_KEY",
    "STATIC_ROOT",
    "STORAGES",
    "TIME_ZONE",
]

DATABASES = {"default": {**OUR_DATABASES["default"], "ENGINE": "django.db.backends.postgresql"}}
INSTALLED_APPS = [app for app in OURS if not app.startswith("allauth")]
USE_TZ = True
STATIC_URL = "/static/"
LANGUAGE_CODE = "en"
LOCALE_PATHS = [PACKAGE / name / "locale" for name in ("ui", "reports")]
ROOT_URLCONF = "bench.peers.dtl.urls"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE.parent / "bench" / "peers" / "dtl" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"tags": "bench.peers.dtl.tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
