"""The textbook's first program, made to run · 선형 회귀 첫 프로그램

Five points on y = 11x + 1, and a model that starts at w = b = 1. The listing this goes back to
could not run: brackets missing, the tape never opened, gradients never computed, a loss that
ignored its argument. Here are the same numbers with all of that mended, and they have a story.

    loss = mean((w x + b - y)^2)        300 steps of w <- w - 0.01 dw, b <- b - 0.01 db

Look at where it is after 300 steps: w = 10.742, b = 1.931, not 11 and 1. It is not wrong, it is not
done: the loss is nearly flat along one direction, where w falls and b rises, and steps are short.

용어  수렴(convergence): 더 움직여도 거의 변하지 않는 상태. 테이프(tape): 계산의 기록.
catalogue  prog-tf-linreg
"""

import numpy as np

from mulle import nn

x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
y = np.array([12.0, 23.0, 34.0, 45.0, 56.0])
LR, STEPS = 0.01, 300


def by_hand(steps):
    w = b = 1.0
    for _ in range(steps):
        miss = w * x + b - y
        w, b = w - LR * 2 * (miss * x).mean(), b - LR * 2 * miss.mean()
    return w, b, ((w * x + b - y) ** 2).mean()


def by_engine(steps):
    w, b = (nn.Parameter(np.ones(1)) for _ in range(2))
    for _ in range(steps):
        w.grad = b.grad = None
        loss = ((w * x + b - y) ** 2).mean()  # every operation is written on the tape ...
        loss.backward()  # ... which is read backwards here
        for p in (w, b):
            p.data -= LR * p.grad
    return w.data[0], b.data[0], ((w.data * x + b.data - y) ** 2).mean()


print("steps        w       b        loss")
for steps in (0, 10, 100, 300, 1000, 3000):
    print("{:5d} {:8.4f} {:7.4f} {:11.2e}".format(steps, *by_hand(steps)))
print("engine {:7.4f} {:7.4f} {:11.2e}".format(*by_engine(STEPS)))

exact = np.linalg.lstsq(np.column_stack([x, np.ones(5)]), y, rcond=None)[0]
curvature = np.linalg.eigvalsh(2 / 5 * np.array([[x @ x, x.sum()], [x.sum(), 5]]))
print(f"\nleast squares {exact[0]:.4f} {exact[1]:.4f}")
print(f"curvature along the valley {curvature[0]:.3f}, across {curvature[1]:.3f}:", end=" ")
print(f"in 300 steps the first shrinks to {(1 - LR * curvature[0]) ** STEPS:.2f} of what it was")

w, b, loss = by_hand(STEPS)
assert (round(w, 3), round(b, 3), round(loss, 3)) == (10.742, 1.931, 0.158)
assert np.allclose(by_engine(STEPS), (w, b, loss))
assert np.allclose(exact, [11, 1]) and np.allclose(by_hand(6000)[:2], exact, atol=1e-3)
