"""Perceptrons, convolutions, recurrent networks and the Boltzmann machine: PyTorch and learning."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.errors import UnknownName, UsageError
from mulle.nn import networks

RNG = np.random.default_rng(0)
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
GATES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "nand": [1, 1, 1, 0]}
XOR = np.array([0, 1, 1, 0])


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


def learn(model, x, y, **settings):
    settings = {"loss": "cross_entropy", "lr": 1e-2, "epochs": 30, **settings}
    return nn.train(model, (x, y), progress=False, diagnosing=False, **settings)


def right(model, x, y):
    return (model(x).data.argmax(-1) == y).mean()


@pytest.mark.parametrize("gate", GATES)
def test_a_perceptron_learns_what_a_line_parts(gate):
    model = networks.Perceptron(2)
    mistakes = model.learn(CORNERS, np.array(GATES[gate]))
    assert mistakes[-1] == 0
    assert ((model(CORNERS).data[:, 0] > 0) == GATES[gate]).all()


def test_xor_needs_a_hidden_layer():
    alone = networks.Perceptron(2).learn(CORNERS, XOR, epochs=200)
    assert len(alone) == 200
    assert min(alone) > 0
    model = networks.MLP((2, 8, 2), activation=nn.Tanh)
    learn(model, CORNERS, XOR, epochs=200, batch_size=None, lr=3e-2)
    assert right(model, CORNERS, XOR) == 1


def test_the_rule_of_the_perceptron_is_that_of_sklearn():
    linear = pytest.importorskip("sklearn.linear_model")
    x = RNG.normal(size=(60, 3)).astype(np.float32)
    y = (x @ [1, -2, 0.5] + 0.3 > 0).astype(int)
    model = networks.Perceptron(3)
    for p in model.parameters():
        p.data[...] = 0
    model.learn(x, y, epochs=4)
    theirs = linear.Perceptron(max_iter=4, tol=None, shuffle=False).fit(x, y)
    np.testing.assert_allclose(model.linear.weight.data, theirs.coef_, rtol=1e-4)
    np.testing.assert_allclose(model.linear.bias.data, theirs.intercept_, rtol=1e-4)


def test_an_mlp_is_a_sequential_of_torch():
    torch = pytest.importorskip("torch")
    model = networks.MLP((6, 5, 4), dropout=0.3, norm=nn.BatchNorm1d).eval()
    peer = torch.nn.Sequential(
        torch.nn.Linear(6, 5),
        torch.nn.BatchNorm1d(5),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(5, 4),
    ).eval()
    model.load_state_dict(peer.state_dict())
    x = RNG.normal(size=(7, 6)).astype(np.float32)
    theirs = peer(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(model(x).data, theirs, rtol=1e-4, atol=1e-5)


def test_a_cnn_is_a_sequential_of_torch():
    torch = pytest.importorskip("torch")
    model = networks.CNN(3, image=(2, 8, 8), channels=(4, 5), hidden=6)
    t = torch.nn
    peer = t.Sequential(
        *(t.Conv2d(2, 4, 3, padding=1), t.ReLU(), t.MaxPool2d(2)),
        *(t.Conv2d(4, 5, 3, padding=1), t.ReLU(), t.MaxPool2d(2)),
        *(t.Flatten(), t.Linear(20, 6), t.ReLU(), t.Linear(6, 3)),
    )
    peer.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    x = RNG.normal(size=(3, 2, 8, 8)).astype(np.float32)
    theirs = peer(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(model(x).data, theirs, rtol=1e-4, atol=1e-5)
    with pytest.raises(UsageError, match="2 blocks cannot each halve an image of 9×8"):
        networks.CNN(3, image=(2, 9, 8))


def test_a_cnn_learns_where_a_bar_lies():
    y = RNG.integers(2, size=200)
    x = RNG.normal(size=(200, 1, 8, 8)).astype(np.float32) * 0.3
    for image, kind in zip(x, y, strict=True):
        at = RNG.integers(8)
        image[0][(at, slice(None)) if kind else (slice(None), at)] += 1
    model = networks.CNN(2, image=(1, 8, 8), channels=(4, 8))
    learn(model, x[:150], y[:150], epochs=12)
    assert right(model, x[150:], y[150:]) > 0.9


def test_a_text_cnn_finds_a_phrase_wherever_it_stands():
    tokens = RNG.integers(3, 20, size=(300, 10))
    y = RNG.integers(2, size=300)
    for row, kind in zip(tokens, y, strict=True):
        at = RNG.integers(8)
        row[at : at + 2] = (1, 2) if kind else (2, 1)
    model = networks.TextCNN(20, 2, n_embd=8, widths=(2, 3), channels=8, dropout=0.1)
    learn(model, tokens[:200], y[:200], epochs=15)
    assert right(model, tokens[200:], y[200:]) > 0.95


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_many_to_one_knows_the_first_step_and_the_last(cell):
    x = RNG.normal(size=(300, 6, 2)).astype(np.float32)
    y = (x[:, 0, 0] + x[:, -1, 0] > 0).astype(int)
    model = networks.SequenceClassifier(2, 12, 2, cell=cell)
    learn(model, x[:240], y[:240], lr=2e-2, epochs=20)
    assert right(model, x[240:], y[240:]) > 0.85


@pytest.mark.parametrize("bidirectional", [False, True])
def test_many_to_many_answers_at_each_step(bidirectional):
    x = RNG.normal(size=(200, 6, 1)).astype(np.float32)
    sign = (x[..., 0] > 0).astype(int)
    before = np.concatenate([np.zeros((200, 1), int), sign[:, :-1]], axis=1)
    after = np.concatenate([sign[:, 1:], np.zeros((200, 1), int)], axis=1)
    model = networks.SequenceTagger(1, 10, 2, cell="gru", bidirectional=bidirectional)
    found = []
    for y in (before, after):
        nn.manual_seed(0)
        learn(model, x, y, loss=networks.GPT.loss, lr=2e-2, epochs=20)
        found.append(right(model, x[:, 1:-1], y[:, 1:-1]))
    assert found[0] > 0.75
    assert (found[1] > 0.75) == bidirectional  # the next step is known only from behind


def test_an_unknown_cell_is_refused():
    with pytest.raises(UnknownName) as error:
        networks.SequenceClassifier(2, 3, 1, cell="lsmt")
    assert "lstm" in error.value.fix


def patterns(n):
    """Eight bits, the second half repeating the first."""
    half = RNG.integers(2, size=(n, 4))
    return np.concatenate([half, half], axis=1).astype(np.float32)


def test_a_boltzmann_machine_has_the_free_energy_of_sklearn():
    network = pytest.importorskip("sklearn.neural_network")
    model = networks.RestrictedBoltzmannMachine(8, 5)
    for p in model.parameters():
        p.data[...] = RNG.normal(size=p.shape)
    theirs = network.BernoulliRBM(5).fit(patterns(10))
    theirs.components_ = model.weight.data
    theirs.intercept_hidden_ = model.hidden_bias.data
    theirs.intercept_visible_ = model.visible_bias.data
    v = patterns(20)
    np.testing.assert_allclose(
        model.free_energy(nn.Tensor(v)).data, theirs._free_energy(v), rtol=1e-4
    )
    np.testing.assert_allclose(model(v).data, theirs.transform(v), rtol=1e-4)


def test_contrastive_divergence_learns_as_well_as_sklearn():
    network = pytest.importorskip("sklearn.neural_network")
    x, other = patterns(400), RNG.integers(2, size=(400, 8)).astype(np.float32)
    model = networks.RestrictedBoltzmannMachine(8, 8)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(400):
        optimizer.zero_grad()
        model.loss(nn.Tensor(x)).backward()
        optimizer.step()
    theirs = network.BernoulliRBM(8, learning_rate=0.1, n_iter=100, random_state=0).fit(x)

    def gap(energy):
        return energy(other).mean() - energy(x).mean()

    ours = gap(lambda v: model.free_energy(nn.Tensor(v)).data)
    assert ours > 1.5
    assert ours > 0.7 * gap(theirs._free_energy)


def test_the_gradient_is_the_update_of_contrastive_divergence():
    model = networks.RestrictedBoltzmannMachine(8, 3)
    v = patterns(30)
    nn.manual_seed(4)
    model.loss(nn.Tensor(v)).backward()
    nn.manual_seed(4)
    made = model.gibbs(nn.Tensor(v)).data
    up, down = model(v).data, model(made).data
    update = (up.T @ v - down.T @ made) / 30
    np.testing.assert_allclose(model.weight.grad, -update, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(model.hidden_bias.grad, -(up - down).mean(0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(model.visible_bias.grad, -(v - made).mean(0), rtol=1e-3, atol=1e-5)
    assert set(np.unique(made)) <= {0.0, 1.0}
