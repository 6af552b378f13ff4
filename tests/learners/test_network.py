"""Where the training of a network ends: at the end of a wave of the learning rate."""

import numpy as np
import pytest

from mulle import nn
from mulle.learners import CLASSIFIERS, REGRESSORS, Held
from mulle.learners.network import _WAVE_ENDS

SMALL = {"hidden": (8,), "n_jobs": 1}


def rows() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    return x, x[:, 0] * x[:, 1]


def test_the_learning_rate_is_zero_at_the_end_of_each_wave():
    schedule = nn.schedules.CosLog4(1_500)
    assert [schedule(round(1_500 * end)) for end in _WAVE_ENDS] == pytest.approx([0.0] * 4)
    assert schedule(round(1_500 * 5 / 15)) > 0.5  # in the midst of one


@pytest.mark.parametrize(("waves", "epochs"), [(1, 2), (2, 6), (3, 14), (4, 30)])
def test_training_ends_with_the_wave(waves, epochs, monkeypatch):
    seen = []
    train = nn.train

    def spy(*args, **options):
        seen.append((options["epochs"], options["schedule"].steps))
        return train(*args, **options)

    monkeypatch.setattr(nn, "train", spy)
    REGRESSORS["network"](**SMALL, epochs=30, waves=waves).fit(*rows())
    steps = seen[0][1] / 30
    assert seen == [(epochs, 30 * steps)]


@pytest.mark.parametrize(
    ("best", "wave"), [([1, 1, 2], 1), ([4, 5, 7], 2), ([13, 20, 11], 3), ([29, 30, 30], 4)]
)
def test_all_rows_are_trained_to_the_nearest_end_of_a_wave(best, wave):
    fitted = []
    for epoch in best:
        network = CLASSIFIERS["network"](**SMALL)
        network.best_epoch_, network.best_share_ = epoch, epoch / 30
        fitted.append(network)
    assert fitted[0].final_params(fitted) == {"waves": wave}


def test_folds_give_a_share_of_the_schedule():
    x, y = rows()
    network = REGRESSORS["network"](**SMALL, epochs=20).fit(x, y, held=Held(x[:50], y[:50]))
    assert network.best_share_ == network.best_epoch_ / 20
    assert network.final_params([network])["waves"] in (1, 2, 3, 4)
    assert network.final_params([]) == {}


def test_the_weights_of_its_graph_are_initializers():
    """Quantizers pass over constants that stand as nodes, in silence."""
    import onnx
    from spox import Tensor, argument

    from mulle.graph import g, to_model

    learner = CLASSIFIERS["network"](**SMALL, epochs=2).fit(rows()[0], rows()[1] > 0)
    x = argument(Tensor(np.float32, ("N", 3)))
    graph = onnx.load_from_string(to_model({"x": x}, {"y": learner.to_onnx(g, x)})).graph
    stored = {tuple(sorted(weight.dims)) for weight in graph.initializer}
    assert {(3, 8), (2, 8)} <= stored
    assert all(node.op_type != "Constant" for node in graph.node)
