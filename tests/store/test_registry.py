"""Versions, aliases, and the gate that keeps the better model."""

import hashlib
import math
import secrets
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mulle.errors import MissingFile, RunError, UnknownName, UsageError
from mulle.store import RunIndex


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A file that stands for a bundle."""
    path = tmp_path / "titanic.mulle"
    path.write_bytes(b"first")
    return path


@pytest.fixture
def index(tmp_path: Path) -> RunIndex:
    """A project without runs."""
    return RunIndex(tmp_path / ".mulle")


def test_a_version_keeps_its_bytes_when_the_next_fit_replaces_the_file(
    index: RunIndex, bundle: Path
) -> None:
    assert index.register("titanic", bundle, "r1", {"roc_auc": 0.8}) == 1
    bundle.write_bytes(b"second")
    assert index.register("titanic", bundle, "r2", {"roc_auc": 0.7}) == 2
    first, second = index.versions("titanic")
    assert index.bundle_of(first).read_bytes() == b"first"
    assert index.bundle_of(second).read_bytes() == b"second"
    assert first.sha256 == hashlib.sha256(b"first").hexdigest()
    assert (second.run_id, second.metrics) == ("r2", {"roc_auc": 0.7})


def test_an_alias_points_at_one_version(index: RunIndex, bundle: Path) -> None:
    for _ in range(2):
        index.register("titanic", bundle, "r", {})
    index.alias("titanic", "serving", 1)
    index.alias("titanic", "serving", 2)
    assert index.aliases("titanic") == {"serving": 2}
    assert index.version("titanic", "serving") == index.version("titanic", 2)
    with pytest.raises(UnknownName, match="'titanic' has no version '3'"):
        index.alias("titanic", "serving", 3)
    with pytest.raises(UnknownName) as refusal:
        index.version("titanic", "servin")
    assert "'serving'" in refusal.value.fix


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(
    scores=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, math.nan]), min_size=1, max_size=6),
    greater=st.booleans(),
)
def test_the_gate_keeps_exactly_the_strictly_better(
    index: RunIndex, bundle: Path, scores: list[float], greater: bool
) -> None:
    name = f"m-{secrets.token_hex(8)}"  # Hypothesis may give the same scores again
    worst = -math.inf
    for turn, score in enumerate(scores):
        value = -math.inf if math.isnan(score) else (score if greater else -score)
        expected = turn == 0 or value > worst
        worst = max(worst, value)
        kept = index.register(
            name, bundle, f"r{turn}", {"m": score}, only_if_better_on="m", greater_is_better=greater
        )
        assert (kept is not None) == expected


def test_the_gate_compares_only_scores_of_the_same_rows(index: RunIndex, bundle: Path) -> None:
    index.register("titanic", bundle, "r1", {"roc_auc": 0.8}, tested_on="rows-a")
    better = {"roc_auc": 0.9}
    with pytest.raises(UsageError) as refusal:
        index.register(
            "titanic", bundle, "r2", better, only_if_better_on="roc_auc", tested_on="rows-b"
        )
    assert refusal.value.code == "gate-not-comparable"
    with pytest.raises(UnknownName, match="no metric named 'rocauc'"):
        index.register("titanic", bundle, "r2", better, only_if_better_on="rocauc")
    assert len(index.versions("titanic")) == 1


def test_registrations_survive_the_loss_of_the_database(index: RunIndex, bundle: Path) -> None:
    index.register("titanic", bundle, "r1", {"roc_auc": 0.8})
    index.alias("titanic", "serving", 1)
    before = index.versions("titanic")
    for path in index.folder.glob("mulle.db*"):
        path.unlink()
    again = RunIndex(index.folder)
    assert again.versions("titanic") == before
    assert again.aliases("titanic") == {"serving": 1}
    assert again.models() == ["titanic"]


def test_a_lost_or_damaged_file_is_written_again_from_the_database(
    index: RunIndex, bundle: Path
) -> None:
    path = index.folder / "models.json"
    index.register("titanic", bundle, "r1", {})
    path.write_bytes(b"{")
    assert len(index.versions("titanic")) == 1
    assert [n.code for n in index.notices] == ["models-damaged"]
    index.register("titanic", bundle, "r2", {})
    assert b'"r1"' in path.read_bytes()
    path.unlink()
    assert index.register("titanic", bundle, "r3", {}) == 3
    assert b'"r1"' in path.read_bytes()


def test_a_shared_database_keeps_versions_without_the_file(tmp_path: Path, bundle: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    RunIndex(url, folder=tmp_path / "a").register("titanic", bundle, "r1", {})
    other = RunIndex(url, folder=tmp_path / "b")
    assert other.register("titanic", bundle, "r2", {}) == 2
    other.rebuild()
    assert [v.run_id for v in other.versions("titanic")] == ["r1", "r2"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "7", "x" * 65, "a b", ".hidden"])
def test_a_name_that_could_leave_the_folder_is_refused(
    index: RunIndex, bundle: Path, name: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        index.register(name, bundle, "r", {})
    assert refusal.value.code == "model-name"


def test_what_is_not_there_is_refused(index: RunIndex, bundle: Path) -> None:
    with pytest.raises(MissingFile):
        index.register("titanic", bundle.with_name("absent.mulle"), "r", {})
    with pytest.raises(UsageError, match="no model is registered"):
        index.versions("titanic")
    index.register("타이타닉", bundle, "r", {})
    with pytest.raises(UnknownName):
        index.versions("titanic")


def test_aliases_move_together_or_not_at_all(index: RunIndex, bundle: Path) -> None:
    for _ in range(3):
        index.register("titanic", bundle, "r", {})
    index.alias("titanic", "champion", 1)
    moved: dict[str, int | None] = {"champion": 2, "previous": 1}
    index.move("titanic", moved, expected={"champion": 1, "previous": None})
    assert index.aliases("titanic") == {"champion": 2, "previous": 1}
    with pytest.raises(RunError) as refusal:
        index.move("titanic", {"champion": 3}, expected={"champion": 1})
    assert refusal.value.code == "alias-moved"
    with pytest.raises(UnknownName):
        index.move("titanic", {"champion": 3, "previous": 9})
    assert index.aliases("titanic") == {"champion": 2, "previous": 1}
    assert RunIndex(index.folder).aliases("titanic") == {"champion": 2, "previous": 1}
    index.move("titanic", {"previous": None})
    assert index.aliases("titanic") == {"champion": 2}
