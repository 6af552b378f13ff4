"""Every setting of every step: declared, refused beyond its limits, and working up to them."""

import inspect
import tomllib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from tests.setting_values import inside, outside

from mulle.errors import UnknownName, UsageError
from mulle.graph import open_session, run, symbols, to_model
from mulle.i18n import Messages
from mulle.settings import InvalidSetting, check_settings, settings_of
from mulle.steps import (
    STEPS,
    Block,
    Impute,
    KBins,
    PowerTransform,
    Preparation,
    SelectK,
    StandardScale,
    Step,
    TfIdf,
    describe_step,
)
from mulle.steps.describe import example_of
from mulle.table import Column, Kind, Storage
from mulle.verbs.fit.plan import Features, Plan

ROWS = 80
NEEDED: dict[str, dict[str, Any]] = {"OrdinalCodes": {"order": ["b", "a"]}}
BEFORE: dict[str, list[Step]] = {
    "LSA": [TfIdf(min_count=1)],
    "PCA": [Impute(), StandardScale()],
    "TextScore": [TfIdf(min_count=1)],
}
KINDS = {Storage.number: Kind.continuous, Storage.date: Kind.datetime, Storage.string: Kind.nominal}


def make(cls: type[Step], **settings: Any) -> Step:
    return cls(**NEEDED.get(cls.__name__, {}) | settings)


def cases(values: Any) -> Iterator[Any]:
    for cls in STEPS:
        for name, constraint in cls.parameters.items():
            for value in values(constraint):
                yield pytest.param(cls, name, value, id=f"{cls.__name__}-{name}-{value}")


def table(storage: Storage, rng: np.random.Generator) -> np.ndarray:
    if storage is Storage.number:
        x = np.exp(rng.normal(size=(ROWS, 1)))
        x[::9] = np.nan
        return x
    if storage is Storage.date:
        return rng.integers(0, 10**15, (ROWS, 1))
    return rng.choice(np.array(["a", "b", "가나", "ab"], dtype=object), (ROWS, 1))


def assert_graph_agrees(steps: list[Step]) -> None:
    storage, rng = steps[0].storage, np.random.default_rng(0)
    count = 1 if steps[0].per_column else 2
    columns = {f"c{i}": table(storage, rng) for i in range(count)}
    preparation = Preparation([Block(list(columns), steps)])
    preparation.fit_transform(columns, np.arange(ROWS) % 2)
    inputs = symbols(Column(name, KINDS[storage], storage) for name in columns)
    session = open_session(to_model(inputs, {"y": preparation.to_onnx(inputs)}))
    python = preparation.transform(columns)
    python = python.toarray() if hasattr(python, "toarray") else python
    graph = run(session, columns)[0]
    assert python.shape == graph.shape
    size = np.nan_to_num(np.abs(python)).max(axis=1, keepdims=True, initial=1e-30)
    allowed = steps[-1].ulps * np.finfo(np.float32).eps * size
    assert np.array_equal(np.isnan(python), np.isnan(graph))
    assert (np.nan_to_num(np.abs(python.astype(float) - graph)) <= allowed).all()


@pytest.mark.parametrize("cls", STEPS)
def test_every_parameter_is_declared_in_order_and_its_default_is_accepted(cls: type[Step]) -> None:
    signature = inspect.signature(cls).parameters
    assert list(cls.parameters) == list(signature)
    for name, parameter in signature.items():
        if parameter.default is not parameter.empty:
            assert cls.parameters[name].accepts(parameter.default), name
    check_settings(cls, NEEDED.get(cls.__name__, {}))


@pytest.mark.parametrize(("cls", "name", "value"), list(cases(outside)))
def test_what_is_beyond_the_limits_is_refused_by_fit_and_in_a_plan(
    cls: type[Step], name: str, value: Any
) -> None:
    step = clone(make(cls)).set_params(**{name: value})
    x = table(cls.storage, np.random.default_rng(0))
    with pytest.raises(InvalidSetting) as by_fit:
        step.fit(x, np.arange(ROWS) % 2)
    entry = {"step": cls.__name__, **NEEDED.get(cls.__name__, {}), name: value}
    with pytest.raises(InvalidSetting) as by_plan:
        Plan("mine", "linear", [Features(["c"], [entry])]).preparation()
    for refusal in (by_fit.value, by_plan.value):
        assert refusal.code == "setting-invalid"
        assert refusal.what.startswith(f"{cls.__name__}: {name} must be ")
    assert by_plan.value.where == '[[plan]] name = "mine"'


