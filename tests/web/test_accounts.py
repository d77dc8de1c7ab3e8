"""People, seats, tokens and the portal's secret.

Goal: a user is what it was made to be, and nothing that is kept can be used by who reads it.
Method: the functions are called, and the tables and files read behind their back.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from support.portal import PASSWORD, client, django_home
from tallyport.app.home import Home
from tallyport.app.permissions import PortalRole
from tallyport.kernel.guard import FaultError
from tallyport.web import accounts
from tallyport.web.configuration import configure, secret
from tallyport.web.seats.models import Chair, Token

pytestmark = pytest.mark.usefixtures("portal")


def test_a_user_is_made_and_made_again() -> None:
    """The second time changes password and seat; no second user appears."""
    accounts.create("nina", PASSWORD, "bek-parts", ["viewer"])
    accounts.create("nina", PASSWORD + "!", "can-steel", ["operator", "approver"])
    user = User.objects.get(username="nina")
    seat = accounts.seat_of(user)
    assert seat is not None
    assert seat.member == "can-steel"
    assert seat.roles == {PortalRole.OPERATOR, PortalRole.APPROVER}
    assert user.check_password(PASSWORD + "!")
    assert str(Chair.objects.get(user=user)) == "nina at can-steel: approver operator"
    assert user.password.startswith("scrypt$")


REFUSED = [
    (("nina", "short", "bek-parts", ["viewer"]), "password of nina"),
    (("nina", "123456789012", "bek-parts", ["viewer"]), "password of nina"),
    (("", PASSWORD, "bek-parts", ["viewer"]), "user name"),
    (("two words", PASSWORD, "bek-parts", ["viewer"]), "user name"),
    (("nina", PASSWORD, "no member!", ["viewer"]), "member: expected an id"),
    (("nina", PASSWORD, "bek-parts", ["boss"]), "roles: expected some of"),
    (("nina", PASSWORD, "bek-parts", []), "roles: expected at least one"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_a_user_that_cannot_be_is_refused(
    given: tuple[str, str, str, list[str]], words: str
) -> None:
    """One line of REFUSED."""
    with pytest.raises(accounts.AccountError, match=words):
        accounts.create(*given)


def test_a_token_speaks_for_its_user_and_is_kept_hashed() -> None:
    """A new one of the same name ends the old one."""
    old = accounts.issue_token("ali", "till")
    new = accounts.issue_token("ali", "till")
    kept = Token.objects.get(user__username="ali", name="till")
    assert kept.digest == accounts.digest(new)
    assert new not in kept.digest
    assert str(kept) == "till of ali"
    assert accounts.user_of(old) is None
    assert accounts.user_of(new).username == "ali"
    assert client(None, authorization=f"Bearer {new}").get("/api/v1/members").status_code == 200


def test_a_token_of_nobody_is_not_issued() -> None:
    """The message says what to do."""
    with pytest.raises(accounts.AccountError, match="tallyport user"):
        accounts.issue_token("nobody", "till")


def test_who_left_has_no_way_in() -> None:
    """An inactive user's token ends with it."""
    accounts.create("leaver", PASSWORD, "bek-parts", ["viewer"])
    token = accounts.issue_token("leaver", "till")
    User.objects.filter(username="leaver").update(is_active=False)
    assert accounts.user_of(token) is None


def test_a_user_without_a_seat_sees_nothing() -> None:
    """A login alone is not a seat."""
    User.objects.get_or_create(username="standing")
    assert client("standing").get("/").status_code == 302
    assert client("standing").get("/api/v1/members").status_code == 401


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Mode 0600; the same when asked again; a short one is refused."""
    path = tmp_path / "portal.secret"
    first = secret(path)
    assert secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("short")
    with pytest.raises(FaultError, match="expected a secret"):
        secret(path)
    with pytest.raises(FaultError, match="cannot keep"):
        secret(tmp_path / "no such folder" / "portal.secret")


def test_a_process_serves_one_home(tmp_path: Path) -> None:
    """Django is set up once; the same home again changes nothing."""
    configure(django_home())
    with pytest.raises(FaultError, match="another home"):
        configure(Home(tmp_path))
