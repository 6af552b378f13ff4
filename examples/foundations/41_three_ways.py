"""One model, three ways to write it · Sequential, 함수형 Model, 서브클래스

64 ReLU units, then ten classes by softmax. As a list of layers; as layers called on an input that
is not there yet; as a class of one's own. All three hold the same weights, differently named.

    list        one input, one output, no branches
    functional  any net without cycles: several inputs, branches that join
    subclass    whatever Python can say, loops and choices too; the hardest to look through

Look at the answers of the three, which are equal to the last bit, and at the last model, which has
two inputs that meet in the middle: only the functional way shows such a net as a table of layers.

용어  시퀀셜(Sequential), 함수형 API(functional), 서브클래싱(subclassing), 다중 입력(multi-input).
catalogue  prog-keras-mlp keras-seq keras-func keras-sub keras-multi keras-flow
"""

import numpy as np

from mulle import nn

F = nn.functional
rng = np.random.default_rng(41)
centres = rng.normal(0, 1.2, (10, 20))
classes = rng.integers(10, size=600)
x = (centres[classes] + rng.normal(size=(600, 20))).astype(np.float32)

in_a_row = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))

entry = nn.Input()
declared = nn.Model(entry, nn.Linear(64, 10)(F.relu(nn.Linear(20, 64)(entry))))


class Network(nn.Module):
    """The same as a class."""

    def __init__(self):
        self.hidden, self.answer = nn.Linear(20, 64), nn.Linear(64, 10)

    def forward(self, x):
        """Scores; softmax is taken where answers are wanted, the loss has its own inside."""
        return self.answer(F.relu(self.hidden(x)))


written = Network()
for p, q, r in zip(*(m.parameters() for m in (in_a_row, declared, written)), strict=True):
    q.data, r.data = p.data.copy(), p.data.copy()


def fit(model, epochs=10):
    """Compile, fit, predict: here they are an optimizer, a loop and a call."""
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(epochs):
        for rows in np.array_split(np.random.default_rng(epoch).permutation(500), 16):
            optimizer.zero_grad()
            F.cross_entropy(model(nn.Tensor(x[rows])), classes[rows]).backward()
            optimizer.step()
    with nn.no_grad():
        return F.softmax(model(nn.Tensor(x[500:])), axis=-1).data


answers = {}
for name, model in {"list": in_a_row, "functional": declared, "subclass": written}.items():
    answers[name] = fit(model)
    right = (answers[name].argmax(axis=1) == classes[500:]).mean()
    print(f"{name:10} {', '.join(model.state_dict())}: {right:.0%} of 100 new rows")
    assert right > 0.9

W1, b1, W2, b2 = (p.data for p in written.parameters())
e = np.exp(np.maximum(x[500:] @ W1.T + b1, 0) @ W2.T + b2)
by_hand = e / e.sum(axis=1, keepdims=True)

picture, table = nn.Input(), nn.Input()
joined = F.concatenate(F.relu(nn.Linear(12, 16)(picture)), F.relu(nn.Linear(8, 4)(table)), axis=1)
two_inputs = nn.Model([picture, table], nn.Linear(20, 10)(joined))
print("\nTwo inputs that meet:")
print(nn.summary(two_inputs, x[:2, :12], x[:2, 12:]))

assert np.array_equal(answers["list"], answers["functional"])
assert np.array_equal(answers["list"], answers["subclass"])
assert np.allclose(by_hand, answers["list"], atol=1e-5)
assert two_inputs(x[:5, :12], x[:5, 12:]).shape == (5, 10)
