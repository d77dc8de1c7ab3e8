"""The seats as Django installs them."""

from __future__ import annotations

from django.apps import AppConfig


class SeatsConfig(AppConfig):
    """Tables `seats_chair` and `seats_token`."""

    name = "tallyport.web.seats"
    label = "seats"
