"""Convolution, pooling, recurrent, attention and Transformer layers are those of PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from mulle import nn
from mulle.errors import MulleError
from mulle.graph import open_session, run, to_model
from mulle.nn.symbol import Symbol, Trace
from mulle.nn.tensor import as_numpy

torch = pytest.importorskip("torch")


class Case(NamedTuple):
    """A layer by PyTorch's name, its arguments, and the shapes it is called on.

    Attributes:
        batch_axis: of the inputs, and so of the first output.
        ids: the input holds integers below this, if it is not 0.
        call: further arguments of the call.
        theirs: further arguments for PyTorch alone.
    """

    layer: str
    args: tuple[Any, ...]
    settings: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    batch_axis: int = 0
    ids: int = 0
    call: dict[str, Any] = {}  # noqa: RUF012 - never written to
    theirs: dict[str, Any] = {}  # noqa: RUF012 - never written to

    def __str__(self) -> str:
        return f"{self.layer}{self.args}{self.settings or ''}{self.call.keys() or ''}"


LATER = np.triu(np.ones((5, 5), bool), 1)
PADDED = np.zeros((3, 5), bool)
PADDED[1, 3:] = True
SEQUENCE = ((5, 3, 8),)
SMALL = {"dim_feedforward": 12, "dropout": 0.0}
NO_WEIGHTS = {"need_weights": False}

CASES = [
    Case("Conv1d", (3, 4, 3), {}, ((3, 3, 9),)),
    Case("Conv1d", (4, 6, 3, 2, 1), {"groups": 2, "bias": False}, ((3, 4, 9),)),
    Case("Conv2d", (3, 4, 3), {}, ((3, 3, 7, 8),)),
    Case("Conv2d", (3, 4, (3, 5), 1), {"padding": "same", "dilation": (2, 1)}, ((3, 3, 7, 8),)),
    Case("Conv2d", (4, 4, 3, 2, 1), {"groups": 4}, ((3, 4, 7, 8),)),
    Case("Conv2d", (4, 4, 2), {"padding": "valid"}, ((3, 4, 7, 8),)),
    Case("ConvTranspose1d", (3, 4, 3), {"stride": 2}, ((3, 3, 5),)),
    Case("ConvTranspose2d", (3, 4, 4, 2, 1), {}, ((3, 3, 5, 4),)),
    Case(
        "ConvTranspose2d",
        (4, 6, 3),
        {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2, "bias": False},
        ((3, 4, 5, 4),),
    ),
    Case("MaxPool1d", (2,), {}, ((3, 2, 7),)),
    Case("MaxPool2d", (3, 2, 1), {}, ((3, 2, 7, 6),)),
    Case("AvgPool1d", (3,), {"stride": 1}, ((3, 2, 7),)),
    Case("AvgPool2d", (3, 2, 1), {"count_include_pad": False}, ((3, 2, 7, 6),)),
    Case("AdaptiveAvgPool2d", (1,), {}, ((3, 2, 5, 4),)),
    Case("AdaptiveAvgPool2d", ((3, 2),), {}, ((3, 2, 6, 4),)),
    Case("Embedding", (11, 4), {}, ((3, 5),), ids=11),
    Case("Embedding", (11, 4), {"padding_idx": 2}, ((3, 5),), ids=11),
    *[
        Case(layer, (8, 6), settings, SEQUENCE, batch_axis=int("batch_first" in settings))
        for layer in ("RNN", "LSTM", "GRU")
        for settings in (
            {},
            {"bias": False, "bidirectional": True},
            {"num_layers": 2, "bidirectional": True},
        )
    ],
    *[
        Case(layer, (8, 6), {"num_layers": 2, "batch_first": True}, ((3, 5, 8),))
        for layer in ("RNN", "LSTM", "GRU")
    ],
    Case("RNN", (8, 6), {"nonlinearity": "relu"}, SEQUENCE, batch_axis=1),
    Case("RNNCell", (8, 6), {}, ((3, 8),)),
    Case("RNNCell", (8, 6), {"nonlinearity": "relu"}, ((3, 8), (3, 6))),
    Case("LSTMCell", (8, 6), {"bias": False}, ((3, 8),)),
    Case("GRUCell", (8, 6), {}, ((3, 8), (3, 6))),
    Case("MultiheadAttention", (8, 2), {}, SEQUENCE * 3, 1, theirs=NO_WEIGHTS),
    Case(
        "MultiheadAttention",
        (8, 2),
        {"batch_first": True, "bias": False},
        ((3, 5, 8), (3, 4, 8), (3, 4, 8)),
        theirs=NO_WEIGHTS,
    ),
    Case(
        "MultiheadAttention",
        (8, 2),
        {"batch_first": True},
        ((3, 5, 8),) * 3,
        call={"attn_mask": LATER, "need_weights": True},
    ),
    Case("TransformerEncoderLayer", (8, 2), SMALL, SEQUENCE, 1),
    Case(
        "TransformerEncoderLayer",
        (8, 2),
        {**SMALL, "batch_first": True, "norm_first": True, "activation": "gelu"},
        ((3, 5, 8),),
    ),
    Case(
        "TransformerEncoderLayer",
        (8, 2),
        {**SMALL, "bias": False, "layer_norm_eps": 1e-3},
        SEQUENCE,
        1,
        call={"src_mask": LATER},
    ),
    Case("TransformerDecoderLayer", (8, 2), SMALL, ((5, 3, 8), (4, 3, 8)), 1),
    Case(
        "TransformerDecoderLayer",
        (8, 2),
        {**SMALL, "batch_first": True, "norm_first": True, "activation": "gelu"},
        ((3, 5, 8), (3, 4, 8)),
        call={"tgt_mask": LATER},
    ),
    Case("Transformer", (8, 2, 2, 2), SMALL, ((4, 3, 8), (5, 3, 8)), 1, call={"tgt_mask": LATER}),
    Case("Transformer", (8, 2, 1, 2), {**SMALL, "batch_first": True}, ((3, 4, 8), (3, 5, 8))),
]
every = pytest.mark.parametrize("case", CASES, ids=str)


def both(case: Case) -> tuple[Any, Any]:
    """Our layer and PyTorch's, with the same weights, none of them 0 or 1 by habit."""
    nn.manual_seed(0)
    ours = getattr(nn, case.layer)(*case.args, **case.settings)
    theirs = getattr(torch.nn, case.layer)(*case.args, **case.settings)
    rng = np.random.default_rng(1)
    for p in ours.parameters():
        p.data += rng.normal(scale=0.1, size=p.shape).astype(np.float32)
    state = {k: torch.from_numpy(v) for k, v in ours.state_dict().items()}
    theirs.load_state_dict(state)
    return ours, theirs