@pytest.mark.parametrize(("cls", "name", "value"), list(cases(inside)))
def test_what_is_just_within_the_limits_works_and_its_graph_agrees(
    cls: type[Step], name: str, value: Any
) -> None:
    assert_graph_agrees([*BEFORE.get(cls.__name__, []), make(cls, **{name: value})])


def test_the_refusals_in_full() -> None:
    x = np.ones((3, 1))
    with pytest.raises(InvalidSetting) as refused:
        PowerTransform("yeojohnson").fit(x)
    assert refused.value.what == (
        "PowerTransform: method must be 'yeo-johnson', 'box-cox', 'log1p' or 'sqrt', "
        "not 'yeojohnson'."
    )
    assert refused.value.fix == "Did you mean 'yeo-johnson'?"
    assert refused.value.render_what("ko") == (
        "PowerTransform: method에 쓸 수 있는 값은 'yeo-johnson', 'box-cox', 'log1p' 또는 "
        "'sqrt'입니다. 받은 값은 'yeojohnson'입니다."
    )
    with pytest.raises(InvalidSetting) as refused:
        KBins(np.int64(0)).fit(x)
    assert refused.value.what == "KBins: n_bins must be a whole number from 2 to 255, not 0."
    assert refused.value.fix == "See every setting with: mulle explain KBins"
    with pytest.raises(InvalidSetting, match="k must be a whole number of 1 or more, not -2"):
        SelectK(-2).fit_transform(x, np.arange(3))


def test_a_missing_or_unknown_setting_is_refused_in_a_plan() -> None:
    def plan(**entry: Any) -> Plan:
        return Plan("a", "linear", [Features(["x"], [entry])])

    with pytest.raises(UsageError, match="OrdinalCodes cannot work without the setting order"):
        plan(step="OrdinalCodes").preparation()
    with pytest.raises(UnknownName, match="KBins has no setting named 'bins'"):
        plan(step="KBins", bins=3).preparation()
    with pytest.raises(UnknownName, match="Normalize has no setting named 'norm'"):
        plan(step="Normalize", norm="l2").preparation()


def test_more_than_there_is_means_all_there_is() -> None:
    x, y = np.array([[1.0, 5.0], [2.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), np.arange(4.0)
    assert KBins(255).fit_transform(x).max(axis=0).tolist() == [2.0, 0.0]
    rare = np.array([[0.0]] * 95 + [[1.0]] * 5)
    assert KBins(8).fit_transform(rare)[:, 0].tolist() == rare[:, 0].tolist()
    assert KBins(255, edges="uniform").fit_transform(x)[:, 0].tolist() == [0.0, 127.0, 127.0, 254.0]
    assert np.array_equal(SelectK(99).fit_transform(x, y), x)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("cls", STEPS)
def test_every_step_and_setting_is_described(cls: type[Step], lang: Any) -> None:
    page, messages = describe_step(cls.__name__, lang), Messages(lang)
    assert page.startswith(f"{cls.__name__}: {messages(f'step.{cls.__name__}')}\n")
    assert messages(f"step-what.{cls.__name__}") in page
    rows = settings_of(cls, lang)
    assert [row.name for row in rows] == list(cls.parameters)
    for row in rows:
        assert f"  {row.name}: {row.expected} ({row.default})\n      {row.meaning}\n" in page
    assert "{" not in page.partition("[[plan.features]]")[0]


@pytest.mark.parametrize("cls", STEPS)
def test_the_example_of_a_step_is_a_plan_that_can_be_fitted(cls: type[Step]) -> None:
    text = f'[[plan]]\nname = "a"\nlearner = "linear"\n\n{example_of(cls.__name__)}'
    (plan,) = tomllib.loads(text)["plan"]
    features = [Features(f["columns"], f["steps"]) for f in plan["features"]]
    preparation, rng = Plan("a", "linear", features).preparation(), np.random.default_rng(0)
    storage = preparation.blocks[0].steps[0].storage
    columns = {name: table(storage, rng) for name in features[0].columns}
    assert len(preparation.fit_transform(columns, np.arange(ROWS) % 2).shape) == 2


def test_the_page_of_an_unknown_step_offers_near_names() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'PowerTransform'"):
        describe_step("PowerTransformer", "en")
