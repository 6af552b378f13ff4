"""What a person reads of a training stands in both languages, with every blank filled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.errors import MulleError
from mulle.i18n import LANGUAGES, Messages
from mulle.nn.train.diagnosis.diagnosis import Diagnosis
from mulle.nn.train.progress import Progress, Status

SOURCES = sorted(Path(nn.__file__).parent.rglob("*.py"))
OWN = {"UnknownName", "MissingExtra"}  # their sentences stand in ground.toml
ERRORS = {"MulleError", "UsageError", "DataError", "RunError", "MissingFile"}
FOR_OPERATIONS = {"operation", "received", "contract"}  # what the caller of an operation adds
FILLED = {"where", "loss", "step", "epoch"}  # handed on as one dictionary


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Each code that stands in the sources: where, the code, the values given with it."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, code = getattr(node.func, "id", ""), node.args[0]
            if name in {*ERRORS, "ContractError", "Diagnosis"} and isinstance(code, ast.Constant):
                given = {k.arg or "**" for k in node.keywords}
                if name == "ContractError":
                    given |= FOR_OPERATIONS
                if name == "Diagnosis":
                    values = node.args[1]
                    assert isinstance(values, ast.Dict)
                    given |= {str(getattr(key, "value", "")) for key in values.keys}
                yield f"{path.name}:{node.lineno}", str(code.value), given


def test_sites_are_found() -> None:
    codes = {code for _, code, _ in raised()}
    assert len(codes) > 60
    assert {"hinge-target", "diag-dying", "graph-freed", "input-not-finite"} <= codes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_a_sentence_whose_blanks_are_given(lang: str) -> None:
    messages = Messages(lang)  # type: ignore[arg-type]
    for place, code, given in raised():
        group = "diagnosis" if code.startswith("diag-") else "error"
        keys = [f"{group}.{code}.{part}" for part in ("what", "fix", "remedy-1")]
        assert keys[0] in messages and (keys[1] in messages or keys[2] in messages), place
        blanks = set().union(*map(messages.blanks_of, keys))
        known = given | FILLED if "**" in given else given
        assert blanks <= known, f"{place}: {code} leaves {blanks - known} open"


def test_no_sentence_is_left_without_a_site() -> None:
    codes = {code for _, code, _ in raised()}
    text = (Path(nn.__file__).parents[1] / "i18n" / "en" / "nn.toml").read_text(encoding="utf-8")
    told = set(re.findall(r"^\[(?:error|diagnosis)\.([\w-]+)\]", text, re.MULTILINE))
    elsewhere = {"operation-failed", "operation-shapes", "parameter-unknown"}
    elsewhere |= {code for code in told if code.startswith("checkpoint-")}
    assert told - codes <= elsewhere


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULLE_LANG", "ko")


def is_korean(text: str) -> bool:
    return bool(re.search("[가-힣]", text)) and "{" not in text


@pytest.mark.usefixtures("korean")
def test_a_training_speaks_korean() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    status = Status(epoch=2, epochs=3, loss=0.5, lr=0.001, batch_size=32, steps_left=100)
    line = Progress(on=False).line(status, now=1e9)
    assert line.startswith("에포크 2/3 · 손실 0.5 · 학습률 0.001 · 초당 ")
    assert line.endswith(" 남음")
    x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    net[0].bias.data[...] = -100
    y = (x[:, 0] > 0).astype(int)
    history = nn.train(
        net, (1000 * x, y), loss="cross_entropy", validation=(x, y), epochs=2, progress=False
    )
    assert {"diag-scale"} <= {d.code for d in history.diagnoses}
    for diagnosis in history.diagnoses:
        assert all(map(is_korean, [diagnosis.what, *diagnosis.remedies]))
        assert "해 보기: " in str(diagnosis)
    titles = [chart.title for chart in history.plots()]
    assert titles == ["손실", "학습률", "기울기의 log10"]
    head, *_, total = str(nn.summary(net, x)).splitlines()
    assert head.split() == ["층", "출력", "파라미터"]
    assert total == "파라미터 58개: float32로 232 B"


@pytest.mark.usefixtures("korean")
def test_a_refusal_speaks_korean() -> None:
    with pytest.raises(MulleError) as error:
        nn.Sequential(nn.Linear(3, 2))(np.zeros((4, 5), np.float32))
    assert error.value.what == (
        "linear이(가) x (4, 5), weight (2, 3), bias (2,)을(를) 받았습니다.".replace(
            "이(가)", "가"
        ).replace("을(를)", "를")
    )
    broken: list[Any] = [
        lambda: nn.Dropout(1.5),
        lambda: nn.train(nn.Linear(3, 2), np.zeros(3), loss="mse_loss"),
        lambda: nn.optim.SGD([], nesterov=True),
        lambda: nn.Tensor([1.0]).backward(),
    ]
    for call in broken:
        with pytest.raises(MulleError) as error:
            call()
        assert is_korean(error.value.what) and is_korean(error.value.fix)


def test_a_diagnosis_can_be_asked_for_in_either_language() -> None:
    found = Diagnosis("diag-lr-high", {"begin": 0.5, "end": 12.0})
    assert found.render_what("en") == "The loss rose from 0.5 to 12."
    assert found.render_what("ko") == "손실이 0.5에서 12로 올랐습니다."
    assert len(found.render_remedies("en")) == len(found.render_remedies("ko")) == 3
