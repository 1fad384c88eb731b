"""The same rules on pandas' usual types: NaN for unknown numbers, so every comparison is False.

Columns of yes and no with gaps come as objects and are filled with False, as they usually are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.data import Data
from bench.peers.pandas_arrow import ANYONE, COUNTED, conditions, work

Frame = Any


def read(path: Path, columns: str) -> Frame:
    """A file on the types pandas takes by itself."""
    frame = pd.read_parquet(path, columns=columns.split(", "))
    for name in ("birth", "last_visit"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name])
    return no_objects(frame)


def no_objects(frame: Frame) -> Frame:
    """Yes and no with gaps, which pandas holds as objects, as plain yes and no."""
    for name in [name for name in frame if frame[name].dtype == np.dtype(object)]:
        frame[name] = frame[name].eq(True)
    return frame


def grouped(p: Frame) -> Frame:
    """Persons summed up by household."""
    asked = conditions(p)
    grades = [p["disability"] == key for key in ("one", "two")]
    third = (p["disability"] == "three") & p["certified"]
    columns = {
        **{name: asked[name] for name in (*ANYONE, *COUNTED)},
        "wages": p["wage"],
        "medical": p["medical_cost"],
        "allowances": np.select([*grades, third], [1200, 960, 600], 0),
        "months": p["months_out"].where(asked["workers"]),
    }
    by = pd.DataFrame(columns).groupby(p["household_id"], sort=False)
    found = by[[*COUNTED, "wages", "medical", "allowances"]].sum()
    found = found.join(by[list(ANYONE)].any()).join(by["months"].max())
    found["people"] = by.size()
    found["two_disabled"] = found["disabled"] >= 2
    found["no_worker"] = found["workers"] == 0
    found["many_dependants"] = found["dependants"] > 2 * found["workers"]
    found["a_pupil"] = found["pupils"] >= 1
    return found


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    return work(data, read, grouped, no_objects)
