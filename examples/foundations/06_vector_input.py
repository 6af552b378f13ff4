"""A row of numbers meets a column of weights · 벡터 입력

A neuron takes several inputs: each is multiplied by a weight of its own, the products are added,
and the sum goes through the sigmoid. As arrays: a row times a column.

    X (1x3) W (3x1) = s (1x1)      s = x1 w1 + x2 w2 + x3 w3      y = sigmoid(s)

Look at the three products: the size of each says how much that input speaks for (+) or against (-)
the neuron's being on. And look at the shapes, for the inner two numbers must be equal.

용어  벡터(vector): 수의 나열. 가중치(weight): 각 입력에 곱하는, 배워서 정해지는 수.
catalogue  ch04-vector
"""

import numpy as np

from mulle import nn
from mulle.errors import DataError

X = np.array([[1.0, -2.0, 0.5]])
W = np.array([[0.8], [0.3], [-1.2]])

products = X.ravel() * W.ravel()
s = X @ W
y = 1 / (1 + np.exp(-s))

print("input  weight  product")
for x, w, product in zip(X.ravel(), W.ravel(), products, strict=True):
    print(f"{x:5.1f} {w:7.1f} {product:8.2f}")
print(f"          sum {products.sum():8.2f}   sigmoid {y.item():.4f}")
print(f"shapes: X {X.shape} @ W {W.shape} -> {s.shape}")

# A layer of the engine is this product. It keeps W with one row for each output, as PyTorch does,
# so a (3, 1) column of weights lies in it as a (1, 3) row.
neuron = nn.Linear(3, 1, bias=False)
neuron.weight.data[...] = W.T
answer = neuron(nn.Tensor(X.astype(np.float32))).sigmoid()
print(f"nn.Linear(3, 1), weight {neuron.weight.shape}: {answer.item():.4f}")

# The wrong way round is refused with the shapes that came and those that would do.
try:
    neuron(nn.Tensor(X.T.astype(np.float32)))
except DataError as error:
    print(f"\nX turned on its side:\n{error}")
    refused = str(error)

assert np.isclose(s.item(), -0.4) and np.isclose(products.sum(), s.item())
assert np.isclose(y.item(), 0.401312, atol=1e-6)
assert np.isclose(answer.item(), y.item(), atol=1e-6)
assert "(3, 1)" in refused
