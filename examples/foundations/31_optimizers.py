"""Six ways down one valley · 옵티마이저를 등고선 위에서

A long valley: twenty times steeper across than along. Such is the usual landscape of a network, and
it is what optimizers differ in. All start at the same place and take 60 steps.

    f(x, y) = x^2 / 20 + y^2        slopes (x / 10, 2 y)        lowest at (0, 0)
    a velocity: momentum, Nesterov; a measure for each weight: AdaGrad, RMSProp; both: Adam

Look at 31_optimizers.svg, a map with lines of equal height: plain descent zigzags across and creeps
along, momentum swings but arrives, AdaGrad turns straight to the goal and tires, for its s only
grows. None is best everywhere; swap the learning rates and the order changes.

용어  등고선(contour): 높이가 같은 점을 이은 선. 지그재그(zigzag). 적응형(adaptive) 방식.
catalogue  opt-families opt-nag opt-adagrad opt-what diag-skew diag-zigzag diag-adastall
"""

import numpy as np

from mulle import nn
from mulle.report.charts import Canvas, Scale

START, STEPS, E = np.array([-7.0, 2.0]), 60, 1e-8


def height(w):
    return w[..., 0] ** 2 / 20 + w[..., 1] ** 2


def slopes(w):
    return w * [0.1, 2.0]


ENGINE = {
    "plain": lambda w: nn.optim.SGD(w, lr=0.95),
    "momentum": lambda w: nn.optim.SGD(w, lr=0.1, momentum=0.9),
    "nesterov": lambda w: nn.optim.SGD(w, lr=0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda w: nn.optim.Adagrad(w, lr=1.0),
    "rmsprop": lambda w: nn.optim.RMSprop(w, lr=0.2, alpha=0.9),
    "adam": lambda w: nn.optim.Adam(w, lr=0.5),
}  # the same by the engine, which each path is held to


def step(name, g, v, s, t):
    """What to subtract at step t for slopes g, and the memory (v, s) to go on with."""
    match name:
        case "plain":
            return 0.95 * g, v, s
        case "momentum":
            v = 0.9 * v + g
            return 0.1 * v, v, s
        case "nesterov":
            v = 0.9 * v + g
            return 0.1 * (g + 0.9 * v), v, s
        case "adagrad":
            s = s + g**2
            return 1.0 * g / (np.sqrt(s) + E), v, s
        case "rmsprop":
            s = 0.9 * s + 0.1 * g**2
            return 0.2 * g / (np.sqrt(s) + E), v, s
    v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
    return 0.5 * (v / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + E), v, s


paths = {}
for name, make in ENGINE.items():
    w, v, s, peer = START, 0.0, 0.0, nn.Parameter(START.copy())
    path, optimizer = [w], make([peer])
    for t in range(1, STEPS + 1):
        change, v, s = step(name, slopes(w), v, s, t)
        w = w - change
        path.append(w)
        peer.grad = slopes(peer.data)
        optimizer.step()
    assert np.allclose(peer.data, w, atol=1e-6)
    paths[name] = path = np.array(path)
    crossings = int((np.diff(np.sign(path[:, 1])) != 0).sum())
    print(f"{name:9} height {height(w):.1e} at {w.round(4)!s:17}, crossed it {crossings} times")

around = np.linspace(0, 2 * np.pi, 80)
x, y, chart = Scale(-8.5, 8.5, 0, 704), Scale(-2.6, 2.6, 360, 40), Canvas(704, 364)
for c in (0.1, 0.5, 1.2, 2.2, 3.5):
    ring = zip(np.sqrt(20 * c) * np.cos(around), np.sqrt(c) * np.sin(around), strict=True)
    chart.line("grid", [(x(a), y(b)) for a, b in ring])
for k, (name, path) in enumerate(paths.items()):
    chart.line(f"l{k}", [(x(a), y(b)) for a, b in path])
    chart.segments(f"l{k}", [(116 * k, 12, 116 * k + 18, 12)])
    chart.text("ts", 116 * k + 24, 16, name)
chart.drawing("Six paths", "Six optimizers on lines of equal height").save("31_optimizers.svg")

assert height(paths["nesterov"][-1]) < height(paths["momentum"][-1]) < height(START) / 100
assert (np.diff(np.sign(paths["plain"][:40, 1])) != 0).all()  # zigzag: across at every step
lengths = np.linalg.norm(np.diff(paths["adagrad"], axis=0), axis=1)
assert lengths[-1] < lengths[0] / 20
