"""Every place looks at every other: attention and the Transformer · 어텐션과 트랜스포머

A recurrent network passes notes along a chain. Attention lets each place ask all the others at
once: a query, compared with everyone's key, gives shares, and the shares mix everyone's value.
Order is no longer built in, so each place is told its number.

    A = softmax(Q K^T / sqrt(d)),  Q = H W_q, K = H W_k, V = H W_v        H <- H + (A V) W_o
    then two dense layers for each place by itself, with layer norm before both: H <- H + mlp(H)

The task: write six digits backwards. Look at the map of attention after learning: place 1 looks at
place 6, place 2 at place 5, a falling line that nobody drew.

용어  어텐션(attention). 질의·키·값(query, key, value). 위치 정보(position embedding).
catalogue  lm-attention lm-transformer
"""

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn

F = nn.functional
threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other
LENGTH, DIGITS, WIDTH, STEPS = 6, 8, 32, 300


def attention_by_hand(Q, K, V):
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares @ V, shares


class Transformer(nn.Module):
    """One block, one head, small enough to read."""

    def __init__(self):
        self.token = nn.Parameter(nn.init.normal((DIGITS, WIDTH), 0.5))
        self.place = nn.Parameter(nn.init.normal((LENGTH, WIDTH), 0.5))
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.wide, self.narrow = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.answer = nn.Linear(WIDTH, DIGITS)

    def attend(self, h):
        """(rows, places, width) -> the same, and the shares (rows, places, places)."""
        q, k, v = self.query(h), self.key(h), self.value(h)
        shares = F.softmax(q @ k.transpose(-2, -1) * WIDTH**-0.5, axis=-1)
        return self.out(shares @ v), shares

    def forward(self, digits):
        """Scores (rows * places, digits), and the attention."""
        h = self.token[digits] + self.place
        mixed, shares = self.attend(F.layer_norm(h))
        h = h + mixed
        h = h + self.narrow(F.relu(self.wide(F.layer_norm(h))))
        return self.answer(F.layer_norm(h)).reshape(-1, DIGITS), shares


nn.manual_seed(38)
rng = np.random.default_rng(38)
model = Transformer()
optimizer = nn.optim.Adam(model.parameters(), lr=0.003)
for step in range(STEPS + 1):
    digits = rng.integers(DIGITS, size=(64, LENGTH))
    scores, shares = model(digits)
    wanted = digits[:, ::-1].ravel()
    loss = F.cross_entropy(scores, wanted)
    if step % 100 == 0:
        right = (scores.data.argmax(axis=1) == wanted).mean()
        print(f"step {step:3d}  loss {loss.item():.4f}  right {right:.0%}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

looks = shares.data.mean(axis=0)
print("\nWho looks at whom (a row for each place that asks)")
for row in looks:
    print("   " + "".join(" .:-=+*#%@"[int(9.99 * share)] * 2 for share in row))

h = F.layer_norm(model.token[digits[0]] + model.place)
q, k, v = (m(h) for m in (model.query, model.key, model.value))
by_hand, hand_shares = attention_by_hand(q.data, k.data, v.data)
assert np.allclose(F.scaled_dot_product_attention(q, k, v).data, by_hand, atol=1e-5)
assert np.allclose(model.out(nn.Tensor(by_hand)).data, model.attend(h)[0].data, atol=1e-5)
assert np.allclose(hand_shares.sum(axis=1), 1)
assert right > 0.99
assert looks.argmax(axis=1).tolist() == [5, 4, 3, 2, 1, 0]
