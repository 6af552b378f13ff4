"""One layer, two regressions: declared, trained, checked · 한 층으로 하는 두 회귀

A dense layer of one unit is linear regression when it is trained on squared errors, and logistic
regression when it is trained on cross-entropy. Nothing else in the program changes. `nn.train` is
the loop that the pages before wrote out: batches, loss, gradients, step, and a look at how it goes.

    linear    y = x w + b              loss: mean (y - t)^2
    logistic  p = sigmoid(x w + b)     loss: -mean [t ln p + (1 - t) ln(1 - p)], from the logit

Look at how near both come to what scikit-learn solves exactly, and at the diagnosis of the third
training, whose learning rate is far too low.

용어  선형 회귀(linear regression), 로지스틱 회귀(logistic regression), 학습률(learning rate).
catalogue  keras-linreg keras-logreg diag-lr-low
"""

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression

from mulle import nn

rng = np.random.default_rng(48)
x = rng.normal(size=(400, 3)).astype(np.float32)
line = x @ np.array([2.0, -1.0, 0.5]) + 1 + 0.1 * rng.normal(size=400)
drafted = (rng.random(400) < 1 / (1 + np.exp(-2 * x[:, 0] + x[:, 1]))).astype(np.float32)


def trained(target, loss, lr=0.1):
    """A layer of one unit, and the history of its training."""
    nn.manual_seed(0)
    layer = nn.Linear(3, 1)
    history = nn.train(layer, (x, target[:, None].astype(np.float32)), loss=loss, optimizer="sgd",
                       lr=lr, epochs=200, batch_size=None, progress=False)  # fmt: skip
    return layer, history


linear, history = trained(line, "mse_loss")
exact = LinearRegression().fit(x, line)
print("linear    by the layer", linear.weight.data.ravel().round(3), linear.bias.data.round(3))
print("          solved      ", exact.coef_.round(3), exact.intercept_.round(3))
print(f"          loss {history.losses[0]:.3f} -> {history.losses[-1]:.4f}")

logistic, history = trained(drafted, "binary_cross_entropy_with_logits", lr=1.0)
solved = LogisticRegression(C=np.inf).fit(x, drafted)
print("logistic  by the layer", logistic.weight.data.ravel().round(3), logistic.bias.data.round(3))
print("          solved      ", solved.coef_.ravel().round(3), solved.intercept_.round(3))

_, slow = trained(line, "mse_loss", lr=1e-4)
print(f"lr 0.0001 loss {slow.losses[0]:.3f} -> {slow.losses[-1]:.3f}")
for diagnosis in slow.diagnoses:
    print("         ", diagnosis)

assert np.allclose(linear.weight.data, exact.coef_, atol=1e-3)
assert np.allclose(logistic.weight.data, solved.coef_, atol=0.02)
assert slow.losses[-1] > 10 * 0.01