def arrays(case: Case, batch: int = 3) -> list[np.ndarray]:
    rng = np.random.default_rng(batch)
    shapes = [list(shape) for shape in case.shapes]
    for shape in shapes:
        shape[case.batch_axis] = batch
    if case.ids:
        return [rng.integers(case.ids, size=shape) for shape in shapes]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def flat(y: Any) -> list[Any]:
    """Outputs in order, whatever tuples they are in, without what is None."""
    if y is None:
        return []
    return [part for each in y for part in flat(each)] if isinstance(y, (tuple, list)) else [y]


def inputs(case: Case, make: Callable[[np.ndarray], Any]) -> list[Any]:
    """The inputs; attention to itself gets one tensor three times."""
    made = [make(x) for x in arrays(case)]
    alike = len(set(case.shapes)) == 1 and case.layer == "MultiheadAttention"
    return made[:1] * len(made) if alike else made


def in_ours(x: np.ndarray) -> Any:
    return nn.Tensor(x, requires_grad=x.dtype.kind == "f")


def in_torch(x: np.ndarray) -> Any:
    return torch.tensor(x, requires_grad=x.dtype.kind == "f")


def called(layer: Any, xs: list[Any], settings: dict[str, Any], *, masks_in_torch: bool) -> Any:
    if masks_in_torch:
        settings = {
            k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()
        }
    return flat(layer(*xs, **settings))


def gradients_of(ys: list[Any], xs: list[Any], torch_too: bool) -> None:
    rng = np.random.default_rng(5)
    towards = [rng.normal(size=tuple(y.shape)).astype(np.float32) for y in ys]
    if torch_too:
        torch.autograd.backward(ys, [torch.tensor(d) for d in towards])
        return
    total = sum((y * nn.Tensor(d)).sum() for y, d in zip(ys, towards, strict=True))
    total.backward()


def close(a: Any, b: Any) -> None:
    assert a is not None and b is not None, "no gradient"
    np.testing.assert_allclose(as_numpy(a), as_numpy(b), rtol=1e-4, atol=2e-5)


