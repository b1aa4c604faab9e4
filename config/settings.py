"""Settings of the whole project, from the environment; the defaults run an embedded installation on one machine. The
variables are listed in README.md.
"""

import os
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from offices.whole_files import local_secret

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "data"))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


DEBUG = _flag("DEBUG")
# The demonstration has known passwords, so it must never be reachable from outside (see `demo_is_local` below).
DEMO = _flag("DEMO")

SECRET_KEY = os.environ.get("SECRET_KEY") or local_secret(DATA_DIR / "secret_key")
# Keyed apart from SECRET_KEY: a change of that key must not make the codes printed on talons invalid.
TALON_KEY = os.environ.get("TALON_KEY") or local_secret(DATA_DIR / "talon_key")
# What seals personal fields at rest (offices.vault), and what finds them again; outside the database and its backup.
FIELD_KEYS = os.environ.get("FIELD_KEYS", "")
FIELD_KEYS_FILE = DATA_DIR / "field_keys"
INDEX_KEY = os.environ.get("INDEX_KEY") or local_secret(DATA_DIR / "index_key")
# Where the heads of the event chains are written day by day (applications.chain); a place that the database cannot reach.
HEADS_FILE = Path(os.environ.get("HEADS_FILE", DATA_DIR / "chain_heads.log"))
# Electronic signatures: certificates of the roots that are trusted (PEM files of a folder), and the service of the office that
# checks signatures which the library does not know (the national GOST keys); both are empty until the office sets them.
SIGNATURE_ROOTS = os.environ.get("SIGNATURE_ROOTS", "")
SIGNATURE_SERVICE = os.environ.get("SIGNATURE_SERVICE", "")
# The erased cases by their random keys, kept apart from the backup: a restore must not bring people back.
ERASURES_FILE = Path(os.environ.get("ERASURES_FILE", DATA_DIR / "erasures.jsonl"))
HEADS_MAIL = [address for address in os.environ.get("HEADS_MAIL", "").split(",") if address]
# Of backups; the file is made by the first one.
BACKUP_KEY = os.environ.get("BACKUP_KEY", "")
BACKUP_KEY_FILE = DATA_DIR / "backup_key"
# When the last backup was made, written by the command; older than so many hours raises an alert (0: not watched).
BACKUP_MARK_FILE = DATA_DIR / "last_backup"
BACKUP_HOURS = float(os.environ.get("BACKUP_HOURS") or (0 if DEMO else 26))
# Who is told of alerts (offices.alerts). Not Django's ADMINS: those get the whole request of every error, personal data included.
ALERT_MAIL = [address for address in os.environ.get("ALERT_MAIL", "").split(",") if address]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
SERVED_BY_HTTPS = BASE_URL.startswith("https://")

# From which addresses and networks (CIDR) the reference data under /admin/ are there at all; none named: from everywhere.
try:
    ADMIN_ADDRESSES = [
        ip_network(text.strip()) for text in os.environ.get("ADMIN_ADDRESSES", "").split(",") if text.strip()
    ]
except ValueError as problem:
    raise ImproperlyConfigured(f"ADMIN_ADDRESSES: {problem}") from None

if DEMO and SERVED_BY_HTTPS:
    raise ImproperlyConfigured("DEMO has known passwords and second factors: it never runs behind https://.")
if SERVED_BY_HTTPS and (DEBUG or len(SECRET_KEY) < 50 or SECRET_KEY.startswith("django-insecure")):
    raise ImproperlyConfigured(
        "Behind https:// DEBUG stays off and SECRET_KEY is 50 characters or more, known to nobody."
    )
if SERVED_BY_HTTPS and any(0 < len(key) < 32 for key in (TALON_KEY, INDEX_KEY, BACKUP_KEY)):
    raise ImproperlyConfigured("TALON_KEY, INDEX_KEY and BACKUP_KEY are random, 32 characters or more: not passwords.")
if DEMO and not set(ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]", "testserver"}:
    raise ImproperlyConfigured("DEMO has known passwords: it serves this machine only, so ALLOWED_HOSTS must be local.")

INSTALLED_APPS = [
    "config.apps.OfficesAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "import_export",
    "simple_history",
    "config",
    "offices",
    "services",
    "applications",
    "complaints",
    "kpi",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.Browser",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.DatabaseTrouble",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageByAddress",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.AdminAddresses",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.signin.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "config.middleware.DenyByDefault",
    "config.heavy.HeavyWork",
]

ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "config.views.no_secret"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.context.site",
            ],
            "builtins": ["config.templatetags.pages"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
# Seconds that a page waits for the database before it says "later" (config.wsgi sets it; commands wait as long as it takes).
DATABASE_PATIENCE = float(os.environ.get("DATABASE_PATIENCE", "0"))
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {"ENGINE": "config.sqlite", "OPTIONS": _SQLITE_OPTIONS, "TEST": {"NAME": ":memory:"}}
elif DATABASE_PATIENCE:
    _options = {"connect_timeout": 2, "options": f"-c statement_timeout={int(DATABASE_PATIENCE * 1000)}"}
    DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), **_options}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "offices.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "offices.passwords.LocalWordsValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 24 * 3600

