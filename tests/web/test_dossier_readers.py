"""The page of a dossier leads to its document: for whoever owns it or was granted it, only.

Goal: a link for those, whose address answers; for others that read the page, the state and nothing
more. Method: an attested document of the operator's about a vehicle, several seats.
"""

from __future__ import annotations

import pytest

from support.portal import client
from support.town import FUND, OPERATOR
from tallyport.app.attesting import Paper, attest, stored_as
from tallyport.app.portal import Portal
from tallyport.contracts.attestation.model import Kind, SubjectId

VEHICLE = SubjectId("vehicle:JTDKB20X477006598")
PAGE = "/dossiers/JTDKB20X477006598"
STORED = stored_as(VEHICLE, Kind.DOSSIER, OPERATOR)
ADDRESS = "/api/v1/documents/dossier%3Aoperator%3Avehicle%3AJTDKB20X477006598/versions/1"


@pytest.fixture
def attested(portal: Portal) -> Portal:
    """A node with the document."""
    attest(portal.node, OPERATOR, [Paper(subject=VEHICLE, kind=Kind.DOSSIER, content=b"paper")])
    return portal


def test_the_owner_is_led_to_it_and_sees_the_readers(attested: Portal) -> None:
    """The address gives the bytes."""
    attested.node.documents.add_reader(STORED, FUND)
    page = client("olga").get(PAGE).content.decode()
    assert f'href="{ADDRESS}"' in page
    assert FUND in page
    assert client("olga").get(ADDRESS).content == b"paper"
    assert client("fund").get(ADDRESS).content == b"paper"


def test_who_reads_all_pages_reads_no_document(attested: Portal) -> None:
    """An auditor sees that it opens to its commitment, without a link and without the readers."""
    attested.node.documents.add_reader(STORED, FUND)
    page = client("audra").get(PAGE).content.decode()
    assert "opens to the commitment" in page
    assert ADDRESS not in page
    assert FUND not in page
    assert client("audra").get(ADDRESS).status_code == 404
