"""Language models: what they may see, what they learn, and their counterparts in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError
from mulle.nn import networks
from mulle.nn.networks import BERT, GPT, CharTokenizer, mask_tokens, sentence_pairs

START = 6


def reversals(rows):
    """Four symbols, the start and their reverse, and their reverse."""
    digits = np.random.default_rng(0).integers(START, size=(rows, 4))
    back = digits[:, ::-1]
    begun = np.concatenate([np.full((rows, 1), START), back[:, :-1]], axis=1)
    return digits, begun, back


@pytest.fixture(scope="module")
def memorised():
    """A GPT that knows one sentence by heart."""
    nn.manual_seed(0)
    text = "to be, or not to be: question!"
    tokenizer = CharTokenizer(text)
    ids = tokenizer.encode(text)
    model = GPT(len(tokenizer), 32, n_layer=2, n_head=2, n_embd=32)
    history = nn.train(
        model, (ids[None, :-1], ids[None, 1:]), loss=model.loss, lr=3e-3, epochs=150,
        batch_size=1, progress=False, diagnosing=False,
    )  # fmt: skip
    return model, tokenizer, text, history


def test_gpt_learns_a_sentence_by_heart(memorised):
    model, tokenizer, text, history = memorised
    assert history.losses[0] == pytest.approx(np.log(len(tokenizer)), rel=0.1)
    assert history.losses[-1] < 0.05
    begin = tokenizer.encode(text[:6])
    said = model.generate(begin[None], len(text) - 6, temperature=0)
    assert tokenizer.decode(said[0]) == text
    found, score = model.beam_search(begin, len(text) - 6, beams=3)
    assert tokenizer.decode(found) == text
    assert -1 < score < 0


def test_gpt_goes_on_beyond_its_block_and_refuses_to_read_beyond(memorised):
    model, tokenizer, text, _ = memorised
    begin = tokenizer.encode(text)
    assert model.generate(begin[None], 10, top_k=3).shape == (1, 40)
    with pytest.raises(DataError, match="40 tokens, but this model has positions for 32"):
        model(np.zeros((1, 40), int))


def test_gpt_sees_nothing_of_what_is_to_come():
    nn.manual_seed(0)
    model = GPT(7, 6, n_layer=2, n_head=2, n_embd=8)
    tokens = np.array([[1, 2, 3, 4, 5, 6]])
    changed = np.array([[1, 2, 3, 0, 0, 0]])
    before, after = model(tokens).data, model(changed).data
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert np.abs(before[:, 3:] - after[:, 3:]).max() > 1e-4


def test_tied_weights_are_those_of_the_embedding():
    tied = GPT(50, 6, n_layer=1, n_head=2, n_embd=8)
    free = GPT(50, 6, n_layer=1, n_head=2, n_embd=8, tied=False)
    assert free.n_parameters() - tied.n_parameters() == 50 * 8


def test_blocks_of_gpt_are_encoder_layers_of_torch():
    torch = pytest.importorskip("torch")
    nn.manual_seed(0)
    model = GPT(7, 6, n_layer=1, n_head=2, n_embd=8)

    def gelu(x):
        return torch.nn.functional.gelu(x, approximate="tanh")

    peer = torch.nn.TransformerEncoderLayer(8, 2, 32, 0.0, gelu, batch_first=True, norm_first=True)
    for p in model.blocks[0].parameters():
        p.data[...] = np.random.default_rng(0).normal(size=p.shape)  # both forms of GELU differ
    state = model.blocks[0].state_dict()
    peer.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    x = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)
    later = torch.nn.Transformer.generate_square_subsequent_mask(5)
    theirs = peer(torch.tensor(x), src_mask=later).detach().numpy()
    np.testing.assert_allclose(model.blocks[0](x).data, theirs, rtol=1e-4, atol=1e-5)


def test_the_core_of_the_translator_is_torchs_transformer():
    torch = pytest.importorskip("torch")
    nn.manual_seed(0)
    model = networks.TranslationTransformer(
        9, 8, d_model=8, nhead=2, num_layers=2, dim_feedforward=16
    ).eval()
    peer = torch.nn.Transformer(8, 2, 2, 2, 16, 0.1, batch_first=True).eval()
    state = model.transformer.state_dict()
    peer.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    rng = np.random.default_rng(0)
    read, written = (rng.normal(size=(2, t, 8)).astype(np.float32) for t in (5, 4))
    later = torch.nn.Transformer.generate_square_subsequent_mask(4)
    theirs = peer(torch.tensor(read), torch.tensor(written), tgt_mask=later).detach().numpy()
    ours = model.transformer(nn.Tensor(read), nn.Tensor(written), tgt_is_causal=True).data
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_decoder_begins_where_the_encoder_ended():
    torch = pytest.importorskip("torch")
    nn.manual_seed(0)
    model = networks.Seq2Seq(9, 8, n_embd=5, n_hidden=6)
    state = {k: torch.tensor(v) for k, v in model.state_dict().items()}
    rows = [torch.nn.GRU(5, 6, batch_first=True) for _ in range(2)]
    for row, name in zip(rows, ("encoder", "decoder"), strict=True):
        parts = {k.partition(".")[2]: v for k, v in state.items() if k.startswith(name)}
        row.load_state_dict(parts)
    source, target = np.arange(12).reshape(2, 6) % 9, np.arange(8).reshape(2, 4)
    memory, last = rows[0](state["source_embedding.weight"][source])
    states, _ = rows[1](state["target_embedding.weight"][target], last)
    told = torch.softmax(states @ memory.transpose(1, 2) / 6**0.5, dim=2) @ memory
    both = torch.cat([states, told], dim=2)
    logits = torch.tanh(both @ state["combine.weight"].T) @ state["head.weight"].T
    wanted = (logits + state["head.bias"]).detach().numpy()
    np.testing.assert_allclose(model(source, target).data, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("build", "lr", "epochs"),
    [
        (lambda: networks.Seq2Seq(6, 7, n_embd=16, n_hidden=32), 2e-2, 10),
        (
            lambda: networks.TranslationTransformer(
                6, 7, d_model=32, nhead=2, num_layers=2, dim_feedforward=64, dropout=0.0
            ),
            5e-3,
            25,
        ),
    ],
    ids=["seq2seq", "transformer"],
)
def test_a_translator_learns_to_reverse(build, lr, epochs):
    nn.manual_seed(0)
    source, begun, back = reversals(1200)
    model = build()
    nn.train(
        model, ((source[:1000], begun[:1000]), back[:1000]), loss=model.loss, lr=lr,
        epochs=epochs, batch_size=64, schedule="cosine", progress=False, diagnosing=False,
    )  # fmt: skip
    found = model.translate(source[1000:], 4, start=START)
    assert (found == back[1000:]).all(axis=1).mean() > 0.9
    one, score = model.beam_translate(source[0], 4, start=START)
    np.testing.assert_array_equal(one, back[0])
    assert score > np.log(0.5)


def test_the_loss_of_a_sequence_skips_padding():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 5)).astype(np.float32)
    targets = np.array([[1, 2, -100], [4, -100, -100]])
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    wanted = -(log_p[0, 0, 1] + log_p[0, 1, 2] + log_p[1, 0, 4]) / 3
    assert GPT.loss(nn.Tensor(logits), targets).item() == pytest.approx(wanted, rel=1e-5)


def test_hidden_words_are_hidden_as_bert_hides_them():
    nn.manual_seed(0)
    tokens = np.random.default_rng(0).integers(4, 30, size=(400, 100))
    tokens[:, 0], tokens[:, -1] = 1, 2
    seen, targets = mask_tokens(tokens, 30, mask=3, special=(0, 1, 2))
    chosen = targets != -100
    inner = chosen[:, 1:-1]
    assert not chosen[:, [0, -1]].any()
    assert inner.mean() == pytest.approx(0.15, abs=0.005)
    np.testing.assert_array_equal(targets[chosen], tokens[chosen])
    np.testing.assert_array_equal(seen[~chosen], tokens[~chosen])
    hidden, same = (seen == 3) & chosen, (seen == tokens) & chosen
    other = chosen & ~hidden & ~same
    assert hidden.sum() / chosen.sum() == pytest.approx(0.8, abs=0.02)
    assert same.sum() / chosen.sum() == pytest.approx(0.1 + 0.1 / 26, abs=0.02)
    assert seen[other].min() >= 4


def test_pairs_of_sentences_are_half_true():
    nn.manual_seed(0)
    # Sentence s of document d is [10 d + s] * 2, so that where it comes from can be read off.
    documents = [[[100 * d + s] * 2 for s in range(1, 60)] for d in range(1, 6)]
    tokens, segments, follows = sentence_pairs(documents, length=9, cls=1, sep=2, padding=0)
    assert tokens.shape == segments.shape == (5 * 58, 9)
    for row, part, true in zip(tokens, segments, follows, strict=True):
        assert row[[0, 3, 6]].tolist() == [1, 2, 2]
        assert row[7:].tolist() == [0, 0]
        assert part.tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0]
        assert (row[4] == row[1] + 1) == bool(true)
        assert (row[4] // 100 == row[1] // 100) == bool(true)
    *_, many = sentence_pairs(documents * 7, length=9, cls=1, sep=2, padding=0)
    assert many.mean() == pytest.approx(0.5, abs=0.05)
    with pytest.raises(DataError, match="a second document"):
        sentence_pairs(documents[:1], length=9, cls=1, sep=2, padding=0)


def test_long_pairs_are_cut():
    long = [[list(range(10, 30)), list(range(40, 60))], [list(range(70, 90))] * 2]
    tokens, segments, _ = sentence_pairs(long, length=12, cls=1, sep=2, padding=0)
    assert (tokens[:, 0] == 1).all() and (tokens[:, -1] == 2).all()
    assert ((tokens == 2).sum(axis=1) == 2).all()
    assert (segments.sum(axis=1) == 6).all()


def test_bert_learns_words_and_pairs():
    nn.manual_seed(0)
    # In a document each word is followed by the next of its circle; documents have circles apart.
    documents = [
        [[4 + 4 * d + (s + i) % 4 for i in range(3)] for s in range(0, 120, 3)] for d in range(2)
    ]
    tokens, segments, follows = sentence_pairs(documents, length=9, cls=1, sep=2, padding=0)
    seen, targets = mask_tokens(tokens, 12, mask=3, special=(0, 1, 2), share=0.3)
    model = BERT(12, 9, n_layer=1, n_head=2, n_embd=32, dropout=0.0)
    target = np.column_stack([targets, follows])
    history = nn.train(
        model, ((seen, segments), target), loss=model.loss, lr=3e-3, epochs=90,
        progress=False, diagnosing=False,
    )  # fmt: skip
    assert history.epochs[0].loss > np.log(2) + 1
    assert history.epochs[-1].loss < 0.5
    _, pairs = model(tokens, segments)
    assert (pairs.data.argmax(axis=1) == follows).mean() > 0.9
