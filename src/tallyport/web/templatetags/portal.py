"""How templates say things (模板标签): texts, words, amounts, moments, in the visitor's language.

{% t "overview.title" %}   {% word "stage" certificate.stage %}   {{ face|money }}   {{ at|moment }}
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tallyport.kernel.form import encode_moment
from tallyport.kernel.money import Money
from tallyport.projections.queries.amounts import decimal
from tallyport.web.texts import refusal, say
from tallyport.web.texts import word as called

register = template.Library()
BP = 100
SHORT = 12  # Letters of a digest or signature that tell it apart on a page.


def _language(context: Context) -> str:
    return str(context.get("language", "en"))


@register.simple_tag(takes_context=True)
def t(context: Context, key: str, **values: object) -> str:
    """Return a text."""
    return say(key, _language(context), **values)


@register.simple_tag(takes_context=True)
def word(context: Context, group: str, value: object) -> str:
    """Return what people call a value."""
    return called(group, str(value), _language(context))


@register.simple_tag(takes_context=True)
def why(context: Context, reason: str) -> str:
    """Return why a command was refused."""
    return refusal(reason, _language(context))


@register.simple_tag(takes_context=True)
def reason(context: Context, text: str) -> str:
    """Return a reason; of one in two languages, "PUNC: 中文 / English", the fitting half."""
    code, colon, words = text.partition(": ")
    chinese, stroke, english = (words if colon else text).partition(" / ")
    if not stroke:
        return called("reason", text, _language(context))
    chosen = chinese if _language(context) == "zh" else english
    return f"{code}: {chosen}" if colon else chosen


@register.simple_tag(takes_context=True)
def badge(context: Context, group: str, value: object) -> SafeString:
    """Return a value as a coloured word."""
    text = called(group, str(value), _language(context))
    return format_html('<span class="badge is-{}">{}</span>', str(value), text)


@register.simple_tag(takes_context=True)
def member(context: Context, member_id: str | None) -> SafeString:
    """Return a member by its name; its id appears on pointing."""
    if not member_id:
        return SafeString("–")
    names: dict[str, str] = context.get("names") or {}
    name = names.get(member_id, member_id)
    return format_html('<span class="member" title="{}">{}</span>', member_id, name)


@register.filter
def money(value: Money | None) -> SafeString | str:
    """Return an amount with thousands separators and its currency."""
    if value is None:
        return "–"
    return format_html(
        '<span class="money">{}<small>{}</small></span>', decimal(value, ","), value.currency
    )


@register.filter
def amount(value: Money) -> str:
    """Return an amount without its currency, as a form takes it."""
    return decimal(value)


@register.filter
def percent(basis_points: int) -> str:
    """Return basis points as a percentage."""
    whole, part = divmod(abs(basis_points), BP)
    text = f"{whole}.{part:02}".rstrip("0").rstrip(".")
    return f"{'-' if basis_points < 0 else ''}{text} %"


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """Return a moment to the second, in UTC."""
    if not value:
        return "–"
    text = encode_moment(value) if isinstance(value, datetime) else str(value)
    return format_html('<time datetime="{}">{} {}</time>', text, text[:10], text[11:19])


@register.filter
def day(value: date | None) -> SafeString | str:
    """Return a day."""
    return format_html('<time datetime="{0}">{0}</time>', value.isoformat()) if value else "–"


@register.filter
def short(value: str | None) -> SafeString | str:
    """Return the beginning of a long code; all of it appears on pointing."""
    if not value or len(value) <= SHORT + 4:
        return value or "–"
    return format_html('<span class="code" title="{}">{}…</span>', value, value[:SHORT])


@register.filter
def pretty(value: Any) -> str:  # noqa: ANN401 - JSON of any kind.
    """Return JSON, laid out to be read."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.filter
def item(mapping: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - Whatever it holds.
    """Return what a mapping holds under a key."""
    return mapping.get(key)


@register.filter
def money_in(units: int, currency: str | None) -> SafeString | str:
    """Return minor units of a currency as an amount."""
    return money(Money(units, currency or ""))


@register.filter
def plain_money(value: Money) -> str:
    """Return an amount as text alone, for pictures."""
    return f"{decimal(value, ',')} {value.currency}"


@register.filter
def tenths(value: int | None) -> str:
    """Return tenths as a number with one place."""
    return "–" if value is None else f"{value // 10}.{value % 10}"
