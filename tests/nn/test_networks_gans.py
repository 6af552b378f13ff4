"""GANs: the losses are those of the papers, and each kind comes near its data."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.errors import RunError, UsageError
from mulle.nn import networks
from mulle.nn.networks import gans
from mulle.nn.networks.gans.train import frozen
from mulle.nn.tensor import as_numpy

RNG = np.random.default_rng(0)
LOGITS = [RNG.normal(size=50).astype(np.float32) * 3 for _ in range(2)]
CENTERS = np.array([[2.0, 0.0], [-2.0, 1.0], [0.0, -2.0]], np.float32)
CLASSES = RNG.integers(3, size=512)
POINTS = (CENTERS[CLASSES] + 0.2 * RNG.normal(size=(512, 2))).astype(np.float32)
CLOUD = (np.array([3.0, -2.0]) + 0.5 * RNG.normal(size=(512, 2))).astype(np.float32)


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


def test_losses_are_those_of_torch():
    F = pytest.importorskip("torch.nn.functional")
    import torch

    real, fake = (torch.tensor(x) for x in LOGITS)
    one, zero = torch.ones(50), torch.zeros(50)
    bce = F.binary_cross_entropy_with_logits
    ours = [nn.Tensor(x) for x in LOGITS]
    for loss in (gans.MINIMAX, gans.NON_SATURATING):
        for smoothing in (0.0, 0.1):
            wanted = bce(real, one * (1 - smoothing)) + bce(fake, zero)
            found = loss.discriminator(*ours, smoothing).item()
            assert found == pytest.approx(wanted.item(), rel=1e-5)
    pairs = [
        (gans.NON_SATURATING.generator(ours[1]), bce(fake, one)),
        (gans.MINIMAX.generator(ours[1]), torch.log(1 - torch.sigmoid(fake)).mean()),
        (gans.LEAST_SQUARES.generator(ours[1]), F.mse_loss(fake, one) / 2),
        (
            gans.LEAST_SQUARES.discriminator(*ours, 0.0),
            F.mse_loss(real, one) / 2 + F.mse_loss(fake, zero) / 2,
        ),
    ]
    for found, wanted in pairs:
        assert found.item() == pytest.approx(wanted.item(), rel=1e-5)


def test_at_the_optimum_of_a_lost_game_losses_stay_finite():
    far = nn.Tensor(np.array([1000.0, -1000.0], np.float32))
    for loss in (gans.MINIMAX, gans.NON_SATURATING, gans.LEAST_SQUARES):
        assert np.isfinite(loss.discriminator(far, far, 0.0).item())
        assert np.isfinite(loss.generator(far).item())


@pytest.mark.parametrize(
    "build",
    [
        lambda: networks.DenseGAN(2, 2, hidden=(32,)),
        lambda: networks.LSGAN(2, 2, hidden=(32,)),
        lambda: networks.DenseGAN(2, 2, hidden=(32,), loss=gans.MINIMAX),
    ],
    ids=["non-saturating", "least-squares", "minimax"],
)
def test_made_points_come_near_the_real_ones(build):
    gan = build()
    before = np.linalg.norm(gan.sample(500).mean(0) - CLOUD.mean(0))
    networks.train_gan(gan, (CLOUD,), epochs=60, lr=1e-3, lr_discriminator=3e-3, smoothing=0.1)
    after = np.linalg.norm(gan.sample(500).mean(0) - CLOUD.mean(0))
    assert before > 3
    assert after < 1


def test_it_trains_in_torch_too():
    pytest.importorskip("torch")
    gan = networks.DenseGAN(2, 2, hidden=(32,)).to("torch")
    networks.train_gan(gan, (CLOUD,), epochs=60, lr=1e-3, lr_discriminator=3e-3)
    assert np.linalg.norm(gan.sample(500).mean(0) - CLOUD.mean(0)) < 1


@pytest.mark.parametrize("kind", [networks.ConditionalGAN, networks.ACGAN])
def test_a_class_can_be_asked_for(kind):
    gan = kind(2, 2, 3, hidden=(32,))
    networks.train_gan(gan, (POINTS, CLASSES), epochs=60, batch_size=64, lr=3e-3)
    for y, center in enumerate(CENTERS):
        made = gan.sample(200, np.full(200, y)).mean(0)
        nearest = np.linalg.norm(CENTERS - made, axis=1).argmin()
        assert nearest == y, (made, center)


def test_few_labels_and_many_rows_make_a_classifier():
    y = np.where(np.arange(512) < 24, CLASSES, -1)
    gan = networks.SemiSupervisedGAN(2, 2, 3, hidden=(32,))
    networks.train_gan(gan, (POINTS, y), epochs=30, batch_size=64, lr=3e-3)
    gan.eval()
    assert (gan.classify(POINTS).data.argmax(1) == CLASSES).mean() > 0.95


def test_the_class_of_the_made_is_one_more():
    gan = networks.SemiSupervisedGAN(2, 2, 3, hidden=(8,))
    logits = gan.discriminator(POINTS[:5]).data
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    real = gan._real(nn.Tensor(logits)).data
    np.testing.assert_allclose(1 / (1 + np.exp(-real)), 1 - p[:, 3], rtol=1e-5)


def images(n):
    """Bright squares on dark ground, and their outlines."""
    x = -np.ones((n, 1, 8, 8), np.float32)
    x[:, :, 2:6, 2:6] = 1
    edge = x.copy()
    edge[:, :, 3:5, 3:5] = -1
    return x, edge


def test_images_come_near_the_real_ones():
    x, _ = images(64)
    gan = networks.DCGAN(4, image=(1, 8, 8), channels=(8, 16))
    before = np.abs(gan.sample(32) - x[0]).mean()
    networks.train_gan(gan, (x,), epochs=40, batch_size=16, lr=2e-3)
    after = np.abs(gan.sample(32) - x[0]).mean()
    assert after < 0.6 * before


def test_a_source_image_becomes_the_wanted_one():
    x, edge = images(32)
    shift = RNG.uniform(-0.2, 0.2, size=(32, 1, 1, 1)).astype(np.float32)
    model = networks.Pix2Pix(1, 1, channels=(8, 16))
    networks.train_gan(model, (x + shift, edge + shift), epochs=40, batch_size=16, lr=2e-3)
    model.eval()
    assert np.abs(model(edge[:2]).data - x[:2]).mean() < 0.25


def test_the_generator_of_pix2pix_pays_for_each_wrong_pixel():
    x, edge = images(8)
    model = networks.Pix2Pix(1, 1, channels=(4, 8)).eval()
    with_l1 = model.generator_loss((x, edge)).item()
    gap = np.abs(model(edge).data - x).mean()
    model.l1 = 0.0
    assert with_l1 - model.generator_loss((x, edge)).item() == pytest.approx(100 * gap, rel=1e-4)


def test_noise_is_many_steps_of_doubling():
    gan = networks.DCGAN(16, image=(3, 28, 28), channels=(8, 16))
    assert gan.sample(2).shape == (2, 3, 28, 28)
    assert np.abs(gan.sample(2)).max() <= 1
    weights = [p.data for n, p in gan.named_parameters() if p.ndim == 4]
    assert all(w.std() == pytest.approx(0.02, rel=0.2) for w in weights)
    with pytest.raises(UsageError, match="3 layers cannot each halve an image of 28×28"):
        networks.DCGAN(16, image=(1, 28, 28), channels=(8, 16, 32))


def test_spectral_norm_is_that_of_torch():
    torch = pytest.importorskip("torch")
    layer = nn.Conv2d(2, 3, 3)
    theirs = torch.nn.Conv2d(2, 3, 3)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in layer.state_dict().items()})
    peer = torch.nn.utils.parametrizations.spectral_norm(theirs, n_power_iterations=300)
    ours = gans.SpectralNorm(layer, begin=300)
    x = RNG.normal(size=(2, 2, 5, 5)).astype(np.float32)
    y = ours(nn.Tensor(x))
    wanted = peer(torch.tensor(x))
    np.testing.assert_allclose(y.data, wanted.detach().numpy(), rtol=1e-4, atol=1e-5)
    (y * y).sum().backward()
    (wanted * wanted).sum().backward()
    grad = peer.parametrizations.weight.original.grad.numpy()
    np.testing.assert_allclose(layer.weight.grad, grad, rtol=1e-3, atol=1e-3)


def test_spectral_norm_holds_all_layers_to_one_while_it_trains():
    gan = networks.DenseGAN(2, 2, hidden=(16,))
    networks.spectral_norm(gan.discriminator)
    networks.train_gan(gan, (CLOUD,), epochs=5, batch_size=64, lr=3e-3)
    layers = [m for m in gan.modules() if isinstance(m, gans.SpectralNorm)]
    assert len(layers) == 2
    for layer in layers:
        sigma = np.linalg.svd(layer.layer.weight.data)[1][0]
        weight = layer.layer.weight.data
        one = layer.eval()(np.eye(weight.shape[1], dtype=np.float32)).data.T
        one = one - layer.layer.bias.data[:, None]
        np.testing.assert_allclose(one, weight / sigma, rtol=0.1, atol=1e-3)


def test_each_step_leaves_the_other_network_alone():
    gan = networks.DenseGAN(2, 2, hidden=(8,))
    with frozen(gan.generator):
        gan.discriminator_loss((CLOUD,)).backward()
    assert all(p.grad is None for p in gan.generator.parameters())
    assert all(p.grad is not None for p in gan.discriminator.parameters())
    gan.zero_grad()
    with frozen(gan.discriminator):
        gan.generator_loss((CLOUD,)).backward()
    assert all(p.grad is None for p in gan.discriminator.parameters())
    assert all(p.grad is not None for p in gan.generator.parameters())
    assert all(p.requires_grad for p in gan.parameters())


def test_a_loss_that_is_no_number_ends_it():
    gan = networks.LSGAN(2, 2, hidden=(8,))
    with pytest.raises(RunError, match="losses became"):
        networks.train_gan(gan, (CLOUD * np.nan,), epochs=1)


def test_history_and_rates():
    seen = []
    gan = networks.DenseGAN(2, 2, hidden=(8,))
    before = gan.discriminator.state_dict()
    history = networks.train_gan(
        gan, (CLOUD,), epochs=2, lr_discriminator=0.0, on_epoch=lambda *v: seen.append(v)
    )
    assert history.shape == (2, 2)
    assert [v[0] for v in seen] == [0, 1]
    for name, value in gan.discriminator.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert as_numpy(gan.sample(3)).shape == (3, 2)
