"""Learning a line by walking downhill · 선형 회귀와 경사 하강법

Three points lie on y = 2x + 1. The program does not know; it starts with w = b = 0, asks which way
the mean squared error falls, takes a small step that way, and asks again.

    loss = 1/n sum (w x + b - y)^2
    dw = 2/n sum (w x + b - y) x       db = 2/n sum (w x + b - y)
    w <- w - lr dw                     b <- b - lr db

Look at the last line of the output: leave out the 1/n, so that the slope is that of the sum, and
the steps are three times too long for this learning rate: it runs away. PyTorch, given the same
start, walks the same path.

용어  학습률(learning rate, lr): 한 걸음의 크기. 손실(loss): 줄이려는 값.
catalogue  ch12-linreg ch12-linreg-torch opt-gd
"""

from importlib.util import find_spec

import numpy as np

from mulle import nn

x, y = np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0])
LR, STEPS = 0.1, 300


def by_hand(steps=STEPS, divide_by=3):
    w = b = 0.0
    path = []
    for _ in range(steps):
        miss = w * x + b - y
        path.append((w, b, (miss**2).mean()))
        w -= LR * 2 * (miss * x).sum() / divide_by
        b -= LR * 2 * miss.sum() / divide_by
    return w, b, path


def by_autograd(tensor):
    """With a library that finds the slopes itself; the updates stay written out."""
    w, b = tensor(np.zeros(1)), tensor(np.zeros(1))
    for _ in range(STEPS):
        loss = ((w * tensor(x, learned=False) + b - tensor(y, learned=False)) ** 2).mean()
        loss.backward()
        w, b = (tensor(v.data - LR * v.grad) for v in (w, b))
    return w.data.item(), b.data.item()


w, b, path = by_hand()
print("step       w       b      loss")
for step in (0, 1, 2, 5, 10, 50, 100, 299):
    print("{:4d} {:7.4f} {:7.4f} {:9.2e}".format(step, *path[step]))

engine = by_autograd(lambda a, learned=True: nn.Tensor(a, requires_grad=learned))
print(f"\nby hand {w:.6f} {b:.6f}, the engine {engine[0]:.6f} {engine[1]:.6f}")
assert np.allclose(engine, (w, b), atol=1e-12)

if find_spec("torch"):
    import torch

    peer = by_autograd(lambda a, learned=True: torch.as_tensor(a).requires_grad_(learned))
    print(f"PyTorch {peer[0]:.6f} {peer[1]:.6f}")
    assert np.allclose(peer, (w, b), atol=1e-12)
else:
    print("PyTorch is not installed, so its peer is left out.")

lost = by_hand(steps=20, divide_by=1)
print(f"\nWithout the 1/n, after 20 steps: w = {lost[0]:.1e}, b = {lost[1]:.1e}")

losses = [loss for _, _, loss in path]
assert abs(w - 2) < 1e-3 and abs(b - 1) < 1e-3
assert losses[-1] < 1e-6 and all(np.diff(losses[1:]) < 0)
assert abs(lost[0]) > 1e6
