"""Fleet (车辆底册): every vehicle there is, and typed VINs brought to it.

The stock records say which vehicles exist. Agreements, inspections and work orders name them again,
now and then with a slip; a number that fits one vehicle of the stock is that vehicle. A whole
number that fits none is a vehicle of its own: goods may be sold before they are bought.
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage import vin_match
from tallyport.evidence.linkage.fold import compact
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.vin_text import VIN_LENGTH

WHOLE = rf"^[A-Z0-9]{{{VIN_LENGTH}}}$"


def fleet(records: Records) -> pl.DataFrame:
    """Return `vin`, `family`, `model`, `model_year` of every vehicle, and parts of the `vin`."""
    columns = ["vin", "family", "model", "model_year"]
    stock = records["vehicle"].select(columns).filter(pl.col("vin").str.contains(WHOLE))
    sold = records["contract_line"].select(columns).drop_nulls("vin")
    sold = sold.with_columns(vin=compact(pl.col("vin"))).filter(pl.col("vin").str.contains(WHOLE))
    stock = vin_match.with_parts(stock.unique("vin", keep="first", maintain_order=True))
    fitted = vin_match.candidates(sold.select(token=pl.col("vin")), stock)
    new = sold.join(fitted, left_on="vin", right_on="token", how="anti", maintain_order="left")
    new = new.unique("vin", keep="first", maintain_order=True)
    return pl.concat([stock, vin_match.with_parts(new)])


def recognised(table: pl.DataFrame, key: list[str], vehicles: pl.DataFrame) -> pl.DataFrame:
    """Return `key`, `vin`, `fit` for rows whose column `vin` fits one vehicle best.

    If the table has a `family`, the vehicle must be of it.
    """
    rows = table.filter(pl.col("vin").is_not_null()).with_columns(token=compact(pl.col("vin")))
    families = ["family"] if "family" in table.columns else []
    found = vin_match.candidates(rows, vehicles).join(
        vehicles.select("vin", known="family"), on="vin", maintain_order="left"
    )
    pairs = rows.select(*key, "token", *families).join(found, on="token", maintain_order="left")
    if families:
        same = (pl.col("family") == pl.col("known")).fill_null(value=True)
        pairs = pairs.filter(same | (pl.col("fit") == vin_match.Fit.EXACT))
    best = pairs.filter(pl.col("fit") == pl.col("fit").max().over(key))
    return best.filter(pl.len().over(key) == 1).select(*key, "vin", "fit")
