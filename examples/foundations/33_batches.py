"""All rows, one row, some rows: how much to look at before a step · 전체 배치, SGD, 미니 배치

The slope of the loss is a mean over rows. All of them give the true slope and one careful step;
a single random one gives a rough guess at a 130th of the price; a batch is the usual compromise.
Rows in a fixed order that is not random, say sorted by class, pull all one way and then another.

    step: w <- w - lr * (mean of the batch's slopes)      an epoch has ceil(n / batch) steps

Look at the four lines of the table after 1, 10 and 50 epochs. Single rows make 130 steps an epoch
and are far ahead at once, but restless: the last column says how many of their last steps made the
loss worse. In the fixed order the same two flowers are always left over for the last batch, and
they pull as hard as 64 others.

용어  에포크(epoch): 자료를 한 번 다 봄. 이터레이션(iteration): 갱신 한 번. 셔플(shuffle).
catalogue  ch35-full ch35-sgd ch35-mini ch35-shuffle opt-bgd opt-sgd opt-mbgd ad-epoch ad-shuffle
"""

from math import ceil

import numpy as np
from sklearn.datasets import load_iris

from mulle import nn
from mulle.nn.functional import cross_entropy

X, y = load_iris(return_X_y=True)
rng = np.random.default_rng(35)
train = np.sort(rng.permutation(150)[:130])  # as the table has them: sorted by class
test = np.setdiff1d(np.arange(150), train)
X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
T = np.eye(3)[y]
EPOCHS, LR, N = 50, 0.1, len(train)


def probabilities(rows, W, b):
    e = np.exp(X[rows] @ W + b)
    return e / e.sum(axis=1, keepdims=True)


def loss_of(W, b):
    return -np.log(probabilities(train, W, b)[T[train] == 1]).mean()


def batches(how):
    """The rows of each step of one epoch."""
    if how == "one random row":
        return rng.choice(train, size=(N, 1))
    size = N if how == "all 130 rows" else 64
    order = rng.permutation(train) if how == "64, shuffled" else train
    return [order[begin : begin + size] for begin in range(0, N, size)]


def learn(how):
    W, b, losses, steps = np.zeros((4, 3)), np.zeros(3), [], 0
    within = []
    for epoch in range(EPOCHS):
        for rows in batches(how):
            dz = (probabilities(rows, W, b) - T[rows]) / len(rows)
            W, b, steps = W - LR * (X[rows].T @ dz), b - LR * dz.sum(axis=0), steps + 1
            if epoch >= EPOCHS - 10:
                within.append(loss_of(W, b))
        losses.append(loss_of(W, b))
    right = (probabilities(test, W, b).argmax(axis=1) == y[test]).mean()
    return losses, steps // EPOCHS, right, (np.diff(within) > 0).mean()


results = {}
print("                  steps an epoch   loss after 1      10      50   right   worse")
for how in ("all 130 rows", "one random row", "64, in fixed order", "64, shuffled"):
    losses, steps, right, worse = results[how] = learn(how)
    values = "".join(f"{losses[epoch - 1]:8.4f}" for epoch in (1, 10, 50))
    print(f"{how:20} {steps:6d} {'':11} {values} {right:7.0%} {worse:7.0%}")

layer = nn.Linear(4, 3)
for p in layer.parameters():
    p.data[...] = 0
rows = nn.Tensor(X[train].astype(np.float32))
for _ in range(EPOCHS):
    layer.zero_grad()
    cross_entropy(layer(rows), y[train]).backward()
    for p in layer.parameters():
        p.data -= LR * p.grad
engine = cross_entropy(layer(rows), y[train]).item()
print(f"nn.Linear on all rows: {engine:.4f}")

steps = {how: result[1] for how, result in results.items()}
assert list(steps.values()) == [1, 130, ceil(130 / 64), 3]
final = {how: result[0][-1] for how, result in results.items()}
assert np.isclose(engine, final["all 130 rows"], rtol=1e-4)
assert final["one random row"] < final["64, shuffled"] < final["all 130 rows"]
assert all(result[2] >= 0.8 for result in results.values())
assert final["64, shuffled"] < final["64, in fixed order"]
assert results["all 130 rows"][3] == 0 < results["one random row"][3]
