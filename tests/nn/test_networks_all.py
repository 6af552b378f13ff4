"""Every network: its shape, the same in NumPy and PyTorch, forwards and backwards, and in ONNX."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.nn import networks
from mulle.nn.tensor import as_numpy

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(3, 1, 8, 8)).astype(np.float32)
PAIRED = RNG.normal(size=(3, 2, 8, 8)).astype(np.float32)
ROWS = RNG.normal(size=(4, 6)).astype(np.float32)
BITS = (ROWS > 0).astype(np.float32)
NOISE = RNG.normal(size=(4, 3)).astype(np.float32)
STEPS = RNG.normal(size=(3, 5, 6)).astype(np.float32)
IDS = RNG.integers(9, size=(3, 7))
OTHERS = RNG.integers(8, size=(3, 4))
SEGMENTS = np.arange(21).reshape(3, 7) % 2
CLASSES = np.array([0, 2, 1, 1])


N = networks
SMALL = {"d_model": 8, "nhead": 2, "num_layers": 2, "dim_feedforward": 16}
DC = {"image": (1, 8, 8), "channels": (4, 8)}

#: what is built, what it is called with, the shapes of what it gives
NETWORKS = {
    "mlp": (lambda: N.MLP((6, 8, 8, 2), dropout=0.1, norm=nn.LayerNorm), (ROWS,), [(4, 2)]),
    "perceptron": (lambda: N.Perceptron(6), (ROWS,), [(4, 1)]),
    "boltzmann": (lambda: N.RestrictedBoltzmannMachine(6, 4), (BITS,), [(4, 4)]),
    "cnn": (
        lambda: N.CNN(5, image=(1, 8, 8), channels=(3, 4), hidden=8, dropout=0.2),
        (IMAGES,),
        [(3, 5)],
    ),
    "text-cnn": (lambda: N.TextCNN(9, 2, n_embd=8, channels=4), (IDS,), [(3, 2)]),
    "classifier-rnn": (lambda: N.SequenceClassifier(6, 5, 2, cell="rnn"), (STEPS,), [(3, 2)]),
    "classifier-lstm": (lambda: N.SequenceClassifier(6, 5, 2, n_layers=2), (STEPS,), [(3, 2)]),
    "tagger-gru": (
        lambda: N.SequenceTagger(6, 5, 2, cell="gru", bidirectional=True),
        (STEPS,),
        [(3, 5, 2)],
    ),
    "tagger-lstm": (
        lambda: N.SequenceTagger(6, 5, 2, bidirectional=True),
        (STEPS,),
        [(3, 5, 2)],
    ),
    "seq2seq-gru": (
        lambda: N.Seq2Seq(9, 8, n_embd=6, n_hidden=7),
        (IDS, OTHERS),
        [(3, 4, 8)],
    ),
    "seq2seq-lstm": (
        lambda: N.Seq2Seq(9, 8, n_embd=6, n_hidden=7, cell="lstm"),
        (IDS, OTHERS),
        [(3, 4, 8)],
    ),
    "transformer": (
        lambda: N.TranslationTransformer(9, 8, **SMALL),
        (IDS, OTHERS),
        [(3, 4, 8)],
    ),
    "gpt": (
        lambda: N.GPT(9, 8, n_layer=2, n_head=2, n_embd=8, dropout=0.1),
        (IDS,),
        [(3, 7, 9)],
    ),
    "gpt-untied": (
        lambda: N.GPT(9, 8, n_layer=1, n_head=2, n_embd=8, tied=False),
        (IDS,),
        [(3, 7, 9)],
    ),
    "bert": (
        lambda: N.BERT(9, 8, n_head=2, n_embd=8),
        (IDS, SEGMENTS),
        [(3, 7, 9), (3, 2)],
    ),
    "autoencoder": (lambda: N.UndercompleteAutoencoder((6, 5, 2)), (ROWS,), [(4, 6)]),
    "denoising": (lambda: N.DenoisingAutoencoder((6, 5, 2)), (ROWS,), [(4, 6)]),
    "sparse": (lambda: N.SparseAutoencoder((6, 9)), (ROWS,), [(4, 6), (4, 9)]),
    "variational": (
        lambda: N.VariationalAutoencoder((6, 5, 2)),
        (ROWS,),
        [(4, 6), (4, 2), (4, 2)],
    ),
    "stacked": (lambda: N.StackedAutoencoder((6, 5, 2)), (ROWS,), [(4, 6)]),
    "stacked-free": (lambda: N.StackedAutoencoder((6, 5, 2), tied=False), (ROWS,), [(4, 6)]),
    "gan": (lambda: N.DenseGAN(3, 6, hidden=(8,)), (NOISE,), [(4, 6)]),
    "lsgan-critic": (lambda: N.LSGAN(3, 6, hidden=(8,)).discriminator, (ROWS,), [(4, 1)]),
    "dcgan": (lambda: N.DCGAN(3, **DC), (NOISE,), [(4, 1, 8, 8)]),
    "dcgan-critic": (lambda: N.DCGAN(3, **DC).discriminator, (IMAGES,), [(3,)]),
    "cgan": (lambda: N.ConditionalGAN(3, 6, 3, hidden=(8,)), (NOISE, CLASSES), [(4, 6)]),
    "acgan": (lambda: N.ACGAN(3, 6, 3, hidden=(8,)), (NOISE, CLASSES), [(4, 6)]),
    "acgan-critic": (
        lambda: N.ACGAN(3, 6, 3, hidden=(8,)).discriminator,
        (ROWS,),
        [(4, 1), (4, 3)],
    ),
    "sgan-critic": (
        lambda: N.SemiSupervisedGAN(3, 6, 4, hidden=(8,)).discriminator,
        (ROWS,),
        [(4, 5)],
    ),
    "pix2pix": (lambda: N.Pix2Pix(2, 1, channels=(4, 5, 6)), (PAIRED,), [(3, 1, 8, 8)]),
    "pix2pix-critic": (
        lambda: N.Pix2Pix(2, 1, channels=(4, 5, 6)).discriminator,
        (IMAGES, PAIRED),
        [(3, 1, 1, 1)],
    ),
    "spectral": (lambda: N.spectral_norm(N.DCGAN(3, **DC).discriminator), (IMAGES,), [(3,)]),
}


def built(name):
    nn.manual_seed(1)
    factory, inputs, shapes = NETWORKS[name]
    return factory().eval(), inputs, shapes


def outputs(y):
    return y if isinstance(y, tuple) else (y,)


def scored(model, inputs):
    """Its outputs, and the gradients of a fixed mix of them."""
    ys = outputs(model(*inputs))
    rng = np.random.default_rng(2)
    total = 0.0
    for y in ys:
        mix = rng.normal(size=tuple(y.shape)).astype(np.float32)
        total = (
            total + (y * nn.Tensor(mix) if isinstance(y, nn.Tensor) else y * as_torch(mix)).sum()
        )
    total.backward()
    grads = {n: None if p.grad is None else as_numpy(p.grad) for n, p in model.named_parameters()}
    return [as_numpy(y) for y in ys], grads


def as_torch(x):
    import torch

    return torch.tensor(x)


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5 * max(1e-2, np.abs(b).max(initial=0)))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_computes_and_learns_in_torch_as_in_numpy(name):
    pytest.importorskip("torch")
    model, inputs, shapes = built(name)
    ours, our_grads = scored(model, inputs)
    assert [y.shape for y in ours] == shapes
    assert any(g is not None for g in our_grads.values())
    model.to("torch").zero_grad()
    theirs, their_grads = scored(model, [as_torch(x) for x in inputs])
    for a, b in zip(ours, theirs, strict=True):
        close(a, b)
    for path, grad in their_grads.items():
        assert (grad is None) == (our_grads[path] is None), path
        if grad is not None:
            close(our_grads[path], grad)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_the_same_in_onnx_for_any_number_of_rows(name):
    model, inputs, _ = built(name)
    done = nn.to_onnx(model, *inputs)
    assert done.difference < 1e-4
    few = [x[:1] for x in inputs]
    from mulle.graph import open_session, run

    answers = run(open_session(done.onnx), dict(zip(done.inputs, few, strict=True)))
    for a, b in zip(answers, outputs(model(*few)), strict=True):
        close(a, b.data)


@pytest.mark.parametrize("name", NETWORKS)
def test_its_state_travels(name, tmp_path):
    model, inputs, _ = built(name)
    nn.manual_seed(7)
    other = NETWORKS[name][0]().eval()
    other.load_state_dict(model.state_dict())
    for a, b in zip(outputs(model(*inputs)), outputs(other(*inputs)), strict=True):
        np.testing.assert_array_equal(a.data, b.data)
    assert "model" not in nn.summary(model, *inputs).rows[0].kind