@every
def test_state_has_the_names_and_shapes_of_pytorch(case: Case) -> None:
    ours, theirs = both(case)
    expected = {k: tuple(v.shape) for k, v in theirs.state_dict().items()}
    assert {k: v.shape for k, v in ours.state_dict().items()} == expected
    fresh = getattr(torch.nn, case.layer)(*case.args, **case.settings)
    ours.load_state_dict(fresh.state_dict())
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, fresh.state_dict()[name].numpy())


@every
def test_outputs_and_gradients_are_those_of_pytorch(case: Case) -> None:
    ours, theirs = both(case)
    xs, ts = inputs(case, in_ours), inputs(case, in_torch)
    ys = called(ours, xs, case.call, masks_in_torch=False)
    us = called(theirs, ts, {**case.call, **case.theirs}, masks_in_torch=True)
    for y, u in zip(ys, us, strict=True):
        close(y, u)
    gradients_of(ys, xs, torch_too=False)
    gradients_of(us, ts, torch_too=True)
    for x, t in zip(xs, ts, strict=True):
        if x.requires_grad:
            close(x.grad, t.grad)
    named = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        close(p.grad, named[name].grad)


@every
def test_it_computes_the_same_in_torch(case: Case) -> None:
    ours, theirs = both(case)
    ours.to("torch")
    xs, ts = inputs(case, in_torch), inputs(case, in_torch)
    ys = called(ours, xs, case.call, masks_in_torch=True)
    us = called(theirs, ts, {**case.call, **case.theirs}, masks_in_torch=True)
    for y, u in zip(ys, us, strict=True):
        close(y, u)
    gradients_of(ys, xs, torch_too=True)
    gradients_of(us, ts, torch_too=True)
    for x, t in zip(xs, ts, strict=True):
        if x.requires_grad:
            close(x.grad, t.grad)


def exported(layer: Any, case: Case) -> bytes:
    """A graph whose batch axis is free, traced with a batch of 3."""
    from spox import Tensor, argument

    trace, variables, symbols = Trace(), {}, []
    for i, x in enumerate(arrays(case)):
        shape: list[Any] = list(x.shape)
        shape[case.batch_axis] = "n"
        variables[f"x{i}"] = argument(Tensor(x.dtype, tuple(shape)))
        symbols.append(Symbol(variables[f"x{i}"], x, trace))
    ys = called(layer, symbols, case.call, masks_in_torch=False)
    return to_model(variables, {f"y{i}": y.var for i, y in enumerate(ys)})


@every
def test_it_is_exported_for_any_batch_size(case: Case) -> None:
    ours, _ = both(case)
    session = open_session(exported(ours, case))
    for batch in (3, 5):
        xs = arrays(case, batch)
        theirs = run(session, {f"x{i}": x for i, x in enumerate(xs)})
        for y, t in zip(
            called(ours, list(map(nn.Tensor, xs)), case.call, masks_in_torch=False),
            theirs,
            strict=True,
        ):
            close(y, t)


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "groups"),
        (lambda: nn.ConvTranspose2d(4, 3, 3, groups=2), "groups"),
        (lambda: nn.Conv2d(3, 4, 2, padding="same"), "odd kernel"),
        (lambda: nn.Conv1d(3, 4, 3, stride=2, padding="same"), "stride 1"),
        (lambda: nn.Conv1d(3, 4, 3, padding="sane"), '"same"'),
        (lambda: nn.MultiheadAttention(8, 3), "num_heads"),
        (lambda: nn.TransformerEncoderLayer(8, 2, activation="gelo"), "gelu"),
        (lambda: nn.AdaptiveAvgPool2d(2)(nn.Tensor(np.ones((1, 1, 3, 4), "f"))), "divides"),
    ],
)
def test_what_makes_no_sense_is_refused(build: Callable[[], Any], where: str) -> None:
    with pytest.raises(MulleError) as error:
        build()
    assert where in error.value.fix


def test_a_layer_that_does_not_fit_is_named() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Conv2d(3, 2, 3))
    with pytest.raises(MulleError) as error:
        net(nn.Tensor(np.ones((1, 1, 12, 12), np.float32)))
    assert error.value.where == "2 (Conv2d)"


