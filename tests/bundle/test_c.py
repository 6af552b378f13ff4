"""The program in C: it compiles without a warning, and answers what the bundle answers.

Set MULLE_ORT_HOME to a release of ONNX Runtime, with include and lib, to build and run it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_c
from mulle.table import Storage

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["binary", "multiclass", "regression"]
ROWS = json.loads((GOLDEN / "rows.json").read_text("utf-8"))[:8]
CC, CMAKE = shutil.which("cc"), shutil.which("cmake")
HOME = os.environ.get("MULLE_ORT_HOME", "")
needs_cc = pytest.mark.skipif(not CC, reason="no C compiler is installed")
needs_runtime = pytest.mark.skipif(not (CMAKE and HOME), reason="MULLE_ORT_HOME is not set")

# What the program uses, in no order that a library has: enough to check its types.
HEADER = """
#include <stddef.h>
#include <stdint.h>
#define OPAQUE(T) typedef struct T T;
OPAQUE(OrtStatus) OPAQUE(OrtEnv) OPAQUE(OrtSession) OPAQUE(OrtSessionOptions) OPAQUE(OrtValue)
OPAQUE(OrtRunOptions) OPAQUE(OrtAllocator) OPAQUE(OrtMemoryInfo)
typedef enum { ORT_LOGGING_LEVEL_ERROR } OrtLoggingLevel;
typedef enum { OrtArenaAllocator } OrtAllocatorType;
typedef enum { OrtMemTypeDefault } OrtMemType;
typedef enum {
  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE
} ONNXTensorElementDataType;
typedef OrtStatus *S;
typedef struct {
  const char *(*GetErrorMessage)(const OrtStatus *);
  S (*CreateEnv)(OrtLoggingLevel, const char *, OrtEnv **);
  S (*CreateSessionOptions)(OrtSessionOptions **);
  S (*SetIntraOpNumThreads)(OrtSessionOptions *, int);
  S (*CreateSession)(const OrtEnv *, const char *, const OrtSessionOptions *, OrtSession **);
  S (*CreateCpuMemoryInfo)(OrtAllocatorType, OrtMemType, OrtMemoryInfo **);
  S (*GetAllocatorWithDefaultOptions)(OrtAllocator **);
  S (*CreateTensorAsOrtValue)(OrtAllocator *, const int64_t *, size_t, ONNXTensorElementDataType,
                              OrtValue **);
  S (*CreateTensorWithDataAsOrtValue)(const OrtMemoryInfo *, void *, size_t, const int64_t *,
                                      size_t, ONNXTensorElementDataType, OrtValue **);
  S (*GetStringTensorDataLength)(const OrtValue *, size_t *);
  S (*GetStringTensorContent)(const OrtValue *, void *, size_t, size_t *, size_t);
  S (*FillStringTensor)(OrtValue *, const char *const *, size_t);
  S (*GetTensorMutableData)(OrtValue *, void **);
  S (*Run)(OrtSession *, const OrtRunOptions *, const char *const *, const OrtValue *const *,
           size_t, const char *const *, size_t, OrtValue **);
  void (*ReleaseEnv)(OrtEnv *);
  void (*ReleaseSession)(OrtSession *);
  void (*ReleaseSessionOptions)(OrtSessionOptions *);
  void (*ReleaseMemoryInfo)(OrtMemoryInfo *);
  void (*ReleaseValue)(OrtValue *);
} OrtApi;
typedef struct {
  const OrtApi *(*GetApi)(uint32_t);
  const char *(*GetVersionString)(void);
} OrtApiBase;
const OrtApiBase *OrtGetApiBase(void);
"""


@needs_cc
@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_without_a_warning(name, tmp_path):
    export_c(load(GOLDEN / f"{name}.mulle"), tmp_path)
    (tmp_path / "onnxruntime_c_api.h").write_text(HEADER, "utf-8")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    ran = subprocess.run(
        [CC, *flags, "main.c"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


@needs_runtime
@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_the_bundle_does(name, tmp_path):
    model = load(GOLDEN / f"{name}.mulle")
    export_c(model, tmp_path)
    build = tmp_path / "build"
    subprocess.run(
        [CMAKE, "-S", tmp_path, "-B", build, f"-DONNXRUNTIME={HOME}"], check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    subprocess.run([CMAKE, "--build", build], check=True, stdout=subprocess.DEVNULL)
    for row in ROWS:
        said = predicted(build, tmp_path, arguments(model.manifest.schema, row))
        if model.is_regression:
            assert float(said[0]) == model.predict(row)[0]
            continue
        assert said[0] == str(model.predict(row)[0]).replace("True", "true").replace("F", "f")
        found = [float(line.split("\t")[0]) for line in said[1:]]
        np.testing.assert_array_equal(found, model.predict_proba(row)[0])


def arguments(schema, row):
    """A row in canonical values, as the command line takes it."""
    for column in schema.columns:
        value = schema.row(row)[column.name]
        if value is None:
            continue
        if column.storage is Storage.date:
            value = np.datetime64(value, "us").astype("datetime64[s]")
        yield f"{column.name}={value!r}" if isinstance(value, float) else f"{column.name}={value}"


def predicted(build, folder, given):
    ran = subprocess.run(
        [build / "predict", folder / "model.onnx", *given],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_its_files(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    paths = export_c(model, tmp_path)
    names = ["main.c", "CMakeLists.txt", "README.md", "model.onnx", "model.json"]
    assert [path.name for path in paths] == names
    program = (tmp_path / "main.c").read_text("utf-8")
    assert '{"a \\042memo\\042 메모", STRING},' in program
    said = json.loads((tmp_path / "model.json").read_text("utf-8"))
    assert said["sha256"] == model.manifest.checksums["model.onnx"]
    readme = (tmp_path / "README.md").read_text("utf-8")
    assert said["sha256"] in readme and "Delivered later" in readme
