"""Layers and losses against torch.nn's of the same name: arguments, state, output, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, UnknownName, UsageError
from mulle.nn.ops import OPS

torch = pytest.importorskip("torch")

Arguments = dict[str, Any]
FLAT, ROWS, IMAGE = (5, 4), (3, 6, 4), (3, 4, 5, 2)

LAYERS: list[tuple[str, Arguments, tuple[int, ...]]] = [
    ("ReLU", {}, FLAT),
    ("ReLU6", {}, FLAT),
    ("Sigmoid", {}, FLAT),
    ("Tanh", {}, FLAT),
    ("SELU", {}, FLAT),
    ("Hardswish", {}, FLAT),
    ("Mish", {}, FLAT),
    ("Softsign", {}, FLAT),
    ("SiLU", {}, FLAT),
    ("Identity", {}, FLAT),
    ("LeakyReLU", {}, FLAT),
    ("LeakyReLU", {"negative_slope": 0.3}, FLAT),
    ("ELU", {"alpha": 0.5}, FLAT),
    ("GELU", {}, FLAT),
    ("GELU", {"approximate": "tanh"}, FLAT),
    ("Softplus", {"beta": 2, "threshold": 1}, FLAT),
    ("Softmax", {"dim": 1}, IMAGE),
    ("LogSoftmax", {"dim": -1}, IMAGE),
    ("PReLU", {}, FLAT),
    ("PReLU", {"num_parameters": 4, "init": 0.1}, IMAGE),
    ("BatchNorm1d", {"num_features": 4}, FLAT),
    ("BatchNorm1d", {"num_features": 6, "eps": 1e-3, "momentum": None}, ROWS),
    ("BatchNorm1d", {"num_features": 4, "track_running_stats": False}, FLAT),
    ("BatchNorm2d", {"num_features": 4, "momentum": 0.3}, IMAGE),
    ("BatchNorm2d", {"num_features": 4, "affine": False}, IMAGE),
    ("LayerNorm", {"normalized_shape": 4}, ROWS),
    ("LayerNorm", {"normalized_shape": (6, 4), "eps": 1e-3}, ROWS),
    ("LayerNorm", {"normalized_shape": [5, 2], "elementwise_affine": False}, IMAGE),
    ("LayerNorm", {"normalized_shape": 4, "bias": False}, ROWS),
    ("GroupNorm", {"num_groups": 2, "num_channels": 4}, IMAGE),
    ("GroupNorm", {"num_groups": 3, "num_channels": 6, "affine": False}, ROWS),
    ("RMSNorm", {"normalized_shape": 4}, ROWS),
    ("RMSNorm", {"normalized_shape": (5, 2), "eps": 1e-4}, IMAGE),
    ("RMSNorm", {"normalized_shape": 4, "elementwise_affine": False}, ROWS),
    ("Dropout", {"p": 0}, FLAT),
    ("AlphaDropout", {"p": 0}, FLAT),
    ("Flatten", {}, IMAGE),
    ("Flatten", {"start_dim": 0, "end_dim": 1}, IMAGE),
    ("Flatten", {"start_dim": 2}, IMAGE),
    ("Unflatten", {"dim": 1, "unflattened_size": (2, 3)}, ROWS),
    ("Unflatten", {"dim": -1, "unflattened_size": (-1, 2)}, ROWS),
]
NAMED = [pytest.param(*row, id=f"{row[0]}-{i}") for i, row in enumerate(LAYERS)]
every_layer = pytest.mark.parametrize(("name", "arguments", "shape"), NAMED)


def pair(name: str, arguments: Arguments) -> tuple[Any, Any]:
    """Ours and PyTorch's, with the same random state, given by PyTorch."""
    ours, theirs = getattr(nn, name)(**arguments), getattr(torch.nn, name)(**arguments)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    for value in theirs.state_dict().values():
        if value.dtype.is_floating_point:
            value.uniform_(0.5, 1.5)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def step(layer: Any, x: Any, towards: Any) -> tuple[Any, list[Any]]:
    """Output, and gradients by x and by the parameters."""
    y = layer(x)
    y.backward(towards) if y is not x else x.accumulate(towards)
    return y, [x.grad, *(p.grad for p in layer.parameters())]


def assert_same(ours: Any, theirs: Any, x: np.ndarray) -> None:
    t = torch.tensor(x, requires_grad=True)
    y = theirs(t)
    towards = np.random.default_rng(1).normal(size=tuple(y.shape)).astype(np.float32)
    y.backward(torch.tensor(towards))
    z, grads = step(ours, nn.Tensor(x.copy(), requires_grad=True), towards)
    np.testing.assert_allclose(z.data, y.detach().numpy(), rtol=1e-5, atol=1e-5)
    for grad, p in zip(grads, [t, *theirs.parameters()], strict=True):
        np.testing.assert_allclose(grad, p.grad.numpy(), rtol=1e-4, atol=1e-4)
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key], value, rtol=1e-5, atol=1e-6)


