"""From scores to probabilities, and how wrong they were · 소프트맥스와 교차 엔트로피 이론

For more than two classes there is a score (a logit) for each. Softmax turns scores into
probabilities; cross-entropy measures the surprise at the true class; and going back, the two
together become as simple as can be.

    p_i = e^(z_i - m) / sum_j e^(z_j - m),  m = max z        loss = -sum_i q_i ln p_i
    dp_i/dz_j = p_i (1 if i = j else 0) - p_i p_j            dloss/dz = p - q

Look at three things: a common shift of all scores changes nothing, which is why m may be taken
away and large scores do not overflow; the loss never falls below the entropy of q; and multiplying
out the Jacobian leaves just p - q.

용어  로짓(logit): 소프트맥스에 들어가는 점수. 교차 엔트로피(cross-entropy). 야코비 행렬(Jacobian).
catalogue  ch16-theory act-softmax loss-ce diag-overflow
"""

import numpy as np

from mulle import nn
from mulle.nn.functional import cross_entropy


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def surprise(q, p):
    return -(q * np.log(p)).sum()


z = np.array([2.0, 1.0, -1.0])
p = softmax(z)
print(f"scores {z} -> probabilities {p.round(4)}, sum {p.sum():.1f}")
print(f"all scores + 5:          {softmax(z + 5).round(4)}")
print(f"scores near a thousand:  {softmax(z + 1000).round(4)}")
with np.errstate(over="ignore", invalid="ignore"):
    naive = np.exp(z + 1000) / np.exp(z + 1000).sum()
print(f"without taking m away:   {naive}")

soft = np.array([0.7, 0.2, 0.1])  # what is true may itself be a share
entropy = surprise(soft, soft)
print(f"\nCross-entropy of q {soft}: {surprise(soft, p):.4f} with our p,", end=" ")
print(f"{entropy:.4f} at best, where p = q")

sure = np.array([0.0, 1.0, 0.0])  # the second class is true
jacobian = np.diag(p) - np.outer(p, p)
by_chain = jacobian @ (-sure / p)  # through the logarithm, then through the softmax
print(f"\nSlope at the scores, multiplied out {by_chain.round(4)}, as p - q {(p - sure).round(4)}")

logits = nn.Tensor(z[None], requires_grad=True)
loss = cross_entropy(logits, np.array([1]))
loss.backward()
print(f"The engine's one fused operation:   {logits.grad[0].round(4)}, loss {loss.item():.4f}")

rng = np.random.default_rng(0)
others = [softmax(rng.normal(size=3)) for _ in range(1000)]
assert np.allclose(softmax(z + 5), p) and np.allclose(softmax(z + 1000), p)
assert np.isnan(naive).all()
assert all(surprise(soft, other) >= entropy for other in others)
assert np.allclose(by_chain, p - sure) and np.allclose(logits.grad[0], p - sure)
assert np.isclose(loss.item(), surprise(sure, p))
