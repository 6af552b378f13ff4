"""The shortest way back: S - T · 소프트맥스 역전파 단순화

Going back through the logarithm and then through softmax's Jacobian is right and long: a matrix for
each row. Multiplied out, nearly all of it cancels, and what is left is one subtraction.

    long   dP = -T / P / n        dZ_row = J_row dP_row,  J = diag(p) - p p^T
    short  dZ = (S - T) / n

Look at three things: both give the same numbers; the short way is many times faster; and it still
works where the long way divides by a probability that has become 0.

용어  융합 연산(fused operation): 여러 단계를 하나로 합쳐 빠르고 안정되게 계산하는 것.
catalogue  ch34-softmax
"""

from timeit import repeat

import numpy as np

from mulle import nn
from mulle.nn.functional import cross_entropy

N, CLASSES = 256, 10
rng = np.random.default_rng(34)
Z = rng.normal(size=(N, CLASSES))
classes = rng.integers(CLASSES, size=N)
T = np.eye(CLASSES)[classes]


def softmax(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def long_way(Z):
    P = softmax(Z)
    back = np.empty_like(P)
    for row, (p, t) in enumerate(zip(P, T, strict=True)):
        back[row] = (np.diag(p) - np.outer(p, p)) @ (-t / p / N)
    return back


def short_way(Z):
    return (softmax(Z) - T) / N


def by_engine(Z):
    z = nn.Tensor(Z, requires_grad=True)
    cross_entropy(z, classes).backward()
    return z.grad


seconds = {}
for way in (long_way, short_way, by_engine):
    seconds[way] = min(repeat(lambda way=way: way(Z), number=3, repeat=5)) / 3
    print(f"{way.__name__:10} {seconds[way] * 1e6:8.0f} microseconds, {way(Z)[0, :3].round(7)} ...")
print(f"The short way is {seconds[long_way] / seconds[short_way]:.0f} times faster.")

Z[0, :] = 0
Z[0, (classes[0] + 1) % CLASSES] = 1000  # quite sure, and wrong
with np.errstate(divide="ignore", invalid="ignore"):
    broken = long_way(Z)[0]
wanted = [classes[0], (classes[0] + 1) % CLASSES]
print(f"\nSure and wrong; the slopes at the right class and at the one believed in, times {N}:")
print(f"the long way {broken[wanted] * N}, the short way {short_way(Z)[0, wanted] * N}")

assert np.isnan(broken).any()
assert np.isfinite(short_way(Z)).all() and np.allclose(by_engine(Z), short_way(Z))
Z[0] = Z[1]
assert np.allclose(long_way(Z), short_way(Z))
assert seconds[short_way] < seconds[long_way] / 5
