"""Papers on the command line: read invoices, licences and registrations into checked fields."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tallyport.app.papers import read_files
from tallyport.cli.output import dump, say, show
from tallyport.evidence.documents.model import SURE_BP
from tallyport.evidence.documents.wording import sentence
from tallyport.kernel.guard import FaultError


def read_document(
    files: Annotated[list[Path], typer.Argument(help="OFD, XML, PDF, PNG or JPEG files.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002
) -> None:
    """Read documents: fields with confidence and place, and what does not fit."""
    papers = read_files(files, as_of=datetime.now(UTC).date())
    if as_json:
        dump([paper.shown() for paper in papers])
    else:
        for paper in papers:
            rows = [
                (one.name, one.value, f"{100 * one.confidence_bp // SURE_BP} %", one.origin)
                for one in paper.fields
            ]
            title = f"{paper.file}: {paper.kind.value} ({paper.form.value})"
            show(title, ("field", "value", ">confidence", "origin"), rows)
            for finding in paper.findings:
                say(f"  {finding.severity.value}: {sentence(finding)}")
    refused = sum(paper.is_refused for paper in papers)
    if refused:
        raise FaultError(f"{refused} of {len(papers)} files refused; the findings say why")
