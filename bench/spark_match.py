"""VIN matching on Spark: the tables of `linkage.vin_rules`, compiled to columns of Spark.

The counterpart of `linkage.vin_match.candidates`, which compiles the same tables to polars. Slips
are counted by the same function, in batches of Arrow. Needs the extra `spark`, and Java 17.
"""

from __future__ import annotations

import os
import sys
from functools import reduce
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - As everybody calls it.
from pyspark.sql.types import IntegerType

from tallyport.evidence.linkage import vin_rules
from tallyport.evidence.linkage.fold import CONFUSED
from tallyport.evidence.linkage.vin_match import edits
from tallyport.evidence.linkage.vin_rules import WHOLE_MIN, Block, Fit, Part


def session(cores: int, memory_gib: int) -> SparkSession:
    """Start Spark on this machine alone: one process with `cores` threads."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Not whatever the PATH has.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return (
        SparkSession.builder.master(f"local[{cores}]")
        .appName("tallyport")
        .config("spark.driver.memory", f"{memory_gib}g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.shuffle.partitions", str(4 * cores))
        .getOrCreate()
    )


def candidates(tokens: DataFrame, vins: DataFrame) -> DataFrame:
    """Return `token`, `vin`, `fit` as `vin_match.candidates` does."""
    wanted, known = tokens.select("token").distinct(), vins.select("vin").distinct()
    exact = _pairs(vin_rules.EXACT, wanted, known)
    rest = wanted.join(exact.select("token"), "token", "left_anti").cache()
    endings = [_pairs(block, rest, known) for block in vin_rules.ENDINGS]
    slips = [_pairs(block, rest, known).select("token", "vin") for block in vin_rules.SLIPS]
    pairs = reduce(DataFrame.union, slips).distinct()
    judged = _judged(pairs).where(F.col("fit") >= int(vin_rules.COMPARED_MIN))
    return reduce(DataFrame.union, [exact, *endings, judged]).distinct()


def _pairs(block: Block, wanted: DataFrame, known: DataFrame) -> DataFrame:
    """Return the pairs that `block` brings together, with its fit."""
    size = F.length("token")
    left = wanted.where(size.between(block.size_min, block.size_max)).select(
        "token", _part(block.token, F.col("token")).alias("key")
    )
    right = known.select("vin", _part(block.vin, F.col("vin")).alias("key"))
    fit = F.lit(None if block.fit is None else int(block.fit)).cast("tinyint")
    return left.join(right, "key").select("token", "vin", fit.alias("fit"))


def _part(part: Part, code: Column) -> Column:
    """Return a part of a number."""
    code = _merged(code) if part.is_merged else code
    pieces = [F.left(code, F.lit(part.head))] if part.head else []
    pieces += [F.right(code, F.lit(part.tail))] if part.tail else []
    return F.concat(*pieces) if pieces else code


def _merged(code: Column) -> Column:
    return F.translate(code, "".join(CONFUSED), "".join(CONFUSED.values()))


def _judged(pairs: DataFrame) -> DataFrame:
    """Return each pair with its fit."""
    size = F.length("token")
    ending = F.when(size < WHOLE_MIN, F.right("vin", size)).otherwise(F.col("vin"))
    sized = pairs.select("token", "vin", size.alias("size"), ending.alias("ending"))
    counted = sized.withColumn("edits", _edits(_merged(F.col("token")), _merged(F.col("ending"))))
    level = F.lit(int(Fit.NONE))
    for one in reversed(vin_rules.LEVELS):
        holds = (F.col("edits") == one.edits) & (F.col("size") >= one.size_min)
        if one.is_same:
            holds &= F.col("token") == F.col("ending")
        level = F.when(holds, int(one.fit)).otherwise(level)
    return counted.select("token", "vin", level.cast("tinyint").alias("fit"))


@F.arrow_udf(IntegerType())  # A name of a type would ask a session that is not there yet.
def _edits(left: pa.Array, right: pa.Array) -> pa.Array:
    """Count the slips of each pair of a batch."""
    return pa.array(edits(left.to_pylist(), right.to_pylist()), pa.int32())


def matched(spark: SparkSession, folder: Path) -> pl.DataFrame:
    """Match `tokens.parquet` with `vehicles.parquet` of `folder`; return the pairs."""
    tokens = spark.read.parquet(str(folder / "tokens.parquet"))
    vins = spark.read.parquet(str(folder / "vehicles.parquet"))
    out = folder / "candidates.parquet"
    candidates(tokens, vins).write.mode("overwrite").parquet(str(out))
    return pl.read_parquet(out / "*.parquet")
