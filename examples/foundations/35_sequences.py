"""Why words need a memory: order · RNN 도입: 순서가 있는 자료

A dense layer does not care in which order its columns stand: shuffle them together with the
weights and the answer is the same. For a table that is right. For a sentence it is a disaster: "dog
bites man" and "man bites dog" have the same words. A recurrent network reads one word after the
other and carries a state along.

    h_t = tanh(x_t W_x + h_{t-1} W_h + b)        the same weights at every step

Look at the two sentences: added up they are equal, read in turn they are not. And look at the state
after the first word: two different sentences already differ there, and go on differing.

용어  순환 신경망(RNN): 이전 상태를 이어받아 순서대로 읽는 망. 은닉 상태(hidden state).
catalogue  ch66-theory net-rnn
"""

import numpy as np

from mulle import nn

WORDS = ["dog", "bites", "man"]
SENTENCES = [["dog", "bites", "man"], ["man", "bites", "dog"]]
rng = np.random.default_rng(66)
Wx, Wh, b = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)


def one_hot(sentence):
    return np.eye(3)[[WORDS.index(word) for word in sentence]]


def read(sentence):
    h, states = np.zeros(2), []
    for x in one_hot(sentence):
        h = np.tanh(x @ Wx + h @ Wh + b)
        states.append(h)
    return np.array(states)


def read_by_engine(sentence):
    wx, wh, bias = (nn.Parameter(a) for a in (Wx, Wh, b))
    h = nn.Tensor(np.zeros((1, 2)))
    for x in one_hot(sentence):
        h = (nn.Tensor(x[None]) @ wx + h @ wh + bias).tanh()
    return h.data[0]


for sentence in SENTENCES:
    print(" ".join(sentence))
    print(f"  words added up: {one_hot(sentence).sum(axis=0)}")
    for word, state in zip(sentence, read(sentence), strict=True):
        print(f"  after {word:6} state {state.round(3)}")

rows, weights = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
order = [2, 0, 1]
print("\nA dense layer with its columns and weights shuffled alike answers the same:",
      np.allclose(rows @ weights, rows[:, order] @ weights[order]))  # fmt: skip

bags = [one_hot(sentence).sum(axis=0) for sentence in SENTENCES]
states = [read(sentence) for sentence in SENTENCES]
assert np.array_equal(*bags)
assert np.abs(states[0] - states[1]).max(axis=1).min() > 0.05  # at every step
assert np.allclose(read_by_engine(SENTENCES[0]), states[0][-1])
assert np.allclose(rows @ weights, rows[:, order] @ weights[order])
