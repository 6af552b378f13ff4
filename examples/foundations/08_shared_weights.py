"""From one row to many: the weights are shared · 행렬 입력의 도함수 이론

With many rows of data each row meets the *same* weights. So a weight has a say in every row, and
its slope is the sum of what each row reports. The matrix product adds them up without being told.

    Y_ik = sum_j X_ij W_jk
    dW_jk = sum_i X_ij dY_ik   (over rows)     = X^T dY
    dX_ij = sum_k dY_ik W_jk   (over outputs)  = dY W^T

Look at dW being built up row by row, and at the rule of shapes: there is only one way to multiply
the two arrays at hand that gives the shape wanted. When in doubt, let the shapes decide.

용어  가중치 공유(shared weights): 모든 행이 같은 가중치를 쓰므로 기울기는 행마다 더해진다.
catalogue  ch06-theory ad-matmul
"""

import numpy as np

from mulle import nn

rng = np.random.default_rng(6)
X = rng.integers(-2, 3, (4, 3)).astype(float)  # four rows of three inputs
W = rng.integers(-2, 3, (3, 2)).astype(float)  # three inputs, two outputs
dy = rng.integers(-2, 3, (4, 2)).astype(float)  # what is handed back for each output

so_far = np.zeros_like(W)
for i in range(len(X)):
    so_far += np.outer(X[i], dy[i])  # this row's report: input j times slope k
    print(f"dw after row {i + 1}: {so_far.tolist()}")

by_sums = np.zeros_like(W)
for j, k in np.ndindex(W.shape):
    by_sums[j, k] = sum(X[i, j] * dy[i, k] for i in range(len(X)))

print(f"\nX^T dy:            {(X.T @ dy).tolist()}")
print(f"shapes: X^T {X.T.shape} @ dy {dy.shape} -> dw {W.shape}")
print(f"        dy {dy.shape} @ W^T {W.T.shape} -> dx {X.shape}")

# To start the engine from a given dy, hand it to backward().
tx, tw = nn.Tensor(X, requires_grad=True), nn.Tensor(W, requires_grad=True)
(tx @ tw).backward(dy)

assert np.array_equal(so_far, X.T @ dy) and np.array_equal(by_sums, X.T @ dy)
assert np.array_equal(tw.grad, X.T @ dy) and np.array_equal(tx.grad, dy @ W.T)
