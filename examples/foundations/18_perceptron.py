"""Trained on some, asked about others: the single-layer perceptron · 단층 퍼셉트론

One layer from four measurements to three classes, as before, but now 20 of iris's 150 flowers are
put aside before learning starts. Only those can say whether something was learned or memorised.

    y = softmax(X W + b)        4 * 3 weights + 3 biases = 15 numbers to learn

Look at the three answers: gradient descent by hand, the engine's Linear layer with Adam, and
scikit-learn's logistic regression, which is the same model found in another way. The scale (mean,
deviation) comes from the 130 training rows alone.

용어  단층 퍼셉트론(single-layer perceptron): 은닉층 없이 입력과 출력만 있는 망. 시험 자료(test).
catalogue  ch20-slp net-slp
"""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from mulle import nn
from mulle.nn.functional import cross_entropy

X, y = load_iris(return_X_y=True)
order = np.random.default_rng(20).permutation(len(X))
train, test = order[:130], order[130:]
X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
T = np.eye(3)[y[train]]

W, b = np.zeros((4, 3)), np.zeros(3)
for step in range(1001):
    e = np.exp(X[train] @ W + b)
    P = e / e.sum(axis=1, keepdims=True)
    if step in (0, 10, 100, 1000):
        right = ((X[test] @ W + b).argmax(axis=1) == y[test]).mean()
        print(f"step {step:4d}  loss {-np.log(P[T == 1]).mean():.4f}  right on the 20: {right:.0%}")
    dz = (P - T) / len(train)
    W -= 0.5 * (X[train].T @ dz)
    b -= 0.5 * dz.sum(axis=0)
by_hand = X @ W + b

nn.manual_seed(0)
layer = nn.Linear(4, 3)
optimizer = nn.optim.Adam(layer.parameters(), lr=0.1)
inputs = nn.Tensor(X[train].astype(np.float32))
for _ in range(300):
    optimizer.zero_grad()
    cross_entropy(layer(inputs), y[train]).backward()
    optimizer.step()
engine = layer(nn.Tensor(X.astype(np.float32))).data

sklearn = LogisticRegression(C=10, max_iter=500).fit(X[train], y[train]).decision_function(X)

for name, scores in [("by hand", by_hand), ("engine", engine), ("scikit-learn", sklearn)]:
    shares = [(scores.argmax(axis=1) == y)[rows].mean() for rows in (train, test)]
    print(f"{name:13} right: {shares[0]:.1%} of the 130, {shares[1]:.0%} of the 20")
    assert min(shares) >= 0.9

assert layer.n_parameters() == W.size + b.size == 15
assert (by_hand.argmax(axis=1) == engine.argmax(axis=1)).mean() > 0.95
