"""`run.json`: what is written is read, what is unknown is kept, what is damaged is refused."""

import json
from pathlib import Path

import pytest

from mulle.errors import DataError, MissingFile
from mulle.store import Promise, RunRecord, Score, read_record, write_record

RECORD = RunRecord(
    "r1", "2026-11-21T04:15:07Z", "done", "한강.csv", "target", "classification", "roc_auc", 7,
    score=Score(0.9, 0.88), budget=Promise(60, 58.5), details={"winner": "boosting"},
)  # fmt: skip


def test_a_record_survives_writing(tmp_path: Path) -> None:
    write_record(tmp_path / "r1", RECORD)
    assert read_record(tmp_path / "r1") == RECORD


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    write_record(tmp_path / "r1", RECORD)
    plain = json.loads((tmp_path / "r1" / "run.json").read_text(encoding="utf-8"))
    assert plain["score"] == {"validation": 0.9, "test": 0.88}
    assert plain["source"] == "한강.csv"


def test_unknown_keys_are_kept_in_details(tmp_path: Path) -> None:
    folder = tmp_path / "r1"
    folder.mkdir()
    file = {"id": "r1", "created": "2026", "details": {"a": 1}, "later": {"b": 2}, "rows": None}
    (folder / "run.json").write_text(json.dumps(file), encoding="utf-8")
    assert read_record(folder).details == {"a": 1, "later": {"b": 2}}


def test_a_copied_folder_is_a_run_of_its_own(tmp_path: Path) -> None:
    write_record(tmp_path / "copy", RECORD)
    assert read_record(tmp_path / "copy").id == "copy"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"id": "r1"', b'{"id": "r1"}', b'{"created": "x", "status": "great"}',
     b'{"created": "x", "details": [1]}', b"\xff\xfe", b'{"created": "x", "score": 3}'],
)  # fmt: skip
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(DataError) as refusal:
        read_record(tmp_path)
    assert refusal.value.code == "run-file-damaged"
    assert refusal.value.where == str(tmp_path / "run.json")


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"has no run\.json"):
        read_record(tmp_path)
