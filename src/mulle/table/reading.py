"""The reading of a table: the layout of its file, what each column became, what was not used.

A `Reading` can be printed (`mulle read`), kept as TOML, edited by hand and given back. Its columns
belong to a model (see `Notation`); its layout belongs to the file and is found anew for each.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import polars as pl

from mulle.table.types.column import Column, Doubt, LeftOut, Repair


class Layout(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the cells of a file stand.

    Attributes:
        format: `csv`, `blanks` (columns parted by blanks), `json`, `json-lines`, `html`, `excel`,
            `parquet`, `arrow` or `frame`.
        encoding: of the text; "" for formats that have none to choose.
        delimiter, quote: of a `csv`.
        skip: lines or rows above the header.
        header: rows of the header; 0 where there is none.
        sheet: the one that was read.
        sheets: all of a workbook.
    """

    format: str = "frame"
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    skip: int = 0
    header: int = 1
    sheet: str = ""
    sheets: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reading of one table, with everything that was changed, left out or could not be decided.

    Attributes:
        layout: of the file.
        columns: what each became, in which notation, and why.
        repairs: changes that were made.
        left_out: what is not used.
        doubts: what could not be decided; such columns stay text.
    """

    layout: Layout = Layout()
    columns: tuple[Column, ...] = ()
    repairs: tuple[Repair, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def __repr__(self) -> str:
        counts = {
            "columns": self.columns,
            "repairs": self.repairs,
            "left_out": self.left_out,
            "doubts": self.doubts,
        }
        return f"Reading({', '.join(f'{name}={len(found)}' for name, found in counts.items())})"


IN_MEMORY = Layout()
AS_IT_IS = Reading()


@dataclass(frozen=True)
class Cells:
    """The cells of a table as they were written, before anything is known of what they mean.

    Attributes:
        frame: the rows that are data [N]; of text formats every column is text.
        source: name of the file, for messages.
        layout: where they stood.
        repairs: what was changed to get there.
        left_out: rows that are not in the frame.
        doubts: what the file leaves open.
        places: positions [N] of the rows of the frame among all rows below the header, from 0;
            None where none is left out.
        height: all rows below the header.
    """

    frame: pl.DataFrame
    source: str = ""
    layout: Layout = IN_MEMORY
    repairs: tuple[Repair, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    places: pl.Series | None = None
    height: int = field(default=-1)

    def __post_init__(self) -> None:
        if self.height < 0:
            object.__setattr__(self, "height", self.frame.height)

    def in_places(self) -> tuple[pl.DataFrame, pl.Series | None]:
        """Return all rows below the header, and which were left out: nothing stands in those.

        Returns:
            A frame [height], and booleans [height]; None where no row was left out.
        """
        if self.places is None or self.frame.height == self.height:
            return self.frame, None
        kept = pl.int_range(self.frame.height, dtype=pl.Int64, eager=True)
        none = pl.Series([None], dtype=pl.Int64).new_from_index(0, self.height)
        at = none.scatter(self.places, kept)
        frame = pl.DataFrame([column.gather(at) for column in self.frame.iter_columns()])
        return frame, at.is_null()
