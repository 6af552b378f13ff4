"""Autoencoders: what each learns that the others do not."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.errors import UnknownName, UsageError
from mulle.nn import functional as F
from mulle.nn.networks import (
    Autoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    UndercompleteAutoencoder,
    VariationalAutoencoder,
)
from mulle.nn.networks.autoencoders.sparse import sparsity

RNG = np.random.default_rng(0)
#: rows near a plane in eight dimensions
PLANE = (
    RNG.normal(size=(200, 2)) @ RNG.normal(size=(2, 8)) + 0.1 * RNG.normal(size=(200, 8))
).astype(np.float32)
PLANE -= PLANE.mean(0)


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


def learn(model, x, **settings):
    settings = {"lr": 1e-2, "epochs": 30, **settings}
    return nn.train(model, (x, x), loss=model.loss, progress=False, diagnosing=False, **settings)


def test_a_linear_one_spans_the_subspace_of_the_principal_components():
    decomposition = pytest.importorskip("sklearn.decomposition")
    pca = decomposition.PCA(2).fit(PLANE)
    best = np.mean((pca.inverse_transform(pca.transform(PLANE)) - PLANE) ** 2)
    model = UndercompleteAutoencoder((8, 2))
    learn(model, PLANE, epochs=150, batch_size=None, optimizer="lbfgs", lr=1.0)
    assert model.loss(model(PLANE), nn.Tensor(PLANE)).item() == pytest.approx(best, rel=1e-3)
    basis, _ = np.linalg.qr(model.decoder[0].weight.data)
    np.testing.assert_allclose(basis @ basis.T, pca.components_.T @ pca.components_, atol=0.02)


def test_a_code_as_wide_as_the_row_is_refused():
    with pytest.raises(UsageError, match="width 8 does not compress"):
        UndercompleteAutoencoder((8, 16, 8))


def test_denoising_comes_nearer_than_the_noise():
    model = DenoisingAutoencoder((8, 16, 2), noise=0.5)
    learn(model, PLANE)
    noisy = PLANE + 0.5 * RNG.normal(size=PLANE.shape).astype(np.float32)
    restored = model(noisy).data
    assert np.mean((restored - PLANE) ** 2) < 0.6 * np.mean((noisy - PLANE) ** 2)


def test_what_is_corrupted_and_when():
    x = np.full((400, 8), 2.0, np.float32)
    noisy = DenoisingAutoencoder((8, 2), noise=0.5).corrupt(nn.Tensor(x)).data
    assert noisy.mean() == pytest.approx(2, abs=0.05)
    assert noisy.std() == pytest.approx(0.5, abs=0.02)
    dropped = DenoisingAutoencoder((8, 2), noise=0.0, dropout=0.25).corrupt(nn.Tensor(x)).data
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.03)
    model = DenoisingAutoencoder((8, 2), noise=0.5)
    shown = nn.Tensor(x)
    assert np.abs(model(shown).data - model(shown).data).max() > 0.01
    model.eval()
    np.testing.assert_array_equal(model(x).data, model(x).data)


def test_the_sparsity_penalty_is_a_divergence_of_coins():
    stats = pytest.importorskip("scipy.stats")
    means = np.array([0.01, 0.05, 0.5, 0.9])
    wanted = sum(stats.entropy([0.05, 0.95], [m, 1 - m]) for m in means)
    assert sparsity(nn.Tensor(means), 0.05).item() == pytest.approx(wanted, rel=1e-4)
    assert np.isfinite(sparsity(nn.Tensor(np.array([0.0, 1.0], np.float32)), 0.05).item())


@pytest.mark.parametrize("penalty", ["kl", "l1"])
def test_a_penalty_keeps_the_code_silent(penalty):
    means = []
    for weight in (0.0, 3.0):
        nn.manual_seed(0)
        model = SparseAutoencoder((8, 12), weight=weight, penalty=penalty)
        learn(model, PLANE, epochs=50)
        means.append(float(model.encode(PLANE).data.mean()))
    assert means[0] > 0.3
    assert means[1] < 0.2
    with pytest.raises(UnknownName, match="l3"):
        SparseAutoencoder((8, 12), penalty="l3")


def test_the_variational_loss_is_the_one_of_torch():
    torch = pytest.importorskip("torch")
    x = (PLANE > 0).astype(np.float32)
    y, mu, log_var = (RNG.normal(size=s).astype(np.float32) for s in ((200, 8), (200, 2), (200, 2)))
    loss = VariationalAutoencoder((8, 2), likelihood="bernoulli").loss
    ours = loss(tuple(map(nn.Tensor, (y, mu, log_var))), nn.Tensor(x)).item()
    there = [torch.tensor(v) for v in (y, mu, log_var)]
    normal = torch.distributions.Normal(there[1], (there[2] / 2).exp())
    standard = torch.distributions.Normal(torch.zeros(200, 2), torch.ones(200, 2))
    kl = torch.distributions.kl_divergence(normal, standard).sum(1)
    p = torch.distributions.Bernoulli(logits=there[0]).log_prob(torch.tensor(x)).sum(1)
    assert ours == pytest.approx((kl - p).mean().item(), rel=1e-5)
    gaussian = VariationalAutoencoder((8, 2)).loss
    ours = gaussian(tuple(map(nn.Tensor, (y, mu, log_var))), nn.Tensor(x)).item()
    p = torch.distributions.Normal(there[0], 1.0).log_prob(torch.tensor(x)).sum(1)
    p = p + 8 / 2 * np.log(2 * np.pi)  # without the constant
    assert ours == pytest.approx((kl - p).mean().item(), rel=1e-5)


def test_a_variational_one_learns_and_makes_new_rows():
    model = VariationalAutoencoder((8, 24, 2))
    history = learn(model, PLANE, epochs=60)
    assert history.epochs[-1].loss < 0.6 * history.epochs[0].loss
    y, mu, _ = model(PLANE)
    np.testing.assert_array_equal(y.data, model.decoder(mu).data)  # z = mu in inference
    made = model.sample(500)
    assert made.shape == (500, 8)
    gap = np.cov(made.T) - np.cov(PLANE.T)
    assert np.linalg.norm(gap) < 0.5 * np.linalg.norm(np.cov(PLANE.T))
    model.train()
    assert np.abs(model(PLANE)[0].data - model(PLANE)[0].data).max() > 0.01


@pytest.mark.parametrize("tied", [True, False])
def test_a_stacked_one_mirrors_its_layers(tied):
    model = StackedAutoencoder((8, 6, 4, 2), tied=tied)
    weights = 8 * 6 + 6 * 4 + 4 * 2
    biases = (6 + 4 + 2) + (4 + 6 + 8)
    assert model.n_parameters() == weights * (1 if tied else 2) + biases
    first, last = (learn(model, PLANE, epochs=n).epochs[-1].loss for n in (1, 60))
    assert last < 0.6 * first
    if tied:
        one, two, three = (model.encoder[i] for i in (0, 2, 4))
        h = F.linear(model.encode(PLANE), three.weight.transpose(0, 1), model.back[0].bias)
        h = F.linear(F.relu(h), two.weight.transpose(0, 1), model.back[1].bias)
        h = F.linear(F.relu(h), one.weight.transpose(0, 1), model.back[2].bias)
        np.testing.assert_allclose(model(PLANE).data, h.data, rtol=1e-5, atol=1e-5)


def test_held_out_rows_come_back_too():
    model = Autoencoder((8, 16, 2))
    learn(model, PLANE[:150], epochs=80)
    rest = PLANE[150:]
    assert np.mean((model(rest).data - rest) ** 2) < 0.3 * rest.var()
