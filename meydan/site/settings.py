"""Django's settings. What differs between two cities is in `kernel.config`; all else is a constant of the product."""

from pathlib import Path

from meydan.kernel import i18n
from meydan.kernel.config import config
from meydan.site.providers import sign_in_providers

PACKAGE = Path(__file__).resolve().parent.parent
DOMAINS = (
    *("kernel", "ui", "accounts", "identity", "moderation", "comments", "rollout", "reports", "messaging", "store"),
    *("articles", "events", "notifications", "webhooks", "club", "site"),
)

SECRET_KEY = config().secret_key
DEBUG = False
ALLOWED_HOSTS = config().allowed_hosts
USE_TZ = True
TIME_ZONE = config().time_zone
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "meydan.site.urls"

DATABASES = {"default": config().database()}

INSTALLED_APPS = [
    *(f"meydan.{domain}" for domain in DOMAINS),  # first: our words win over those of the libraries
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.facebook",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "meydan.site.proxy.BehindProxy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "meydan.site.visitors.SamePages",
    "meydan.site.compress.Compress",
    "meydan.ui.language.SpeakTheirLanguage",
    "meydan.ui.csp.ContentSecurityPolicy",
    "meydan.site.guard.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "meydan.site.middleware.ActorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "meydan.site.guard.Refusals",
    "meydan.site.modules.OnlyOpenParts",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / domain / "templates" for domain in DOMAINS],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "meydan.ui.templating.environment",
            "context_processors": [
                "meydan.ui.templating.context",
                "meydan.site.frame.context",
                "meydan.accounts.pages.context.context",
            ],
        },
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

LANGUAGE_CODE = "en"
LANGUAGES = list(i18n.LANGUAGES.items())
LANGUAGE_COOKIE_NAME = "language"
CSRF_FAILURE_VIEW = "meydan.site.errors.stale_form"

STATIC_URL = "/static/"
STATIC_ROOT = config().data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "meydan.site.storage.HashedFiles"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "reactions"

# Accounts: django-allauth does the flows, our adapters turn what happens into actions
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["meydan.accounts.pages.backend.PersonBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me"
LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "meydan.accounts.pages.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = config().base_url.startswith("https://")

ACCOUNT_ADAPTER = "meydan.accounts.pages.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "meydan.accounts.pages.forms.SignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # each change of how an account is guarded is told by mail, a new address at the old
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {} if config().rate_limits else False

MFA_ADAPTER = "meydan.accounts.pages.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # whoever has the unlocked phone has not its owner's finger, face or code
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = config().demo
MFA_RATE_LIMITS: dict[str, str] | bool = {} if config().rate_limits else False

USERSESSIONS_ADAPTER = "meydan.accounts.pages.adapters.SessionsAdapter"
SOCIALACCOUNT_ADAPTER = "meydan.accounts.pages.adapters.SocialAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # our policy lets forms post to us only, and the provider's page is not ours
SOCIALACCOUNT_FORMS = {"signup": "meydan.accounts.pages.forms.SocialSignupForm"}
SOCIALACCOUNT_PROVIDERS = sign_in_providers(config())

# allauth counts attempts and remembers used codes in the cache: ours is a table, so that all processes count together
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_attempt",
        "KEY_FUNCTION": "meydan.accounts.plugins.attempts.secret_key",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # the only one that is free when unused

# Mail
EMAIL_BACKEND = "meydan.notifications.public.OutboxBackend"
DEFAULT_FROM_EMAIL = smtp.sender if (smtp := config().smtp) else "Meydan <meydan@localhost>"
MAIL_ROUTE = f"meydan.notifications.plugins.{'mailbox.Mailbox' if config().demo and not smtp else 'smtp.Smtp'}"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "level": "WARNING", "propagate": True}},
}
