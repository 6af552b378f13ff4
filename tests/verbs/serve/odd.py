"""Odd rows, and what the bundle itself says of them: what every protocol must say as well."""

from datetime import datetime, timedelta

import numpy as np

import mulle
from mulle.bundle import example_row, stress_rows
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.table import Storage

EPOCH = datetime(1970, 1, 1)


def odd_rows(bundle, count=60, seed=0):
    """Records with missing, unseen and extreme values, as people would send them."""
    model = mulle.load(bundle)
    columns = model.manifest.schema.columns
    real = model.inputs([example_row(model.manifest)] * 3)
    made = stress_rows(columns, real, {}, np.random.default_rng(seed), count)
    sent = [{c.name: _sent(c.storage, made[c.name][i, 0]) for c in columns} for i in range(count)]
    return model, sent


def _sent(storage, value):
    if storage is Storage.number:
        return None if np.isnan(value) else float(value)
    if storage is Storage.date:
        moment = None if value == MISSING_DATE else EPOCH + timedelta(microseconds=int(value))
        return moment and moment.isoformat()
    return None if value == MISSING_STRING else value


def tensors(model, records, shape=lambda n: [n, 1]):
    """Records as the tensors of the Open Inference Protocol."""
    return [
        {
            "name": column.name,
            "datatype": "FP64" if column.storage is Storage.number else "BYTES",
            "shape": shape(len(records)),
            "data": [record[column.name] for record in records],
        }
        for column in model.manifest.schema.columns
    ]
