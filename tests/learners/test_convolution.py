"""The convolutional network: better on images than a line, and moved images stay images."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from mulle.learners import ConvolutionClassifier
from mulle.learners.convolution_layers import AsImage, Jitter

X, Y = load_digits(return_X_y=True)
X = X / 16


def test_digits_are_told_apart_better_than_by_a_line():
    learned, new = np.arange(len(Y)) % 3 == 0, np.arange(len(Y)) % 3 == 1
    ours = ConvolutionClassifier(epochs=25, n_jobs=1).fit(X[learned], Y[learned])
    line = LogisticRegression(max_iter=1_000).fit(X[learned], Y[learned])
    assert np.mean(ours.predict(X[new]) == Y[new]) > line.score(X[new], Y[new])


def test_pixels_lie_channel_by_channel():
    rows = np.arange(2 * 48).reshape(2, 48).astype(np.float32) % 10
    image = AsImage(48, 3, 4)(rows)
    np.testing.assert_array_equal(np.asarray(image.data), rows.reshape(2, 3, 4, 4))


def test_what_is_no_square_is_filled_with_black():
    image = AsImage(5, 1, 4)(np.ones((1, 5), np.float32))
    assert image.shape == (1, 1, 4, 4)
    assert np.asarray(image.data).sum() == 5


@pytest.mark.parametrize("mirror", [False, True])
def test_training_images_are_moved_and_others_are_not(mirror):
    from mulle import nn

    one = np.zeros((200, 1, 8, 8), np.float32)
    one[:, 0, 4, 3] = 1
    jitter = Jitter(1, mirror=mirror, seed=0)
    moved = jitter(nn.Tensor(one)).data
    assert (moved.sum(axis=(1, 2, 3)) == 1).all()
    places = {(int(r), int(c)) for _, _, r, c in np.argwhere(moved)}
    left = {(r, c) for r in (3, 4, 5) for c in (2, 3, 4)}
    assert places == left | ({(r, 7 - c) for r, c in left} if mirror else set())
    still = nn.Tensor(one)
    assert jitter.eval()(still) is still
