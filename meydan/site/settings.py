"""Django's settings. What differs between two cities is in `kernel.config`; everything here is a constant of the product."""

from pathlib import Path

from meydan.kernel.config import config

PACKAGE = Path(__file__).resolve().parent.parent
DOMAINS = ("kernel", "ui", "accounts", "reports", "notifications", "site")

SECRET_KEY = config().secret_key
DEBUG = False
ALLOWED_HOSTS = config().allowed_hosts
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
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / domain / "templates" for domain in DOMAINS],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "meydan.ui.templating.environment"},
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("ar", "العربية"), ("fr", "Français"), ("en", "English"), ("fa", "فارسی"), ("tg", "Тоҷикӣ")]

STATIC_URL = "/static/"
STATIC_ROOT = config().data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "meydan.site.storage.HashedFiles"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "reactions"
