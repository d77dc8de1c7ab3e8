"""People and their tokens (用户): made and looked up, once `configuration.configure` was called.

create("ali-clerk", "...", "ali-trading", ["operator"])
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tallyport.app.permissions import PortalRole, Seat
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.form import codec
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId

TOKEN_BYTES = 32
TOKEN_PREFIX = "tp_"  # noqa: S105 - Tells people and scanners what it is.
USERNAME_LENGTH_MAX = 150  # Django's own column.


class AccountError(FaultError):
    """The user cannot be made so. Says what was expected."""


def create(username: str, password: str, member: str, roles: Iterable[str]) -> None:
    """Make a user with a seat; one that is there gets this password and seat.

    Raises:
        AccountError: a name, password, member or role that is none.
    """
    chosen = _roles(roles)
    _check(username, member)
    users: Any = get_user_model()
    try:
        validate_password(password, users(username=username))
    except ValidationError as error:
        raise AccountError(f"password of {username}: {' '.join(error.messages)}") from None
    with transaction.atomic():
        user, _ = users.objects.get_or_create(username=username)
        user.set_password(password)
        user.is_active = True
        user.save()
        _table("Chair").objects.update_or_create(
            user=user, defaults={"member": member, "roles": " ".join(chosen)}
        )


def issue_token(username: str, name: str) -> str:
    """Return a new API token of a user; it is shown this once. An older one of `name` ends.

    Raises:
        AccountError: there is no such user.
    """
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise AccountError(
            f"user {username!r}: expected one that exists; `tallyport user` makes one"
        )
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    _table("Token").objects.update_or_create(
        user=user, name=name[:USERNAME_LENGTH_MAX], defaults={"digest": digest(token)}
    )
    return token


def user_of(token: str) -> Any:  # noqa: ANN401 - Django's own user.
    """Return the active user that a token speaks for, or None."""
    row = _table("Token").objects.select_related("user").filter(digest=digest(token)).first()
    return row.user if row is not None and row.user.is_active else None


def seat_of(user: Any) -> Seat | None:  # noqa: ANN401 - Django's own user.
    """Return where a user sits, or None."""
    chair = _table("Chair").objects.filter(user=user).first()
    if chair is None:
        return None
    known = {role.value for role in PortalRole}
    roles = frozenset(PortalRole(role) for role in chair.roles.split() if role in known)
    return Seat(user=user.get_username(), member=MemberId(chair.member), roles=roles)


def digest(token: str) -> str:
    """Return what is kept of a token: it has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _roles(roles: Iterable[str]) -> list[PortalRole]:
    try:
        chosen = sorted({PortalRole(role) for role in roles})
    except ValueError as error:
        known = ", ".join(role.value for role in PortalRole)
        raise AccountError(f"roles: expected some of {known}; {error}") from None
    if not chosen:
        raise AccountError("roles: expected at least one")
    return chosen


def _check(username: str, member: str) -> None:
    is_plain = username.isprintable() and not any(letter.isspace() for letter in username)
    if not is_plain or not 0 < len(username) <= USERNAME_LENGTH_MAX:
        raise AccountError(f"user name: expected letters without spaces, got {username[:40]!r}")
    try:
        codec(MemberId).decode(member)
    except MalformedError as error:
        raise AccountError(f"member: {error}") from None


def _table(name: str) -> Any:  # noqa: ANN401 - Django's tables have no type before it is set up.
    return apps.get_model("seats", name)
