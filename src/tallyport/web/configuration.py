"""Django, set up in code for one home (门户配置): nothing is read from the environment.

portal.sqlite   users, seats, sessions, tokens      of the portal alone; the ledger knows none of it
portal.secret   signs cookies                       made once, readable by its owner only
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from tallyport.app.home import Home
from tallyport.kernel.guard import FaultError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SESSION_SECONDS_MAX = 12 * 60 * 60  # A working day; who goes home has to log in again.
BODY_BYTES_MAX = 2 << 20  # An envelope has at most 1 MiB, a receipt 2 MiB.
SECRET_MODE = 0o600
_OPTIONS = {"context_processors": ["tallyport.web.frame.frame"]}


def configure(home: Home, *, hosts: Sequence[str] = (), is_https: bool = False) -> None:
    """Set Django up for `home`, once a process, and bring its own tables up to date.

    Raises:
        FaultError: the process serves another home already, or the home cannot be written.
    """
    database = str(home.folder.resolve() / "portal.sqlite")
    if settings.configured:
        if settings.DATABASES["default"]["NAME"] != database:
            raise FaultError(
                f"{home.folder}: this process serves another home already; start a second one"
            )
        return
    home.folder.mkdir(parents=True, exist_ok=True)
    settings.configure(**_settings(home, database, hosts, is_https=is_https))
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _settings(home: Home, database: str, hosts: Sequence[str], *, is_https: bool) -> dict[str, Any]:
    return {
        "PORTAL": None,
        "SECRET_KEY": secret(home.folder / "portal.secret"),
        "DEBUG": False,
        "ALLOWED_HOSTS": [*LOOPBACK, *hosts],
        "ROOT_URLCONF": "tallyport.web.urls",
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
            }
        },
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django_htmx",
            "tallyport.web.seats",
            "tallyport.web",
            "tallyport.api",
        ],
        "MIDDLEWARE": [
            "tallyport.web.request_log.RequestLog",
            "tallyport.web.headers.SecurityHeaders",
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
            "tallyport.web.language.LanguageMiddleware",
            "tallyport.web.sitting.SeatMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": _OPTIONS,
            }
        ],
        "LOGIN_URL": "/login",
        "STATIC_URL": "/static/",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "USE_I18N": False,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": BODY_BYTES_MAX,
        "SESSION_COOKIE_AGE": SESSION_SECONDS_MAX,
        "LOGGING_CONFIG": None,
        **_passwords(),
        **_guards(is_https=is_https),
    }


def _passwords() -> dict[str, Any]:
    """Return how passwords are judged and kept."""
    return {
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}"}
            for name in (
                "UserAttributeSimilarityValidator",
                "MinimumLengthValidator",
                "CommonPasswordValidator",
                "NumericPasswordValidator",
            )
        ],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
    }


def _guards(*, is_https: bool) -> dict[str, Any]:
    """Return what keeps cookies and frames safe; loopback speaks plain HTTP."""
    return {
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_NAME": "tallyport-session",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_SECURE": is_https,
        "CSRF_COOKIE_NAME": "tallyport-csrf",
        "CSRF_FAILURE_VIEW": "tallyport.web.pages.failures.forged",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": 31_536_000 if is_https else 0,
        "X_FRAME_OPTIONS": "DENY",
    }


def secret(path: Path) -> str:
    """Return the secret in `path`; make it first when there is none.

    Raises:
        FaultError: it cannot be read or written, or is too short to be one.
    """
    try:
        with os.fdopen(
            os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, SECRET_MODE), "w"
        ) as new:
            new.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise FaultError(f"{path}: cannot keep the portal's secret: {error.strerror}") from error
    try:
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FaultError(f"{path}: cannot read the portal's secret: {error}") from error
    if len(text) < 50:  # noqa: PLR2004 - What Django's own check asks for.
        raise FaultError(f"{path}: expected a secret of 50 characters; delete the file and start")
    return text
