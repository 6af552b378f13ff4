"""Six ways down one valley · 옵티마이저를 등고선 위에서

A long valley: twenty times steeper across than along. Such is the usual landscape of a network, and
it is what optimizers differ in. All start at the same place and take 60 steps.

    f(x, y) = x^2 / 20 + y^2        slopes (x / 10, 2 y)        lowest at (0, 0)
    two families: those with a velocity (momentum, Nesterov), and those that measure each weight by
    its own slopes (AdaGrad, RMSProp); Adam belongs to both

Look at 31_optimizers.svg, a map with lines of equal height: plain descent zigzags across and creeps
along, momentum swings but arrives, AdaGrad turns straight to the goal and tires, for its s only
grows. None is best everywhere; swap the learning rates and the order changes.

용어  등고선(contour): 높이가 같은 점을 이은 선. 지그재그(zigzag). 적응형(adaptive) 방식.
catalogue  opt-families opt-nag opt-adagrad opt-what diag-skew diag-zigzag diag-adastall
"""

from pathlib import Path

import numpy as np

from mulle import nn
from mulle.page.charts import svg, theme

START, STEPS, E = np.array([-7.0, 2.0]), 60, 1e-8


def height(w):
    return w[..., 0] ** 2 / 20 + w[..., 1] ** 2


def slopes(w):
    return w * [0.1, 2.0]


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
for name in ("plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam"):
    w, v, s = START, np.zeros(2), np.zeros(2)
    path = [w]
    for t in range(1, STEPS + 1):
        change, v, s = step(name, slopes(w), v, s, t)
        w = w - change
        path.append(w)
    paths[name] = path = np.array(path)
    crossings = int((np.diff(np.sign(path[:, 1])) != 0).sum())
    print(f"{name:9} ends at ({w[0]:7.4f}, {w[1]:7.4f}), height {height(w):.2e},", end="")
    print(f" crossed the valley {crossings} times")

around = np.linspace(0, 2 * np.pi, 80)
rows = [(np.sqrt(20 * c) * np.cos(a), np.sqrt(c) * np.sin(a), f"c{c}", "", i)
        for c in (0.1, 0.5, 1.2, 2.2, 3.5) for i, a in enumerate(around)]  # fmt: skip
rows += [(*w, name, name, i) for name, path in paths.items() for i, w in enumerate(path)]
columns = dict(zip(("x", "y", "line", "optimizer", "order"), zip(*rows, strict=True), strict=True))
colours = [theme.RULE, "#888888", "#0b63a5", "#50a0d0", "#ae4e08", "#d09020", "#2a7d4f"]
channels = {
    "x": theme.x("x", "x", domain=[-8.5, 8.5]), "y": theme.y("y", "y", domain=[-2.6, 2.6]),
    "detail": {"field": "line"}, "order": {"field": "order"},
    "color": {"field": "optimizer", "sort": None, "scale": {"domain": ["", *paths],
              "range": colours}, "legend": {"values": list(paths), "legendX": -40, "legendY": -46}},
}  # fmt: skip
drawn = {"data": theme.points(**columns), "mark": {"type": "line"}, "encoding": channels}
picture = theme.frame([drawn], title="Optimizers", description="Six paths on a contour plot",
                      height=300, outer=theme.WIDE, top=60)  # fmt: skip
Path("31_optimizers.svg").write_text(svg(picture), encoding="utf-8")

engine = nn.Parameter(START.copy())
optimizer = nn.optim.Adam([engine], lr=0.5)
for _ in range(STEPS):
    engine.grad = slopes(engine.data)
    optimizer.step()
assert np.allclose(engine.data, paths["adam"][-1])

ends = {name: height(path[-1]) for name, path in paths.items()}
assert max(ends.values()) < height(START) / 100
assert ends["nesterov"] < ends["momentum"] < 0.1
assert (np.diff(np.sign(paths["plain"][:40, 1])) != 0).all()  # zigzag: across at every step
lengths = np.linalg.norm(np.diff(paths["adagrad"], axis=0), axis=1)
assert lengths[-1] < lengths[0] / 20
