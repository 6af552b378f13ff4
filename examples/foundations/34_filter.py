"""A small window that looks for one thing: the filter of a CNN · CNN과 필터 반응

Lay a 3x3 filter on a 3x3 piece of a picture, multiply cell by cell, add everything up: the number
is large where the piece looks like the filter. Slide it over the whole picture and the answers make
a new picture, a map of where the thing was found.

    response = sum_ij piece_ij filter_ij        map size = (side - 3) / 1 + 1

Look at the three responses first, then at the map of a larger picture: it is brightest where the
falling stroke is. Nine weights serve every place; a dense layer would need one for each pixel.

용어  필터·커널(filter, kernel). 특성맵(feature map). 합성곱(convolution, 실제로는 상호상관).
catalogue  ch48-cnn conv-2d conv-map conv-size
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mulle import nn
from mulle.nn.functional import conv2d

FALLING = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
FILTER = 2 * FALLING - 1  # +1 where there should be ink, -1 where there should be none
PATTERNS = {"falling": FALLING, "rising": FALLING[::-1], "upright": np.eye(3)[[1, 1, 1]]}


def slide(picture, kernel):
    """The response at every place where the kernel fits."""
    windows = sliding_window_view(picture, kernel.shape)  # (rows, columns, 3, 3)
    return (windows * kernel).sum(axis=(2, 3))


def show(picture, marks=" .:-=+*#%@"):
    shades = (picture - picture.min()) / np.ptp(picture)
    for row in shades:
        print("   " + "".join(marks[int(9.99 * shade)] * 2 for shade in row))


print("filter        " + "  ".join(f"{name:8}" for name in PATTERNS))
for i in range(3):
    rows = ["".join("#" if cell else "." for cell in p[i]) for p in PATTERNS.values()]
    print("".join("+" if cell > 0 else "-" for cell in FILTER[i]) + " " * 11
          + "  ".join(f"{row:8}" for row in rows))  # fmt: skip
responses = {name: (pattern * FILTER).sum() for name, pattern in PATTERNS.items()}
print("response      " + "  ".join(f"{value:<8.0f}" for value in responses.values()))

picture = np.zeros((9, 14))
for i in range(7):
    picture[1 + i, [1 + i, 12 - i]] = 1  # the two strokes of a V
found = slide(picture, FILTER)
print(f"\nA picture {picture.shape} and the filter's map {found.shape}:")
show(picture)
print()
show(found)

# A convolution is a matrix product, each window a row, the kernel a column; the engine's conv2d
# takes many pictures of many channels at once: (pictures, channels, rows, columns).
windows = sliding_window_view(picture, (3, 3)).reshape(-1, 9)
product = (windows @ FILTER.reshape(9, 1)).reshape(found.shape)
engine = conv2d(nn.Tensor(picture[None, None]), nn.Tensor(FILTER[None, None])).data[0, 0]

assert responses == {"falling": 3, "rising": -1, "upright": -1}
assert found.shape == (9 - 2, 14 - 2)
assert found.max() == 3 and (found.diagonal()[1:4] == 3).all()  # on the falling stroke
assert np.allclose(product, found) and np.allclose(engine, found)
