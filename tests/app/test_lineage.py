"""Any cell of any view leads to lines of files, with the rule and the version that made it.

Goal: no figure without an origin. Method: a small world and a small freight platform are appraised
and filed as `run` does; one cell of every sort is asked on the command line, by page and by API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.portal import client, django_home, show, small_portal
from tallyport.app.appraisal import Appraisal, appraise
from tallyport.app.finding_lines import all_finding_lines
from tallyport.app.lineage import Lineage
from tallyport.app.lineage_frames import keep_lineage
from tallyport.app.origins import Origins
from tallyport.app.portal import Portal
from tallyport.app.trade_lines import settlement_lines, trade_lines
from tallyport.cli.main import app
from tallyport.evidence.dossiers import vqi
from tallyport.worlds import make
from tallyport.worlds.freight import make as make_freight

django_home()
AT = "2024-05-01T00:00:00.000000Z"


@dataclass
class Known:
    """What was appraised, and the node that knows where it came from."""

    appraisal: Appraisal
    portal: Portal


def known(appraisal: Appraisal, portal: Portal) -> Known:
    """File the origins of an appraisal, as `run` does."""
    Origins(portal.home).write(
        appraisal.reading, appraisal.quality, appraisal.matching, AT, appraisal.freight
    )
    keep_lineage(portal.home, appraisal)
    return Known(appraisal, portal)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Yield a small world of vehicles."""
    folder: Path = tmp_path_factory.mktemp("world")
    make(folder, vehicles=60, seed=4)
    with small_portal(tmp_path_factory.mktemp("node")) as portal:
        yield known(appraise(folder), portal)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Yield a small freight platform."""
    folder: Path = tmp_path_factory.mktemp("platform")
    make_freight(folder, hauls=150, seed=4)
    with small_portal(tmp_path_factory.mktemp("freight-node")) as portal:
        yield known(appraise(folder), portal)


def cells_of_vehicles(appraisal: Appraisal) -> dict[str, str]:
    """Return one cell of every sort about a paid, inspected vehicle."""
    dossier = next(one for one in appraisal.dossiers if one.payments and one.vqi)
    link = next(one for one in dossier.evidence if one.record.kind == "declaration_line")
    finding = next(all_finding_lines(appraisal))
    rating = next(one for one in appraisal.ratings if one.indicators[0].measure)
    firm = f"{rating.role}:{rating.subject}"
    return {
        "link": f"link:{dossier.vin}/{link.record.kind}/{link.record.key}",
        "amount": f"amount:{dossier.payments[0].payment_id}/{dossier.vin}",
        "payment": f"amount:{dossier.payments[0].payment_id}/",
        "finding": f"finding:{finding.id}",
        "party": f"party:{dossier.parties[0].mention}",
        "rating": f"rating:{firm}",
        "indicator": f"rating:{firm}/{rating.indicators[0].name}",
        "vqi": f"vqi:{dossier.vqi and dossier.vin}",
        "fleet": "vqi:fleet",
        "dossier": f"dossier:{dossier.vin}",
        "source": "source:contracts",
        "name": dossier.vin,
    }


def cells_of_hauls(appraisal: Appraisal) -> dict[str, str]:
    """Return one cell of every sort about a platform."""
    assert appraisal.freight is not None
    haul = next(one for one in trade_lines(appraisal) if len(one.records) > 1)
    firm = next(settlement_lines(appraisal))
    finding = next(all_finding_lines(appraisal))
    return {
        "trade": f"trade:{haul.id}",
        "amount": f"amount:{appraisal.freight.parts['flow_no'][0]}/",
        "settlement": f"settlement:{firm.id}",
        "rating": f"rating:{firm.id}",
        "indicator": f"rating:{firm.id}/payment_punctuality",
        "finding": f"finding:{finding.id}",
    }


@pytest.mark.parametrize("of", ["world", "platform"])
def test_every_sort_of_cell_leads_to_lines(of: str, request: pytest.FixtureRequest) -> None:
    """By rule, version and records; the same on the command line, by page and by API."""
    found: Known = request.getfixturevalue(of)
    cells = (cells_of_vehicles if of == "world" else cells_of_hauls)(found.appraisal)
    show(found.portal)
    home = str(found.portal.home.folder)
    for sort, ref in cells.items():
        cell = Lineage(found.portal.home).of(ref)
        assert cell is not None, (sort, ref)
        assert cell.rule, sort
        assert cell.version, sort
        assert cell.rests, (sort, ref)
        if sort not in {"rating", "source"}:  # These rest on cells, and on files.
            assert any(rest.origin and rest.origin.line > 0 for rest in cell.rests), (sort, ref)
        said = CliRunner().invoke(app, ["evidence", "lineage", ref, "--home", home])
        assert said.exit_code == 0, said.output
        assert cell.rule in said.output
        page = client("olga").get("/evidence/lineage", {"ref": ref})
        assert page.status_code == 200, ref
        (told,) = json.loads(client("olga").get("/api/v1/cells", {"ref": ref}).content)
        assert told["rule"] == cell.rule
        assert len(told["rests"]) == len(cell.rests)


def test_every_finding_has_its_records(world: Known) -> None:
    """Of vehicles, of other trades and of the sources: each rests on a line of a file."""
    lineage = Lineage(world.portal.home)
    lost = []
    for line in all_finding_lines(world.appraisal):
        cell = lineage.of(f"finding:{line.id}")
        if cell is None or not any(rest.origin for rest in cell.rests):
            lost.append(line.id)
    assert not lost


def test_a_quality_index_is_explained(world: Known) -> None:
    """Mean and interval of the fleet; each report with all its items and weights."""
    cell = Lineage(world.portal.home).of("vqi:fleet")
    fleet = vqi.fleet(world.appraisal.reading.tables["inspection"])
    assert cell is not None
    assert fleet is not None
    assert cell.value == fleet.sentence()
    assert "±" in cell.value
    assert "engine" in cell.rests[0].how
    assert "× 3" in cell.rests[0].how


def test_what_is_no_cell_has_no_lineage(world: Known) -> None:
    """Nothing is made up; and whoever sees only its own business is told who may."""
    lineage = Lineage(world.portal.home)
    for ref in ("link:x/y/z", "vqi:none", "rating:buyer:none", "party:x", "finding:x", "", "a:b"):
        assert lineage.of(ref) is None
    show(world.portal)
    assert client("olga").get("/evidence/lineage", {"ref": "vqi:none"}).status_code == 404
    assert client("ali").get("/api/v1/cells", {"ref": "vqi:fleet"}).status_code == 403
    said = CliRunner().invoke(
        app, ["evidence", "lineage", "vqi:none", "--home", str(world.portal.home.folder)]
    )
    assert said.exit_code != 0
