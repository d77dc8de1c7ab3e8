"""The example on the page about profiles is a profile.

Goal: whoever copies it gets what the page says. Method: it is cut out of the page and loaded.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from tallyport.evidence.sources.loading import load

PAGE = Path(__file__).parents[3] / "docs" / "profiles.md"


def test_the_example_loads(tmp_path: Path) -> None:
    """Two forms, two names of one column, a unit, a word of theirs for one of ours."""
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert example is not None
    path = tmp_path / "profile.yaml"
    path.write_text(example.group(1), "utf-8")
    (source,) = load(path).sources
    columns = {one.field.name: one for one in source.columns}
    assert len(source.forms) == 2
    assert columns["model"].names == ("型号", "车型")
    assert columns["cost_cny"].times == Decimal(10_000)
    assert columns["stock_state"].values == {"已售": "sold"}
