"""Does matching hold on other worlds? Variants of a world with known truth, each one scored.

    python bench/linkage_variants.py WORLD [copies] [dense] [noise] [less] [parts]

`copies`  several copies as one world, with sellers, buyers and numbers of their own
`dense`   several copies under the same sellers, so that numbers lie closer together
`noise`   more slips, lost references and other ways of writing, at four strengths
`less`    one column or source left out at a time
`parts`   agreements of one kind only

No generator is needed, so habits are those of whoever made the world. Beside WORLD lies `score.py`;
other worlds there lend their words for names. Nothing is written but a temporary folder. Prints a
table for `docs/matching.md` on standard error and one JSON object a variant on standard output.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
from variants import cut, noise, rekey
from variants.world import AS_OF, PROFILE, World, load, save

from tallyport.evidence.linkage import Matching, match, write_result
from tallyport.evidence.sources.deliveries import in_order
from tallyport.evidence.sources.reading import read

SEED = 1
VEHICLES = int(os.environ.get("VARIANT_VEHICLES", "20000"))
DENSE = 5  # Copies under the same sellers; more would share days that no business has.
KEY = ["vin", "declaration_no", "declaration_line", "payment_id"]
SURE = 0.99
FIGURES = ("vehicle_declaration", "vehicle_declaration_line", "allocation_pairs",
           "allocation_count", "allocation_amount", "full_triads")  # fmt: skip
Variants = Iterator[tuple[str, Callable[[], World]]]


def variants(kind: str, world: World, others: list[World]) -> Variants:
    """Yield the variants of one kind, made only when they are called."""
    copies = max(2, round(VEHICLES / world.tables["stock"].height))
    match kind:
        case "copies":
            yield f"{copies} copies", lambda: rekey.inflated(world, copies, SEED, others)
        case "dense":
            yield (
                f"{DENSE} copies, same sellers",
                lambda: rekey.inflated(world, DENSE, SEED, others, own_sellers=False),
            )
        case "noise":
            for share in (0.02, 0.05, 0.1, 0.2):
                yield f"noise {share}", lambda share=share: noise.noisier(world, share, SEED)
            yield "rows in another order", lambda: noise.shuffled(world, SEED)
        case "less":
            for name, change in noise.LESS.items():
                yield f"without {name}", lambda change=change: change(world)
        case "parts":
            for name, part in cut.parts(world).items():
                yield name, lambda part=part: part
        case _:
            raise SystemExit(f"expected copies, dense, noise, less or parts, got {kind}")


def scored(world: World, scorer: ModuleType) -> dict[str, Any]:
    """Match a world and return the scorer's figures, with wrong rows among the sure ones."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        save(world, place)
        result = match(in_order(read(place, PROFILE, as_of=AS_OF).tables), as_of=AS_OF)
        write_result(result, place / "result")
        figures: dict[str, Any] = scorer.score(place / "truth", place / "result")
    figures["wrong"], figures["sure"] = sure(result, world)
    return figures


def sure(result: Matching, world: World) -> tuple[int, int]:
    """Count rows said with a probability of .99 or more, and the wrong ones among them."""
    texts = pl.col("declaration_line").cast(pl.String)
    said = result.triads.filter(pl.col("probability") >= SURE).with_columns(texts)
    said = said.select(KEY).fill_null("")
    return said.join(world.truth["triads"], on=KEY, how="anti").height, said.height


def show(name: str, figures: dict[str, Any]) -> None:
    """Print one figure for programs and one line for people."""
    triads = figures["triads"]
    row = {one: triads[one]["f1"] for one in FIGURES} | {
        "parties": figures["parties"]["b_cubed"]["f1"],
        "findings": figures["findings"]["macro_f1"],
        "ece": triads["calibration"]["ece"],
        "wrong": figures["wrong"],
        "sure": figures["sure"],
    }
    print(json.dumps({"name": name, **row}))
    cells = " | ".join(f"{one:.4f}" for one in list(row.values())[:-2])
    print(f"| {name} | {cells} | {row['wrong']} of {row['sure']:,} |", file=sys.stderr)


def main(folder: Path, kinds: list[str]) -> None:
    """Score all variants of the world in `folder`."""
    spec = spec_from_file_location("score", folder.resolve().parent / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = module_from_spec(spec)
    spec.loader.exec_module(scorer)
    world = load(folder)
    beside = sorted(path.parent for path in folder.resolve().parent.glob("*/truth"))
    others = [load(other) for other in beside if other != folder.resolve()]
    show("as it is", scored(world, scorer))
    for kind in kinds:
        for name, make in variants(kind, world, others):
            show(name, scored(make(), scorer))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or ["copies", "dense", "noise", "less", "parts"])