# Log-in: allauth holds the second factors; how a person comes in is config/signin.
ACCOUNT_ADAPTER, MFA_ADAPTER = "config.signin.adapters.AccountAdapter", "config.signin.adapters.MFAAdapter"
ACCOUNT_EMAIL_VERIFICATION, ACCOUNT_LOGIN_METHODS, ACCOUNT_SIGNUP_FIELDS = (
    "none",
    {"username"},
    ["username*", "password1*"],
)
ACCOUNT_RATE_LIMITS = False  # ours are counted in the database (offices.limits)
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # recovery codes are ours: kept as slow hashes
# A code lives for its own thirty seconds; the demonstration is gentler to people who try several accounts.
MFA_TOTP_TOLERANCE = 1 if DEMO else 0
# Security keys need a name, not a number: http://localhost:8000, or the office's own address with https.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVED_BY_HTTPS
TOTP_NAME = "Employment and social programmes"
SESSION_IDLE = 30 * 60  # seconds without a request, after which a session ends
SESSION_ABSOLUTE = 12 * 3600  # seconds after which every session ends
FRESH_FOR = 20 * 60  # seconds for which a confirmation holds: signing, exports, user management
CONFIRM_FIELD = "confirm_code"
CONFIRM_KEY_FIELD = "confirm-credential"

LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", "Қазақша"), ("ru", "Русский"), ("en", "English")]
# Our own texts, and those that Django and its parts leave untranslated in Kazakh and Russian.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "vendor"]
TIME_ZONE = "Asia/Almaty"
USE_TZ = True
# Django knows no Kazakh formats.
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "offices.storage.SealedStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "config.uploads.TidyTemporaryFiles",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600
# How long an application prepared at home waits for its writer to come; then it is deleted.
DRAFT_DAYS = int(os.environ.get("DRAFT_DAYS", "30"))
# Whether the PDF of a paper is made in the request of the act itself. Else a worker makes it a moment later, or the first
# opening does, whichever comes first.
PAPERS_AT_ONCE = _flag("PAPERS_AT_ONCE")
UPLOAD_LIMIT_BYTES = 10 * 1024 * 1024
FILES_A_CASE = 50
# Files that one person (a visitor: one address) may bring in a day; the day begins at midnight UTC, when nobody works.
UPLOADS_A_DAY = int(os.environ.get("UPLOADS_A_DAY", "300"))
# Heavy work of one person (a visitor: one address): how much goes on at once, how much may begin in ten minutes, and how many
# seconds a killed worker's place stays taken.
HEAVY_AT_ONCE = int(os.environ.get("HEAVY_AT_ONCE", "2"))
HEAVY_IN_TEN_MINUTES = int(os.environ.get("HEAVY_IN_TEN_MINUTES", "30"))
HEAVY_LEASE_SECONDS = 180
# A command that reads a file on its standard input and answers 0 (clean) or 1 (found), such as "clamdscan --no-summary -".
SCANNER = os.environ.get("SCANNER", "")

# Work after the commit (offices.outbox): workers on the database (`manage.py work`; with EMBEDDED_WORKER also a thread of the
# web server), or Celery where CELERY_BROKER_URL names a broker.
EMBEDDED_WORKER = _flag("EMBEDDED_WORKER")
JOB_LEASE_SECONDS = float(os.environ.get("JOB_LEASE_SECONDS", "90"))
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
CELERY_TRANSPORT_OPTIONS: dict[str, object] = {}

# Without a mail server messages are kept as files.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM", "offices@localhost")
# Staff are told by e-mail of terms that have passed (the pages tell them anyway).
ANNOUNCE_BY_MAIL = _flag("ANNOUNCE_BY_MAIL")
SMS_BACKEND = os.environ.get("SMS_BACKEND", "offices.sending.FileSms")
SMS_DIR = DATA_DIR / "sms"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# Nothing of what a browser can lend to a page is needed but the security key.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid",
        "idle-detection", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
        "xr-spatial-tracking",
    )
) + ", publickey-credentials-create=(self), publickey-credentials-get=(self)"  # fmt: skip
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SERVED_BY_HTTPS
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
# What is said after an act names cases: it stays on the server, not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SERVED_BY_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SERVED_BY_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED_BY_HTTPS
if SERVED_BY_HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-django_language"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

IMPORT_EXPORT_USE_TRANSACTIONS = True
# W040: SQLite leaves out the extra column of the covering index and reads the row instead.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # One JSON line an event, in UTC: log-ins, refusals, limits (offices.security). A server keeps them where it keeps its logs.
    "loggers": {"security": {"level": "INFO"}},
}
