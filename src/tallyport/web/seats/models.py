"""The tables of seats and API tokens (席位与令牌).

A token is kept as its SHA-256 only: whoever reads the table cannot use it.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

MEMBER_LENGTH_MAX = 128  # As long as an id may be.
ROLES_LENGTH_MAX = 200  # All roles, a space between them.


class Chair(models.Model):
    """For which member a person sits, and as what."""

    user: models.OneToOneField[User, User] = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chair"
    )
    member: models.CharField[str, str] = models.CharField(max_length=MEMBER_LENGTH_MAX)
    roles: models.CharField[str, str] = models.CharField(max_length=ROLES_LENGTH_MAX)

    def __str__(self) -> str:
        return f"{self.user.get_username()} at {self.member}: {self.roles}"


class Token(models.Model):
    """A program that speaks for a person."""

    user: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens"
    )
    name: models.CharField[str, str] = models.CharField(max_length=MEMBER_LENGTH_MAX)
    digest: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    made_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A person's tokens have different names."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "name"], name="token_name_of_user")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user.get_username()}"
