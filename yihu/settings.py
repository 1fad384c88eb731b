"""Settings. What differs between installations comes from the environment and the data folder.

YIHU_HOME      folder with the database, files and keys; ./yihu-data unless given
YIHU_DATABASE  postgresql://user:password@host:port/name; a SQLite file in YIHU_HOME unless given
YIHU_HOSTS     names the desk is reached by, with commas; localhost unless given
YIHU_HTTPS     1 behind TLS: cookies travel over TLS only and browsers are told to insist on it;
               lan where the desk serves TLS itself: the same, but browsers are told nothing, for
               they would insist on it for the plain page beside it too. `yihu serve` says it
YIHU_DEMO      1 for the demo county: says so on every page. A folder that `yihu run` made for its
               demo has demo.json and is one without being asked
YIHU_TODAY     the day it is in the county, for exercises; else that of demo.json; else the clock's
YIHU_RULEBOOK  name or folder of the active rulebook; guangxi unless given
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

from yihu.access.sealing import kept_once
from yihu.databases import database

HERE = Path(__file__).parent
HOME = Path(os.environ.get("YIHU_HOME", "yihu-data")).resolve()
_DEMO = HOME / "demo.json"
_demo = json.loads(_DEMO.read_text(encoding="utf-8")) if _DEMO.exists() else {}
DEMO = bool(_demo) or os.environ.get("YIHU_DEMO", "") == "1"
_TLS = os.environ.get("YIHU_HTTPS", "")
HTTPS = _TLS in ("1", "lan")
TODAY = os.environ.get("YIHU_TODAY", "") or _demo.get("today", "")
RULEBOOK = os.environ.get("YIHU_RULEBOOK", "guangxi")
FILES = HOME / "files"
SNAPSHOTS = HOME / "snapshots"
KEYS = HOME / "keys.json"


# The key that signs sessions.
SECRET_KEY = os.environ.get("YIHU_SECRET_KEY") or kept_once(
    HOME / "secret", lambda: get_random_secret_key() + get_random_secret_key()
)
DEBUG = False
ALLOWED_HOSTS = os.environ.get("YIHU_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_htmx",
    "ninja",
    "yihu",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yihu.web.middleware.LightMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "yihu.web.middleware.BodyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yihu.web.middleware.WorkerMiddleware",
    "yihu.web.signs.SignsMiddleware",
    "yihu.web.middleware.ProblemMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "yihu.urls"
WSGI_APPLICATION = "yihu.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yihu.web.frame.frame",
            ],
            "builtins": ["yihu.web.says"],
        },
    }
]

DATABASES = {"default": database(os.environ.get("YIHU_DATABASE", ""), HOME)}

# --- who signs in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "yihu.Worker"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "yihu.access.passwords.LongEnough",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "yihu.web.signing_in.Adapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "yihu.web.signing_in.locked_out"

# --- languages and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "yihu_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "web" / "static"]
# Collected and compressed once by `yihu serve`; found file by file everywhere else.
_COLLECTED = os.environ.get("YIHU_COLLECTED", "") == "1"
STATIC_ROOT = HOME / "static" if _COLLECTED else None
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
#: Largest sheet or evidence file taken in, in bytes.
LARGEST_UPLOAD = 200 * 1024 * 1024
#: Largest form with all its files, of somebody signed in and of anybody else, in bytes.
LARGEST_BODY = LARGEST_UPLOAD + DATA_UPLOAD_MAX_MEMORY_SIZE
LARGEST_OF_STRANGERS = 1024 * 1024

# --- safety ---------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# In a network of one's own nobody stands before the desk, and a name there has other ports.
_BEHIND = _TLS == "1"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _BEHIND else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _BEHIND
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _BEHIND else None

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Counted once for all processes; see yihu/web/figures_kept.py.
    "figures": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME / "figures", "TIMEOUT": None, "OPTIONS": {"MAX_ENTRIES": 5000},
    },
}  # fmt: skip
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