@every_layer
def test_a_layer_is_that_of_pytorch(
    name: str, arguments: Arguments, shape: tuple[int, ...]
) -> None:
    ours, theirs = pair(name, arguments)
    rng = np.random.default_rng(0)
    for training in (True, True, False):
        ours.train(training), theirs.train(training)
        for p in (*ours.parameters(), *theirs.parameters()):
            p.grad = None
        assert_same(ours, theirs, rng.normal(1, 2, size=shape).astype(np.float32))
    state = {k: torch.tensor(v) for k, v in ours.state_dict().items()}
    theirs.load_state_dict(state)  # and back


@every_layer
def test_it_does_the_same_moved_to_pytorch(
    name: str, arguments: Arguments, shape: tuple[int, ...]
) -> None:
    moved, theirs = pair(name, arguments)
    moved.to("torch")
    for training in (True, False):
        x = torch.randn(shape, requires_grad=True)
        moved.train(training), theirs.train(training)
        np.testing.assert_allclose(
            moved(x).detach().numpy(), theirs(x).detach().numpy(), rtol=1e-5, atol=1e-5
        )
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(moved.state_dict()[key], value, rtol=1e-5, atol=1e-6)


def export(layer: Any, x: np.ndarray) -> bytes:
    """The layer as a graph whose first axis is free."""
    from spox import Tensor as Type
    from spox import argument

    from mulle.graph import to_model
    from mulle.nn.symbol import Symbol, Trace

    variable = argument(Type(x.dtype, ("N", *x.shape[1:])))
    y = layer(Symbol(variable, x, Trace()))
    return to_model({"x": variable}, {"y": OPS["reshape"](y, shape=(-1,)).var})


@every_layer
def test_its_graph_takes_any_batch(name: str, arguments: Arguments, shape: tuple[int, ...]) -> None:
    from mulle.graph import open_session, run

    if not arguments.get("track_running_stats", True) or arguments.get("start_dim") == 0:
        pytest.skip("its answer depends on the whole batch")
    ours, _ = pair(name, arguments)
    ours.eval()
    rng = np.random.default_rng(0)
    session = open_session(export(ours, rng.normal(size=shape).astype(np.float32)))
    for n in (1, 7):
        x = rng.normal(size=(n, *shape[1:])).astype(np.float32)
        (y,) = run(session, {"x": x})
        np.testing.assert_allclose(y, ours(nn.Tensor(x)).data.ravel(), rtol=1e-5, atol=1e-5)


def operators(model: bytes) -> list[str]:
    import onnx

    of_export = {"Constant", "Reshape", "Identity"}
    nodes = onnx.load_from_string(model).graph.node
    return [node.op_type for node in nodes if node.op_type not in of_export]


def test_at_inference_dropout_and_noise_are_not_in_the_graph() -> None:
    layers = nn.Sequential(nn.Dropout(0.5), nn.AlphaDropout(0.5), nn.GaussianNoise(1.0)).eval()
    assert operators(export(layers, np.ones((2, 3), np.float32))) == []


def test_batch_norm_ships_as_one_operator() -> None:
    graph = export(nn.BatchNorm2d(4).eval(), np.ones((2, 4, 3, 3), np.float32))
    assert operators(graph) == ["BatchNormalization"]


# --- layers with chance in them -----------------------------------------------------------------

MANY = 200_000


@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize(
    "name", ["Dropout", "AlphaDropout", "GaussianNoise", "RReLU"], ids=lambda n: n
)
def test_chance_follows_its_law(name: str, device: str) -> None:
    """Mean and spread on standard normal numbers, as PyTorch's own layer has them."""
    nn.manual_seed(0), torch.manual_seed(0)
    x = torch.randn(MANY)
    ours = getattr(nn, name)(*([0.3] if name != "RReLU" else []))
    y = ours(x) if device == "torch" else ours(nn.Tensor(x.numpy()))
    y = y.numpy()
    if name == "GaussianNoise":
        theirs = x.numpy() + 0.3 * torch.randn(MANY).numpy()
    else:
        theirs = getattr(torch.nn, name)(*([0.3] if name != "RReLU" else []))(x).numpy()
    assert y.dtype == np.float32
    for moment in (np.mean, np.std, lambda v: np.mean(v == 0), lambda v: np.mean(v**3)):
        assert moment(y) == pytest.approx(moment(theirs), abs=0.03)


