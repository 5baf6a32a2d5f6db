"""Reads OpenImages' label CSV into columns (image, class, label) with one of the libraries people use.

    python openimages_labels.py {pandas,polars,duckdb,duckdb-count} FILE

Prints one line of JSON; time and CPU count from after the imports. Called by src/openimages-labels.ts.
"""

import json
import resource
import sys
import time


def read_pandas(path):
    import pandas as pd

    yield pd.__version__
    types = {"ImageID": "category", "LabelName": "category", "Confidence": "int8"}
    table = pd.read_csv(path, usecols=list(types), dtype=types)
    label = table["LabelName"].cat
    image = table["ImageID"].cat
    # The columns as arrays, as a training loop needs them.
    image.codes.to_numpy(), label.codes.to_numpy(), table["Confidence"].to_numpy()
    yield {
        "rows": len(table),
        "positives": int(table["Confidence"].sum()),
        "images": len(image.categories),
        "classes": len(label.categories),
    }


def read_polars(path):
    import polars as pl

    yield pl.__version__
    table = pl.read_csv(
        path,
        columns=["ImageID", "LabelName", "Confidence"],
        schema_overrides={"ImageID": pl.String, "LabelName": pl.Categorical, "Confidence": pl.Int8},
    )
    image = table["ImageID"].rle_id()
    label = table["LabelName"].to_physical().to_numpy()
    yield {
        "rows": table.height,
        "positives": int(table["Confidence"].cast(pl.Int64).sum()),
        "images": int(image[-1]) + 1,
        "classes": int(label.max()) + 1,
    }


CSV = """read_csv('{path}', header = true, delim = ',', quote = '', columns = {{
    'ImageID': 'VARCHAR', 'Source': 'VARCHAR', 'LabelName': 'VARCHAR', 'Confidence': 'TINYINT'}})"""


def read_duckdb(path):
    import duckdb
    import numpy as np

    yield duckdb.__version__
    source = CSV.format(path=path)
    con = duckdb.connect()
    con.execute("set preserve_insertion_order = true")
    con.execute(
        f"""create temp table class as
            select LabelName, (row_number() over (order by LabelName) - 1)::USMALLINT as number
            from (select distinct LabelName from {source})"""
    )
    columns = con.execute(
        f"""select ('0x' || ImageID)::UBIGINT as image, class.number as class, Confidence as label
            from {source} as row join class using (LabelName)"""
    ).fetchnumpy()
    image = np.asarray(columns["image"])
    yield {
        "rows": len(image),
        "positives": int(np.asarray(columns["label"]).sum(dtype=np.int64)),
        # A join does not keep the order.
        "images": len(np.unique(image)),
        "classes": int(np.asarray(columns["class"]).max()) + 1,
    }


def count_duckdb(path):
    import duckdb

    yield duckdb.__version__
    found = duckdb.sql(
        f"select count(*), sum(Confidence), count(distinct ImageID), count(distinct LabelName) from {CSV.format(path=path)}"
    ).fetchone()
    yield dict(zip(["rows", "positives", "images", "classes"], map(int, found)))


readers = {
    "pandas": read_pandas,
    "polars": read_polars,
    "duckdb": read_duckdb,
    "duckdb-count": count_duckdb,
}


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


reader = readers[sys.argv[1]](sys.argv[2])
version = next(reader)
wall_start, cpu_start = time.perf_counter(), cpu()
result = next(reader)
result["wall"] = time.perf_counter() - wall_start
result["cpu"] = cpu() - cpu_start
result["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
result["version"] = version
print(json.dumps(result))
