"""One letter after another: a GPT that fits on a page · 한 글자씩 이어 쓰는 GPT

A Transformer that may look back but never ahead, trained to guess the next letter everywhere in a
text at once. To write, it guesses, appends its guess, and guesses again.

    A = softmax(Q K^T / sqrt(d) + mask),  mask_ij = 0 for j <= i, else -infinity
    loss = mean over all places of -ln p(next letter | letters so far)

Look at what it writes before and after learning, and at the loss, from ln 23 = 3.14, pure guessing,
down. So short a text is learned by heart; the machinery is that of the large ones. Change a letter
and only the guesses behind it change: that is what the mask is for.

용어  자기회귀(autoregressive): 자기 출력을 다시 입력으로. 인과 마스크(causal mask).
catalogue  lm-gpt lm-mingpt lm-decode
"""

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn
from mulle.nn.functional import cross_entropy, layer_norm, relu, softmax

threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other
TEXT = """the mill by the stream turns all day long
and the grain is ground to its quiet song
the moon on the stream makes a silver thread
and the miller dreams of his warm new bread
"""
LETTERS = sorted(set(TEXT))
IDS = np.array([LETTERS.index(c) for c in TEXT])
CONTEXT, WIDTH, HEADS, BLOCKS, BATCH, STEPS = 16, 48, 4, 2, 16, 400
MASK = np.where(np.tril(np.ones((CONTEXT, CONTEXT))), 0, -1e9).astype(np.float32)


class Block(nn.Module):
    """Look back, then think: attention and two dense layers, both added to what was there."""

    def __init__(self):
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        """(rows, places, width) -> the same."""
        n = x.shape[1]
        split = self.qkv(layer_norm(x)).reshape(-1, n, 3, HEADS, WIDTH // HEADS)
        q, k, v = (split[:, :, i].transpose(1, 2) for i in range(3))  # (rows, heads, n, d)
        scores = q @ k.transpose(-2, -1) * (WIDTH // HEADS) ** -0.5
        mixed = softmax(scores + MASK[:n, :n], axis=-1) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(-1, n, WIDTH))
        return x + self.narrow(relu(self.wide(layer_norm(x))))


class GPT(nn.Module):
    """Letters in, scores for the next letter out, at every place."""

    def __init__(self):
        self.letter = nn.Parameter(nn.init.normal((len(LETTERS), WIDTH), 0.3))
        self.place = nn.Parameter(nn.init.normal((CONTEXT, WIDTH), 0.3))
        self.blocks = [Block() for _ in range(BLOCKS)]
        self.answer = nn.Linear(WIDTH, len(LETTERS))

    def forward(self, ids):
        """(rows, places) -> (rows, places, letters)."""
        x = self.letter[ids] + self.place[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.answer(layer_norm(x))


def write(model, start, count):
    ids = [LETTERS.index(c) for c in start]
    with nn.no_grad():
        for _ in range(count):
            scores = model(np.array([ids[-CONTEXT:]])).data[0, -1]
            ids.append(int(scores.argmax()))  # greedy; sampling would be livelier
    return "".join(LETTERS[i] for i in ids)


nn.manual_seed(39)
rng = np.random.default_rng(39)
model = GPT()
print(f"{model.n_parameters():,} parameters. Before learning: {write(model, 'the m', 30)!r}")
optimizer = nn.optim.Adam(model.parameters(), lr=0.003)
for step in range(STEPS + 1):
    begin = rng.integers(len(IDS) - CONTEXT, size=(BATCH, 1)) + np.arange(CONTEXT)
    scores = model(IDS[begin])
    loss = cross_entropy(scores.reshape(-1, len(LETTERS)), IDS[begin + 1].ravel())
    if step % 100 == 0:
        print(f"step {step:3d}  loss {loss.item():.4f}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("\n" + (written := write(model, "the mill by", len(TEXT) - 11)))

two = np.tile(IDS[:CONTEXT], (2, 1))
two[1, 10] = (two[1, 10] + 1) % len(LETTERS)
differs = np.abs(np.diff(model(two).data, axis=0))[0].max(axis=1) > 1e-4
assert not differs[:10].any() and differs[10]
assert loss.item() < 0.5 and written[:40] == TEXT[:40]
