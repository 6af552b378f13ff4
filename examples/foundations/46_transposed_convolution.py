"""A convolution played backwards makes pictures larger · 전치 합성곱

A convolution looks at a window and answers with one number. Its transpose takes one number and lays
that multiple of the kernel down on a window; windows overlap, and what overlaps is added. With
stride 2 the windows lie two cells apart, and a small picture becomes twice as large.

    side out = (side in - 1) stride + kernel - 2 padding

Look at the single number becoming a copy of the kernel, at the chequered pattern where windows
overlap unevenly (kernel 3), and not where they overlap evenly (kernel 4). And it has the name by
right: it is exactly what a convolution's gradient does.

용어  전치 합성곱(transposed convolution). 바둑판 무늬(checkerboard artefact).
catalogue  conv-stride conv-pad
"""

import numpy as np

from mulle import nn
from mulle.nn.functional import conv2d, conv_transpose2d


def spread(x, kernel, stride=2):
    """Every number lays its multiple of the kernel down, `stride` cells apart."""
    k = len(kernel)
    y = np.zeros([(n - 1) * stride + k for n in x.shape])
    for i, j in np.ndindex(x.shape):
        y[i * stride : i * stride + k, j * stride : j * stride + k] += x[i, j] * kernel
    return y


def show(title, picture):
    print(title)
    for row in picture / picture.max():
        print("   " + "".join(" .:-=+*#%@"[int(9.99 * v)] * 2 for v in row))


one = np.zeros((3, 3))
one[1, 1] = 1
bump = np.outer([1, 2, 2, 1], [1, 2, 2, 1]) / 4.0
show("One number in the middle, kernel 4, stride 2:", spread(one, bump))
show("Nine equal numbers, kernel 3 of ones: chequered", spread(np.ones((3, 3)), np.ones((3, 3))))
show("Nine equal numbers, kernel 4 of ones: even inside", spread(np.ones((3, 3)), np.ones((4, 4))))

rng = np.random.default_rng(46)
x, kernel = rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
by_hand = spread(x, kernel)

tensor, k = nn.Tensor(x[None, None]), nn.Tensor(kernel[None, None])
engine = conv_transpose2d(tensor, k, stride=2).data[0, 0]
halved = conv_transpose2d(tensor, k, stride=2, padding=1).data[0, 0]

large = nn.Tensor(np.zeros((1, 1, 8, 8)), requires_grad=True)
conv2d(large, k, stride=2).backward(x[None, None])
print(
    f"\nby hand, by the engine and as a gradient: shape {by_hand.shape}, largest difference",
    end=" ",
)
print(f"{max(np.abs(engine - by_hand).max(), np.abs(large.grad - by_hand).max()):.1e}")

assert np.allclose(engine, by_hand) and np.allclose(large.grad[0, 0], by_hand)
assert halved.shape == (6, 6) and np.allclose(halved, by_hand[1:-1, 1:-1])  # exactly doubled
assert len(set(spread(np.ones((3, 3)), np.ones((3, 3)))[2:5, 2:5].ravel())) > 1
assert len(set(spread(np.ones((3, 3)), np.ones((4, 4)))[2:6, 2:6].ravel())) == 1