def test_dropout_repeats_with_the_seed_and_scales_its_gradient() -> None:
    x = nn.Tensor(np.ones((50, 4), np.float32), requires_grad=True)
    layer = nn.Dropout(0.25)
    nn.manual_seed(3)
    first = layer(x)
    nn.manual_seed(3)
    np.testing.assert_array_equal(layer(x).data, first.data)
    first.sum().backward()
    np.testing.assert_array_equal(x.grad, first.data)
    assert set(np.unique(first.data)) == {0, np.float32(1 / 0.75)}


def test_rrelu_takes_the_middle_slope_at_inference() -> None:
    x = np.array([-2.0, 3.0], np.float32)
    y = nn.RReLU(0.1, 0.3).eval()(nn.Tensor(x))
    np.testing.assert_allclose(y.data, torch.nn.RReLU(0.1, 0.3).eval()(torch.tensor(x)))


def test_swish_learns_its_beta() -> None:
    x = nn.Tensor(np.array([0.5, -1.0], np.float32))
    assert nn.Swish().parameters() == []
    np.testing.assert_allclose(nn.Swish()(x).data, nn.SiLU()(x).data)
    layer = nn.Swish(2.0, learnable=True)
    layer(x).sum().backward()
    (beta,) = layer.parameters()
    t = torch.tensor(2.0, requires_grad=True)
    u = torch.tensor(x.data)
    (u * torch.sigmoid(t * u)).sum().backward()
    assert float(beta.grad) == pytest.approx(float(t.grad), rel=1e-5)


# --- hierarchical softmax -----------------------------------------------------------------------


@pytest.mark.parametrize("counts", [[], [50, 1, 7, 7, 3, 20, 1]])
@pytest.mark.parametrize("device", ["numpy", "torch"])
def test_hierarchical_softmax_gives_probabilities(counts: list[float], device: str) -> None:
    layer = nn.HierarchicalSoftmax(5, 7, counts)
    x = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    if device == "torch":
        layer.to("torch")
        every = layer(torch.tensor(x)).detach().numpy()
        each = layer(torch.tensor(x), torch.tensor([6, 0, 2])).detach().numpy()
    else:
        every, each = layer(nn.Tensor(x)).data, layer(nn.Tensor(x), np.array([6, 0, 2])).data
    np.testing.assert_allclose(np.exp(every).sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(each, every[range(3), [6, 0, 2]], rtol=1e-5)


def test_frequent_words_are_near_the_root() -> None:
    counts = [50, 1, 7, 7, 3, 20, 1]
    depth = np.abs(nn.HierarchicalSoftmax(5, 7, counts).sign.data).sum(axis=1)
    bits = -np.log2(np.array(counts) / sum(counts))
    mean, entropy = depth @ counts / sum(counts), bits @ counts / sum(counts)
    assert entropy <= mean < entropy + 1  # what Huffman's code is bound by
    assert math.isclose((0.5**depth).sum(), 1)  # every way ends at a word


# --- training, and what is refused --------------------------------------------------------------


@pytest.mark.parametrize("device", ["numpy", "torch"])
def test_a_network_of_them_learns(device: str) -> None:
    nn.manual_seed(0), torch.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 4)).astype(np.float32)
    target = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    model = nn.Sequential(
        nn.Linear(4, 32), nn.BatchNorm1d(32), nn.PReLU(), nn.Dropout(0.1), nn.LayerNorm(32),
        nn.Swish(learnable=True), nn.Linear(32, 2),
    )  # fmt: skip
    loss: Callable[..., Any] = nn.CrossEntropyLoss(label_smoothing=0.01)
    here: Callable[..., Any] = nn.Tensor
    if device == "torch":
        model.to("torch")
        optimizer: Any = torch.optim.Adam(model.parameters(), 1e-2)
        here = torch.tensor
    else:
        optimizer = nn.optim.Adam(model.parameters(), 1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        loss(model(here(x)), here(target)).backward()
        optimizer.step()
    model.eval()
    answers = model(here(x))
    answers = answers.detach().numpy() if device == "torch" else answers.data
    assert np.mean(answers.argmax(axis=1) == target) > 0.9


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match=r"received p=1\.5"):
        nn.Dropout(1.5)
    with pytest.raises(UnknownName) as unknown:
        nn.MSELoss(reduction="means")
    assert unknown.value.fix == "Did you mean 'mean'?"
    with pytest.raises(DataError) as one_row:
        nn.Sequential(nn.BatchNorm1d(3))(nn.Tensor(np.ones((1, 3), np.float32)))
    assert "more than one value per channel" in one_row.value.what
    assert one_row.value.where == "0 (BatchNorm1d)"


# --- losses -------------------------------------------------------------------------------------

