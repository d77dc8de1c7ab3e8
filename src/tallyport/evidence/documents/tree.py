"""Parse small XML without trusting it (安全解析): no entities, no outside, no endless depth."""

from __future__ import annotations

from lxml import etree

from tallyport.evidence.documents.model import RefusedError, Rule

XML_BYTES_MAX = 16 << 20  # One page or one invoice; the largest seen has 60 kB.
Element = etree._Element  # noqa: SLF001 - lxml has no other name for it.


def parsed(content: bytes, origin: str) -> Element:
    """Return the root element.

    Raises:
        RefusedError: too large, declares a document type or entities, or is not well-formed.
    """
    if len(content) > XML_BYTES_MAX:
        raise RefusedError(
            Rule.TOO_LARGE, f"at most {XML_BYTES_MAX} bytes of XML", f"{len(content)}", origin
        )
    # Looked for in each way to spell ASCII, since the encoding is not known yet.
    plain = content.replace(b"\x00", b"").upper()
    if b"<!ENTITY" in plain or b"<!DOCTYPE" in plain:
        raise RefusedError(Rule.ENTITIES, "no document type, no entities", "at least one", origin)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError(Rule.BROKEN, "well-formed XML", str(error)[:200], origin) from None
    if (
        root.getroottree().docinfo.internalDTD is not None
    ):  # Behind an encoding that hides it from the search.
        raise RefusedError(Rule.ENTITIES, "no document type, no entities", "at least one", origin)
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace; no element's name for a comment."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Element | None) -> str:
    """Return the text below an element, "" when there is none."""
    return "" if element is None else "".join(str(one) for one in element.itertext()).strip()


def first(element: Element, path: str) -> Element | None:
    """Return the first element below `element` at a path of local names."""
    return element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
