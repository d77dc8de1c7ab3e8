"""Login, logout, choice of language (登录)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from tallyport.web.language import COOKIE, COOKIE_SECONDS_MAX
from tallyport.web.sitting import sitting
from tallyport.web.texts import LANGUAGES
from tallyport.web.throttle import LOGINS

NAME_LENGTH_MAX = 150  # Of a user; a longer name is nobody's.
PASSWORD_LENGTH_MAX = 1_024  # Hashing a novel is a way to keep us busy.


@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; a wrong one is answered the same as an unknown one."""
    wanted = _next(request)
    if request.method != "POST":
        if sitting(request) is not None:
            return HttpResponseRedirect(wanted)
        return render(request, "portal/login.html", {"next": wanted})
    name = request.POST.get("username", "")[:NAME_LENGTH_MAX]
    password = request.POST.get("password", "")[:PASSWORD_LENGTH_MAX]
    address = request.META.get("REMOTE_ADDR", "")
    if not LOGINS.is_open(name, address):
        settings.PORTAL.metrics.login_failed("throttled")
        return _again(request, "login.throttled", wanted, 429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        LOGINS.failed(name, address)
        settings.PORTAL.metrics.login_failed("wrong")
        return _again(request, "login.wrong", wanted, 401)
    LOGINS.succeeded(name)
    login(request, user)
    return HttpResponseRedirect(wanted)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect("/login")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember a language and go back to where one was."""
    response = HttpResponseRedirect(_next(request))
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, max_age=COOKIE_SECONDS_MAX, httponly=True, samesite="Lax"
        )
    return response


def _again(request: HttpRequest, problem: str, wanted: str, status: int) -> HttpResponse:
    context = {"next": wanted, "problem": problem}
    return render(request, "portal/login.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Return where to go on; a link to another site leads home."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"
