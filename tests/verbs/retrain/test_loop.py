"""The loop whole: promoted, refused, nothing to do, rolled back; and what is left on the disk."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.verbs.retrain.world import QUICK, rows_of_the_shop

import mulle
from mulle.bundle import kept_files
from mulle.errors import MulleError, RunError, UnknownName, UsageError
from mulle.files import hold
from mulle.store import RunIndex
from mulle.verbs.retrain import Ledger, history, pin, promote, retrain, rollback

LEARN = {**QUICK, "policy": "new", "latency_factor": 50.0}


def steps(model: str) -> list[str]:
    return [entry.step for entry in history(model)]


def sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def report(path: Path, *, drift: bool | None) -> str:
    content = {
        "dataset_drift": drift,
        "share_of_drifted_columns": 0.5,
        "columns": {"price": {"drift_detected": drift, "score": 0.7}, "city": {}},
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_a_better_challenger_takes_over_and_steps_back(here):
    outcome = mulle.retrain("shop.mulle", "new.csv", old="old.csv", name="shop", **LEARN)
    assert outcome.decision == "promoted"
    assert outcome.comparison.low > 0.2
    assert outcome.comparison.rows == outcome.rows.holdout
    assert outcome.rows.champion_rows == "excluded"
    index = RunIndex(here / ".mulle")
    assert index.aliases("shop") == {"champion": 2, "previous": 1}
    served = index.version("shop", "champion")
    assert sha256(index.bundle_of(served)) == served.sha256 == outcome.challenger.sha256
    lineage = mulle.load(index.bundle_of(served)).manifest.lineage
    assert lineage["champion"] == outcome.champion.sha256 == sha256("shop.mulle")
    assert set(lineage["files"].values()) == {sha256("old.csv"), sha256("new.csv")}
    assert lineage["source"] == "old.csv + new.csv"
    assert lineage["settings"] == {"time_column": "day"}
    assert steps("shop")[:3] == ["triggered", "rows-taken", "plan-taken"]
    assert steps("shop")[-2:] == ["promoting", "promoted"]

    done = rollback("shop", reason="the desk complains")
    assert (done.down.version, done.up.version) == (2, 1)
    assert index.aliases("shop") == {"champion": 1}
    last = history("shop")[-1]
    assert (last.step, last.values["reason"]) == ("rolled-back", "the desk complains")
    with pytest.raises(UsageError, match="no earlier model to go back to"):
        rollback("shop")
    rollback("shop", to=2)
    assert index.aliases("shop") == {"champion": 2, "previous": 1}


def test_the_champion_is_proved_on_rows_that_neither_learned_from(here):
    outcome = retrain("shop.mulle", "new.csv", old="old.csv", **LEARN)
    record = json.loads(Path(outcome.folder, "decision.json").read_bytes())
    assert record["decision"] == "written"
    assert record["comparison"]["champion"] == outcome.comparison.champion
    newest = pl.read_csv("new.csv", try_parse_dates=True).sort("day").tail(outcome.rows.holdout)
    codes = newest["sold"].eq("yes").cast(int).to_numpy()
    for side, path in (("champion", "shop.mulle"), ("challenger", "shop.challenger.mulle")):
        from sklearn.metrics import roc_auc_score

        p = mulle.load(path).predict_proba(newest.drop("sold"))[:, 1]
        assert record["comparison"][side] == pytest.approx(roc_auc_score(codes, p)), side


def test_a_challenger_that_is_no_better_is_refused(here):
    same_world = rows_of_the_shop(200, 5, day=60)
    before = sha256("shop.mulle")
    outcome = retrain("shop.mulle", same_world, name="shop", min_gain=0.2, **QUICK)
    assert outcome.decision == "refused"
    assert [gate.name for gate in outcome.missed] == ["better"]
    assert RunIndex(here / ".mulle").aliases("shop") == {"champion": 1, "challenger": 2}
    assert steps("shop")[-1] == "refused"
    assert sha256("shop.mulle") == before
    with pytest.raises(UsageError, match="no earlier model to go back to"):
        rollback("shop")


def test_too_few_rows_cannot_tell_and_nothing_is_trained(here):
    outcome = retrain("shop.mulle", rows_of_the_shop(40, 5, day=60), **QUICK)
    assert outcome.decision == "refused"
    assert [gate.name for gate in outcome.missed] == ["rows"]
    assert outcome.challenger is None
    assert "trained" not in steps("shop.mulle")


def test_a_label_that_nobody_teaches_is_missed(here):
    only_no = pl.read_csv("new.csv").with_columns(sold=pl.lit("no"))
    outcome = retrain("shop.mulle", only_no, **LEARN)
    assert [gate.name for gate in outcome.missed] == ["labels", "test-labels"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_test_rows_of_one_label_tell_no_models_apart(here, dry_run):
    """The most recent rows are the test: they may hold one label where all rows hold both."""
    new = pl.read_csv("new.csv", try_parse_dates=True).sort("day")
    last = pl.int_range(pl.len()) >= len(new) // 2
    new = new.with_columns(sold=pl.when(last).then(pl.lit("no")).otherwise("sold"))
    outcome = retrain("shop.mulle", new, time_column="day", holdout=0.3, dry_run=dry_run, **LEARN)
    assert outcome.decision == "refused"
    assert [gate.name for gate in outcome.missed] == ["test-labels"]
    assert outcome.challenger is None


def test_nothing_takes_the_place_of_a_pinned_champion(here):
    retrain("shop.mulle", "new.csv", name="shop", dry_run=False, min_gain=0.9, **LEARN)
    assert pin("shop") == 1
    for move in (promote, rollback):
        with pytest.raises(UsageError) as error:
            move("shop", to=2)
        assert error.value.code == "model-pinned"
    with pytest.raises(UsageError) as error:
        retrain("shop", "new.csv", **LEARN)
    assert error.value.code == "model-pinned"
    pin("shop", release=True)
    assert promote("shop").up.version == 2


def test_a_bare_file_is_swapped_and_put_back(here):
    champion = sha256("shop.mulle")
    outcome = retrain("shop.mulle", "new.csv", replace=True, **LEARN)
    assert outcome.decision == "promoted"
    assert sha256("shop.mulle") == outcome.challenger.sha256
    assert [sha256(path) for path in kept_files(Path("shop.mulle"))] == [champion]
    assert not Path("shop.challenger.mulle").exists()
    rollback("shop.mulle")
    assert sha256("shop.mulle") == champion
    assert sha256(".mulle/kept/shop/rolled-back.mulle") == outcome.challenger.sha256
    with pytest.raises(UsageError, match="no earlier model to go back to"):
        rollback("shop.mulle")
    with pytest.raises(UsageError, match="has no versions"):
        rollback("shop.mulle", to="3")


@pytest.mark.parametrize("drift", [False, None])
def test_without_drift_there_is_nothing_to_do(here, drift):
    shown = report(here / "report.json", drift=drift)
    outcome = retrain("shop.mulle", "no-such.csv", if_drift=shown, trigger="alert")
    assert outcome.decision == "nothing-to-do"
    assert steps("shop.mulle") == ["triggered", "nothing-to-do"]


def test_drift_is_the_evidence(here):
    shown = report(here / "report.json", drift=True)
    options = {**LEARN, "if_drift": shown, "not_worse": True, "trigger": "alert"}
    outcome = retrain("shop.mulle", "new.csv", **options)
    assert outcome.decision == "written"
    assert "not-worse" in [gate.name for gate in outcome.gates]
    assert outcome.evidence["columns"] == ["price"]
    assert history("shop.mulle")[0].values["by"] == "alert"


def test_the_drift_of_the_new_rows_themselves(here):
    """The new rows but for their days, which every champion is too old for."""
    from mulle.verbs.watch import watch

    new = rows_of_the_shop(300, 1).with_columns(price=pl.col("price") + 3)
    outcome = retrain("shop.mulle", new, if_drift="now", dry_run=True)
    assert outcome.decision == "planned"
    assert outcome.evidence["columns"] == ["price"]
    Path("report.json").write_bytes(watch("shop.mulle", new).to_json())
    written = retrain("shop.mulle", new, if_drift="report.json", dry_run=True)
    assert written.evidence | {"report": "now"} == outcome.evidence
    calm = retrain("shop.mulle", rows_of_the_shop(300, 1), if_drift="now")
    assert calm.decision == "nothing-to-do"


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "drift-report-missing"), ("no json", "drift-report-unreadable"),
     ("{}", "drift-report-unreadable"),
     ('{"dataset_drift": "yes"}', "drift-report-unreadable")],
)  # fmt: skip
def test_a_file_that_is_no_report_is_refused(here, content, code):
    if content is not None:
        Path("report.json").write_text(content, encoding="utf-8")
    with pytest.raises(MulleError) as refusal:
        retrain("shop.mulle", "new.csv", if_drift="report.json")
    assert refusal.value.code == code


@pytest.mark.parametrize("name", ["", "shop"])
def test_a_dry_run_changes_nothing(here, name):
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*") if path.is_file()}
    outcome = retrain("shop.mulle", "new.csv", old="old.csv", name=name, registry="r", dry_run=True)
    assert outcome.decision == "planned"
    assert outcome.rows.holdout > 0 and outcome.plans
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*") if path.is_file()} == before


def test_two_at_once(here):
    Ledger(here / ".mulle").write("l", "shop.mulle", "triggered")
    path = here / ".mulle" / "retrain" / "shop.mulle.lock"
    with hold(path, RunError("retrain-running", model="shop")), pytest.raises(RunError) as refusal:
        retrain("shop.mulle", "new.csv", **QUICK)
    assert refusal.value.code == "retrain-running-since"
    assert refusal.value.what.startswith("Another program has been retraining shop.mulle since 2")


def test_a_champion_that_was_moved_meanwhile_is_not_replaced(here, monkeypatch):
    retrain("shop.mulle", "new.csv", name="shop", **LEARN)
    import mulle.verbs.retrain.loop as loop

    compared = loop.compare

    def rolled_back_meanwhile(*arguments, **options):
        rollback("shop")
        return compared(*arguments, **options)

    monkeypatch.setattr(loop, "compare", rolled_back_meanwhile)
    newer = rows_of_the_shop(300, 9, day=120)
    with pytest.raises(RunError) as refusal:
        retrain("shop", newer, **LEARN)
    assert refusal.value.code == "alias-moved"
    assert RunIndex(here / ".mulle").aliases("shop")["champion"] == 1
    assert steps("shop")[-1] == "failed"


def test_an_interrupted_training_promotes_nothing(here, monkeypatch):
    import mulle.verbs.retrain.loop as loop

    trained = loop.train

    def interrupted(*arguments):
        result = trained(*arguments)
        return dataclasses.replace(result, stopped="interrupted")

    monkeypatch.setattr(loop, "train", interrupted)
    before = sha256("shop.mulle")
    with pytest.raises(KeyboardInterrupt):
        retrain("shop.mulle", "new.csv", replace=True, **LEARN)
    assert sha256("shop.mulle") == before
    assert steps("shop.mulle")[-1] == "failed"


def test_old_rows_may_be_one_table_or_several(here):
    one = pl.read_csv("old.csv", try_parse_dates=True)
    several = [one.head(100), one.tail(200)]
    for old in (one, several, one.to_dicts(), ["old.csv"]):
        outcome = retrain("shop.mulle", "new.csv", old=old, dry_run=True)
        assert outcome.rows.old == 300


def test_a_failure_is_written_down(here, monkeypatch):
    monkeypatch.setattr("mulle.verbs.retrain.loop.train", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        retrain("shop.mulle", "new.csv", **QUICK)
    last = history("shop.mulle")[-1]
    assert (last.step, last.values["error"]) == ("failed", "ZeroDivisionError: division by zero")


def test_a_broken_proof_is_a_missed_gate(here, monkeypatch):
    def broken(*_):
        raise RunError("parity-broken", label_flips=3, rows=100, max_abs_diff=0.5)

    monkeypatch.setattr("mulle.verbs.retrain.loop.train", broken)
    outcome = retrain("shop.mulle", "new.csv", **QUICK)
    assert (outcome.decision, [g.name for g in outcome.missed]) == ("refused", ["parity"])


def test_a_bundle_without_a_plan_takes_it_from_its_run_or_is_refused(here):
    model = mulle.load("shop.mulle")
    bare = {k: v for k, v in model.manifest.lineage.items() if k not in {"plan", "settings"}}
    manifest = msgspec.structs.replace(model.manifest, lineage=bare)
    from mulle.bundle import write_archive

    write_archive(here / "shop.mulle", manifest, model.members)
    assert retrain("shop.mulle", "new.csv", dry_run=True).rows.held_by == "time"
    manifest = msgspec.structs.replace(manifest, lineage=bare | {"run": "../elsewhere"})
    write_archive(here / "shop.mulle", manifest, model.members)
    with pytest.raises(UsageError) as refusal:
        retrain("shop.mulle", "new.csv", dry_run=True)
    assert refusal.value.code == "plan-not-known"
    assert retrain("shop.mulle", "new.csv", dry_run=True, search=True).plans == []


@pytest.mark.parametrize("option", ["group", "weight"])
def test_columns_with_a_role_keep_it(here, option):
    old, new = (
        pl.read_csv(f"{name}.csv", try_parse_dates=True).with_columns(role=pl.int_range(300) % 20)
        for name in ("old", "new")
    )
    first = mulle.fit(old, target="sold", output=".", **{option: "role"}, **QUICK)
    outcome = retrain(first.bundle, new, old=old, **LEARN)
    manifest = mulle.load(outcome.challenger.path).manifest
    assert outcome.decision == "written"
    assert "role" not in manifest.schema.names
    assert manifest.lineage["settings"] == {option: "role"}


def test_a_new_search(here):
    outcome = retrain("shop.mulle", "new.csv", search=True, **LEARN)
    assert (outcome.decision, outcome.plans) == ("written", [])


@pytest.mark.parametrize(
    ("target", "task"), [("price", "regression"), ("city", "binary"), ("open", "binary")]
)
def test_every_sort_of_target(here, target, task):
    mulle.fit("old.csv", target=target, output="fitted", **QUICK)
    outcome = retrain("fitted/old.mulle", "new.csv", old="old.csv", **QUICK)
    labels = [mulle.load(path).manifest.labels for path in ("fitted/old.mulle",
              outcome.challenger.path)]  # fmt: skip
    assert labels[0] == labels[1]
    assert outcome.decision in {"refused", "written"}
    assert mulle.load("fitted/old.mulle").manifest.task == task


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("nobody.mulle", "champion-missing"),
        ("nobody", "model-unknown"),
        ("shop@", "model-spec"),
        ("../shop", "model-name"),
        ("shop:one", "model-spec"),
        ("shop:7", "not-the-champion"),
        ("shop@7", "not-the-champion"),
        ("shop@staging", "alias-unknown"),
    ],
)
def test_a_model_that_is_not_there(here, model, code):
    index = RunIndex(here / ".mulle")
    index.register("shop", "shop.mulle", "r", {})
    index.alias("shop", "champion", 1)
    with pytest.raises(MulleError) as refusal:
        retrain(model, "new.csv", dry_run=True)
    assert refusal.value.code == code


def test_a_name_that_another_file_has(here):
    RunIndex(here / ".mulle").register("shop", "old.csv", "r", {})
    with pytest.raises(UsageError) as refusal:
        retrain("shop.mulle", "new.csv", name="shop", dry_run=True)
    assert refusal.value.code == "name-taken"


def test_rollback_refuses_nonsense(here):
    index = RunIndex(here / ".mulle")
    index.register("shop", "shop.mulle", "r", {})
    with pytest.raises(UsageError, match="has no champion"):
        rollback("shop")
    index.alias("shop", "champion", 1)
    with pytest.raises(UsageError, match="is the champion already"):
        rollback("shop", to=1)
    with pytest.raises(UnknownName, match="model 'shop' has no version '9'"):
        rollback("shop", to=9)
    index.register("shop", "old.csv", "r", {})
    with pytest.raises(MulleError) as refusal:
        rollback("shop", to=2)
    assert refusal.value.code == "bundle-damaged"
    assert index.aliases("shop") == {"champion": 1}


def test_an_unknown_option_is_refused(here):
    with pytest.raises(TypeError, match="polcy"):
        retrain("shop.mulle", "new.csv", polcy="all")
