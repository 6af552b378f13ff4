"""Two inputs, one surface · 다변수 합성함수

A function of two numbers is a landscape: for each place (x, y) a height. Here the two are added
and the sum is squeezed between 0 and 1 by the sigmoid.

    z = sigmoid(x + y) = 1 / (1 + e^-(x + y))

Look at the picture 04_two_inputs.svg, a net of wires over the landscape, and at the small map
below: along each diagonal x + y = constant the height does not change, so the landscape is a single
smooth step. A neuron sees nothing but its weighted sum.

용어  다변수 함수(function of several variables). 시그모이드(sigmoid): 0과 1 사이로 눌러 주는 함수.
catalogue  ch03-comp act-sigmoid
"""

import numpy as np

from mulle import nn
from mulle.report.charts import Canvas, Scale


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


side = np.linspace(-5, 5, 21)
x, y = np.meshgrid(side, side)
z = sigmoid(x + y)

for row in z[::-2]:
    print("  " + "".join(" .:-=+*#%@"[int(9.99 * height)] * 2 for height in row))

# A point of space as seen from a little above: what is far away is drawn higher up.
right, far = 0.94 * x + 0.34 * y, 0.94 * y - 0.34 * x
up = 6 * z + 0.5 * far
across, upwards = Scale(-6.5, 6.5, 0, 344), Scale(up.min(), up.max(), 236, 4)
net = Canvas(344, 240)
for wire in [*zip(right, up, strict=True), *zip(right.T, up.T, strict=True)]:
    net.line("line", [(across(a), upwards(b)) for a, b in zip(*wire, strict=True)])
net.drawing("sigmoid(x + y)", "A smooth step").save("04_two_inputs.svg")

engine = (nn.Tensor(x) + nn.Tensor(y)).sigmoid()

assert np.allclose(engine.data, z, atol=1e-7)
assert np.allclose(np.diag(z[::-1]), 0.5)  # the diagonal x + y = 0
assert np.allclose(z + z[::-1, ::-1], 1)  # sigmoid(-s) = 1 - sigmoid(s)
assert z.min() > 0 and z.max() < 1