RNG = np.random.default_rng(5)
SCORES, OTHER = (RNG.normal(size=(6, 4)).astype(np.float32) for _ in range(2))
SHARES = RNG.dirichlet(np.ones(4), 6).astype(np.float32)
IDS = np.array([0, 3, 1, 2, 2, 0])
HALF = [0.5, 1.0, 2.0, 1.5]
LOSSES: list[tuple[str, Arguments, np.ndarray, np.ndarray]] = [
    ("MSELoss", {}, SCORES, OTHER),
    ("L1Loss", {}, SCORES, OTHER),
    ("HuberLoss", {"delta": 0.4}, SCORES, OTHER),
    ("BCELoss", {"weight": HALF}, SHARES, OTHER > 0),
    ("BCEWithLogitsLoss", {"weight": HALF, "pos_weight": HALF}, SCORES, OTHER > 0),
    ("CrossEntropyLoss", {"weight": HALF, "label_smoothing": 0.1}, SCORES, IDS),
    ("CrossEntropyLoss", {"ignore_index": 2}, SCORES, IDS),
    ("CrossEntropyLoss", {"weight": HALF, "label_smoothing": 0.1}, SCORES, SHARES),
    ("NLLLoss", {"weight": HALF, "ignore_index": 3}, SCORES, IDS),
    ("KLDivLoss", {"reduction": "batchmean"}, np.log(SHARES), SHARES[::-1]),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "arguments", "x", "target"), LOSSES)
def test_a_loss_is_that_of_pytorch(
    name: str, arguments: Arguments, x: np.ndarray, target: np.ndarray, reduction: str
) -> None:
    arguments = {"reduction": reduction, **arguments}
    target = target.astype(np.float32) if target.dtype == bool else target.copy()
    ours = getattr(nn, name)(**arguments)
    theirs = getattr(torch.nn, name)(
        **{k: torch.tensor(v) if isinstance(v, list) else v for k, v in arguments.items()}
    )
    assert set(ours.state_dict()) == set(theirs.state_dict())
    a, b = nn.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, z = ours(a, target), theirs(b, torch.tensor(target))
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-5, atol=1e-6)
    y.sum().backward() if reduction == "none" else y.backward()
    z.sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("weight", [None, HALF[:3]])
def test_masked_logits_of_ignored_rows_count_nothing(weight: list[float] | None) -> None:
    logits = np.array([[1.0, 2.0, -np.inf], [0.5, -np.inf, 1.0]], np.float32)
    target = np.array([1, -100])
    ours = nn.CrossEntropyLoss(weight)
    theirs = torch.nn.CrossEntropyLoss(None if weight is None else torch.tensor(weight))
    a, b = nn.Tensor(logits, requires_grad=True), torch.tensor(logits, requires_grad=True)
    y, z = ours(a, target), theirs(b, torch.tensor(target))
    y.backward()
    z.backward()
    assert y.item() == pytest.approx(z.item(), rel=1e-5)
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-5, atol=1e-7)


def test_the_variational_term_is_a_divergence_of_distributions() -> None:
    mean, log_var = nn.Tensor(SCORES), nn.Tensor(OTHER)
    own = torch.distributions.Normal(torch.tensor(SCORES), torch.tensor(np.exp(OTHER / 2)))
    standard = torch.distributions.Normal(torch.tensor(0.0), torch.tensor(1.0))
    expected = torch.distributions.kl_divergence(own, standard).sum(1).mean()
    assert nn.GaussianKL()(mean, log_var).item() == pytest.approx(float(expected), rel=1e-5)


def test_hinge_loss_is_that_of_a_linear_svm() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    side = np.where(OTHER[:, 0] > 0, 1, -1).astype(np.float32)
    ours = nn.HingeLoss()(nn.Tensor(SCORES[:, 0]), side).item()
    assert ours == pytest.approx(sklearn.hinge_loss(side, SCORES[:, 0]), rel=1e-5)


@pytest.mark.parametrize("name", ["MSELoss", "L1Loss", "HuberLoss", "BCEWithLogitsLoss"])
def test_a_column_is_not_stretched_against_a_row(name: str) -> None:
    with pytest.raises(DataError) as error:
        getattr(nn, name)()(nn.Tensor(SCORES[:, :1]), SHARES[:, 0])
    assert "(6, 1)" in error.value.what
    assert "(6,)" in error.value.what


@pytest.mark.parametrize("wrong", [4, -1])
@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss"])
def test_an_unknown_class_is_named(name: str, wrong: int) -> None:
    with pytest.raises(
        DataError, match=f"class {wrong} is not between 0 and 3".replace("-", "[-−]")
    ):
        getattr(nn, name)()(nn.Tensor(SCORES), np.array([0, 1, 2, wrong, 3, 0]))


@pytest.mark.parametrize("layer", [nn.Dropout(0.5), nn.GaussianNoise(0.1), nn.AlphaDropout(0.2)])
def test_noise_comes_on_a_bare_array_too(layer: nn.Module) -> None:
    x = np.ones((4, 3), np.float32)
    assert layer.train()(x).shape == x.shape
