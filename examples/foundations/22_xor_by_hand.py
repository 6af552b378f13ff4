"""A hidden layer solves XOR: chosen by hand, then differentiated · MLP XOR 이론과 도함수

XOR is "one of them (OR) but not both (NAND)". Two hidden neurons answer those two questions, and a
third one joins the answers with AND: what no line could do, a line through new coordinates does.

    H = sigmoid(X W1 + b1)   p = sigmoid(H W2 + b2)    (OR and NAND, then AND)
    dZ2 = p - t              dW2 = H^T dZ2     dH = dZ2 W2^T
    dZ1 = dH * H (1 - H)     dW1 = X^T dZ1     (the same two rules, once more)

Look at the table: in the columns h1, h2 the four corners have moved so that one line separates
them. Then look at the gradients by the formulas and by the engine.

용어  은닉층(hidden layer): 입력과 출력 사이에서 새 특성을 만드는 층. 역전파(backpropagation).
catalogue  ch23-theory net-mlp ad-backprop
"""

import numpy as np

from mulle import nn

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
t = np.array([[0], [1], [1], [0]], float)

W1 = 20 * np.array([[1.0, -1.0], [1.0, -1.0]])  # first neuron: OR, second: NAND
b1 = np.array([-10.0, 30.0])
W2 = 20 * np.array([[1.0], [1.0]])  # AND
b2 = np.array([-30.0])


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def forward(W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    return H, sigmoid(H @ W2 + b2)


def backward(H, p, W2):
    dz2 = p - t
    dz1 = (dz2 @ W2.T) * H * (1 - H)
    return X.T @ dz1, dz1.sum(axis=0), H.T @ dz2, dz2.sum(axis=0)


H, p = forward(W1, b1, W2, b2)
print("x1 x2 | h1 (OR) h2 (NAND) |  answer  wanted")
for x, h, answer, wanted in zip(X, H, p, t, strict=True):
    print(f"{x[0]:2.0f} {x[1]:2.0f} | {h[0]:7.3f} {h[1]:9.3f} | {answer[0]:7.4f} {wanted[0]:5.0f}")

# At these weights all slopes are nearly 0; the formulas are compared where they are not.
rng = np.random.default_rng(23)
weights = [rng.normal(size=a.shape) for a in (W1, b1, W2, b2)]
by_hand = backward(*forward(*weights), weights[2])

w1, c1, w2, c2 = tensors = [nn.Tensor(a, requires_grad=True) for a in weights]
y = ((nn.Tensor(X) @ w1 + c1).sigmoid() @ w2 + c2).sigmoid()
(-(t * y.log() + (1 - t) * (1 - y).log()).sum()).backward()

print("\nslopes     by the formulas        by the engine")
for name, ours, tensor in zip(["dW1", "db1", "dW2", "db2"], by_hand, tensors, strict=True):
    for a, g in zip(ours.ravel(), tensor.grad.ravel(), strict=True):
        print(f"  {name} {a:18.6f} {g:20.6f}")
    assert np.allclose(ours, tensor.grad)

assert np.array_equal(p > 0.5, t == 1) and np.abs(p - t).max() < 1e-4
assert np.array_equal(H.round(), [[0, 1], [1, 1], [1, 1], [1, 0]])
