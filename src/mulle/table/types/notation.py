"""The notation of a column: how its cells are written, and so what a new cell of it means.

A notation is found once, from the cells of the training table (or given by a person), and stands
in the manifest of a model. Each verb reads cells by it and by nothing else, so that `1,100` or
`03/04/2024` means the same wherever it comes from.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

#: decimal   the mark before the fraction of a number
Decimal = Literal[".", ","]
DECIMALS: tuple[Decimal, ...] = get_args(Decimal)
#: order     the order of year, month and day where a date is digits with marks between
DateOrder = Literal["ymd", "dmy", "mdy"]
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
#: form      what a cell is beyond the usual for its storage; see `Notation`
Form = Literal[
    "", "truth", "clock", "digits", "epoch", "serial", "number", "limit", "limit-side", "pixels"
]
MAX_SIDE = 512  # pixels of an image, once it is read: a file from elsewhere may ask for any
#: forms in which a plain number is the number that it says
PLAIN_FORMS: frozenset[Form] = frozenset({"", "truth", "limit"})


class Notation(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The way in which the cells of one column are written.

    Attributes:
        repairs: codes of the repairs that are applied to each cell, in order; a code that is taken
            out of the list undoes the repair for the column.
        form: "truth" words for true and false, read as 1 and 0; "clock" times of the day, read as
            hours; "digits" dates as bare digits (20240301, 202403); "epoch" seconds since 1970,
            times `scale`; "serial" days of a spreadsheet; "number" categories that are numbers,
            so that "1.0" and "1" are one; "limit" numbers some of which are limits ("<0.5", read
            as 0.5) and "limit-side" the column derived from it (-1 below, 1 above, 0 measured);
            "pixels" images, read as `pixels` says.
        decimal: the mark before the fraction.
        thousands: the mark between groups of digits; "" where there is none.
        unit: what stands before or behind the numbers, in lower case and without blanks.
        scale: what one written unit is worth: 1000 under a header "(천원)".
        percent: whether "13 %" is read as 13 ("points") or as 0.13 ("fraction").
        dates: the order of year, month and day of dates such as 03/04/2024.
        missing: words for missing beyond the usual ones.
        not_missing: usual words for missing that are values in this column.
        side: pixels of an image along each of its sides, once it is read; 0 for other columns.
        channels: numbers of a pixel: 1 for grey, 3 for red, green and blue.
    """

    repairs: tuple[str, ...] = ()
    form: Form = ""
    decimal: Decimal = "."
    thousands: str = ","
    unit: str = ""
    scale: float = 1.0
    percent: Literal["points", "fraction"] = "points"
    dates: DateOrder | None = None
    missing: tuple[str, ...] = ()
    not_missing: tuple[str, ...] = ()
    side: Annotated[int, msgspec.Meta(ge=0, le=MAX_SIDE)] = 0
    channels: Literal[1, 3] = 1


#: what a person may decide about the cells of a column; how images are read follows from them
DECIDED = tuple(n for n in Notation.__struct_fields__ if n not in {"side", "channels"})