@pytest.mark.parametrize("causal", [False, True])
def test_padded_keys_are_not_looked_at(causal: bool) -> None:
    """Also where a mask forbids later places; and padding that fills a whole row gives no NaN."""
    layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, batch_first=True)
    x = np.random.default_rng(0).normal(size=(3, 5, 8)).astype(np.float32)
    ours = layer(nn.Tensor(x), None, PADDED, is_causal=causal).data
    short = layer(nn.Tensor(x[1:2, :3]), is_causal=causal).data
    np.testing.assert_allclose(ours[1, :3], short[0], rtol=1e-5, atol=1e-5)
    hidden = np.ones((3, 5), bool)
    hidden[:, :2] = False
    y = nn.MultiheadAttention(8, 2, batch_first=True)
    t = nn.Tensor(x, requires_grad=True)
    out, _ = y(t, t, t, ~hidden, is_causal=True)
    out.sum().backward()
    assert np.isfinite(out.data).all() and np.isfinite(t.grad).all()


def test_masks_agree_with_torch() -> None:
    settings = {**SMALL, "batch_first": True}
    ours, theirs = both(Case("TransformerEncoderLayer", (8, 2), settings, ()))
    x = np.random.default_rng(0).normal(size=(3, 5, 8)).astype(np.float32)
    a = ours(nn.Tensor(x), LATER, PADDED)
    b = theirs(*map(torch.tensor, (x, LATER, PADDED)))
    close(a, b)
    per_head = np.random.default_rng(1).normal(size=(6, 5, 5)).astype(np.float32)
    close(ours(nn.Tensor(x), per_head), theirs(*map(torch.tensor, (x, per_head))))


def test_first_states_agree_with_torch() -> None:
    rng = np.random.default_rng(0)
    x, h, c = (rng.normal(size=s).astype(np.float32) for s in ((5, 3, 8), (4, 3, 6), (4, 3, 6)))
    settings = {"num_layers": 2, "bidirectional": True}
    for name, state in (("RNN", h), ("GRU", h), ("LSTM", (h, c))):
        ours, theirs = both(Case(name, (8, 6), settings, ()))
        pair = isinstance(state, tuple)
        mine = tuple(map(nn.Tensor, state)) if pair else nn.Tensor(state)
        other = tuple(map(torch.tensor, state)) if pair else torch.tensor(state)
        us, ts = flat(ours(nn.Tensor(x), mine)), flat(theirs(torch.tensor(x), other))
        for y, t in zip(us, ts, strict=True):
            close(y, t)


def test_positions_are_waves() -> None:
    x = np.zeros((2, 7, 6), np.float32)
    y = nn.PositionalEncoding(batch_first=True)(nn.Tensor(x)).data
    for t in range(7):
        for i in range(3):
            angle = t / 10_000 ** (2 * i / 6)
            expected = [math.sin(angle), math.cos(angle)]
            np.testing.assert_allclose(y[1, t, 2 * i : 2 * i + 2], expected, atol=1e-6)
    np.testing.assert_array_equal(y.swapaxes(0, 1), nn.PositionalEncoding()(x.swapaxes(0, 1)).data)


def test_attention_weights_are_dropped_evenly() -> None:
    """In training each weight is dropped with probability p; the mean over draws is the output."""
    nn.manual_seed(0)
    layer = nn.MultiheadAttention(8, 2, dropout=0.4, batch_first=True)
    x = nn.Tensor(np.random.default_rng(0).normal(size=(1, 5, 8)).astype(np.float32))
    draws = np.stack([layer(x, x, x)[0].data for _ in range(4000)])
    assert draws.std(axis=0).min() > 0.01
    expected = layer.eval()(x, x, x)[0].data
    np.testing.assert_allclose(draws.mean(axis=0), expected, atol=0.02)


def test_dropped_attention_has_the_slope_of_what_was_kept() -> None:
    rng = np.random.default_rng(0)
    q, k, v, way = (rng.normal(size=(2, 4, 3)) for _ in range(4))

    def total(h: float) -> Any:
        nn.manual_seed(3)
        t = nn.Tensor(q + h * way, requires_grad=True)
        y = nn.functional.scaled_dot_product_attention(t, k, v, dropout_p=0.3)
        return t, (y * y).sum()

    t, y = total(0.0)
    y.backward()
    slope = (total(1e-6)[1].item() - total(-1e-6)[1].item()) / 2e-6
    assert float((t.grad * way).sum()) == pytest.approx(slope, rel=1e-5)


def test_a_padding_vector_is_zero_and_stays_so() -> None:
    layer = nn.Embedding(5, 3, padding_idx=2)
    assert not layer.weight.data[2].any()
    layer(nn.Tensor(np.array([2, 2, 1]))).sum().backward()
    assert not layer.weight.grad[2].any() and layer.weight.grad[1].any()
