/* Predicts @TARGET_COMMENT@: one row from the command line, through ONNX Runtime's C API.
 *
 *     ./predict model.onnx @EXAMPLE_COMMENT@
 *
 * What is not given is missing. Values are taken as they stand: write numbers plainly, dates as
 * 2024-03-01 or 2024-03-01T09:30:00 (UTC), text in Unicode NFC without blanks around it.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnxruntime_c_api.h"

enum Storage { NUMBER, DATE, STRING };
struct Column { const char *name; enum Storage storage; };

static const struct Column COLUMNS[] = {
@COLUMNS@
};
static const char *const LABELS[] = { @LABELS@ };  /* in the order of the probabilities */
static const char *const OUTPUTS[] = { @OUTPUTS@ };
enum { N_COLUMNS = @N_COLUMNS@, N_LABELS = @N_LABELS@, N_OUTPUTS = @N_OUTPUTS@ };
static const char MISSING_STRING[] = "\xee\x80\x80";  /* U+E000 */
static const int64_t MISSING_DATE = INT64_MIN;

static const OrtApi *ort;

static void check(OrtStatus *status) {
  if (!status) return;
  fprintf(stderr, "error: %s\n", ort->GetErrorMessage(status));
  exit(1);
}

static void refuse(const char *what, const char *value) {
  fprintf(stderr, "error: %s: %s\n", what, value);
  exit(2);
}

static double number_of(const char *text) {
  char *end;
  errno = 0;
  double number = strtod(text, &end);
  if (end == text || *end || errno == ERANGE) refuse("not a number", text);
  return isfinite(number) ? number : NAN;
}

/* Microseconds since 1970 in UTC; days by H. Hinnant's days_from_civil. */
static int64_t date_of(const char *text) {
  int year, month, day, hour = 0, minute = 0, second = 0, read = 0;
  static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &read) != 3) refuse("not a date", text);
  if (text[read] == 'T' || text[read] == ' ') {
    int more = 0;
    if (sscanf(text + read + 1, "%2d:%2d:%2d%n", &hour, &minute, &second, &more) != 3) refuse("not a time", text);
    read += 1 + more;
  }
  if (text[read] || year < 1 || month < 1 || month > 12) refuse("not a date", text);
  int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (day < 1 || day > DAYS[month - 1] + (leap && month == 2)) refuse("no such day", text);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) refuse("no such time", text);
  int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  return (days * 86400 + hour * 3600 + minute * 60 + second) * 1000000;
}

/* The value given for a column as NAME=VALUE; NULL if there is none. */
static const char *given(const char *name, int count, char **values) {
  size_t length = strlen(name);
  for (int i = 0; i < count; i++)
    if (!strncmp(values[i], name, length) && values[i][length] == '=') return values[i] + length + 1;
  return NULL;
}

/* A tensor of shape [1, 1]; `cell` holds the number or date for as long as the tensor is used. */
static OrtValue *tensor_of(const struct Column *column, const char *value, void *cell, const OrtMemoryInfo *memory) {
  static const int64_t SHAPE[] = {1, 1};
  OrtValue *tensor = NULL;
  if (column->storage == STRING) {
    OrtAllocator *allocator;
    const char *text = value ? value : MISSING_STRING;
    check(ort->GetAllocatorWithDefaultOptions(&allocator));
    check(ort->CreateTensorAsOrtValue(allocator, SHAPE, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &tensor));
    check(ort->FillStringTensor(tensor, &text, 1));
    return tensor;
  }
  if (column->storage == NUMBER) *(double *)cell = value ? number_of(value) : NAN;
  else *(int64_t *)cell = value ? date_of(value) : MISSING_DATE;
  check(ort->CreateTensorWithDataAsOrtValue(
      memory, cell, 8, SHAPE, 2,
      column->storage == NUMBER ? ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE : ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, &tensor));
  return tensor;
}

static void refuse_unknown(int count, char **values) {
  for (int i = 0; i < count; i++) {
    int known = 0;
    for (int c = 0; c < N_COLUMNS; c++) known |= given(COLUMNS[c].name, 1, values + i) != NULL;
    if (!known) refuse("not COLUMN=VALUE of a column of the model", values[i]);
  }
}

static OrtSession *opened(OrtEnv *env, const char *path) {
  OrtSessionOptions *options;
  OrtSession *session;
  check(ort->CreateSessionOptions(&options));
  check(ort->SetIntraOpNumThreads(options, 1));
#ifdef _WIN32
  static wchar_t wide[4096];
  if (mbstowcs(wide, path, 4095) == (size_t)-1) refuse("not a path", path);
  check(ort->CreateSession(env, wide, options, &session));
#else
  check(ort->CreateSession(env, path, options, &session));
#endif
  ort->ReleaseSessionOptions(options);
  return session;
}

@CODE_OF@int main(int argc, char **argv) {
  if (argc < 2) refuse("usage", "predict model.onnx COLUMN=VALUE...");
  refuse_unknown(argc - 2, argv + 2);
  ort = OrtGetApiBase()->GetApi(@API@);
  if (!ort) refuse("this ONNX Runtime is older than the model needs", OrtGetApiBase()->GetVersionString());
  OrtEnv *env;
  OrtMemoryInfo *memory;
  check(ort->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "mulle", &env));
  check(ort->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
  OrtSession *session = opened(env, argv[1]);

  static double cells[N_COLUMNS];  /* 8 bytes each: a double or an int64_t */
  const char *names[N_COLUMNS];
  OrtValue *inputs[N_COLUMNS], *outputs[N_OUTPUTS] = {NULL};
  for (int c = 0; c < N_COLUMNS; c++) {
    names[c] = COLUMNS[c].name;
    inputs[c] = tensor_of(&COLUMNS[c], given(names[c], argc - 2, argv + 2), &cells[c], memory);
  }
  check(ort->Run(session, NULL, names, (const OrtValue *const *)inputs, N_COLUMNS, OUTPUTS, N_OUTPUTS, outputs));

  double *scores;
  check(ort->GetTensorMutableData(outputs[N_OUTPUTS - 1], (void **)&scores));
  @PRINT_PREDICTION@
  for (int k = 0; k < N_LABELS; k++) printf("%.17g\t%s\n", scores[k], LABELS[k]);

  for (int c = 0; c < N_COLUMNS; c++) ort->ReleaseValue(inputs[c]);
  for (int o = 0; o < N_OUTPUTS; o++) ort->ReleaseValue(outputs[o]);
  ort->ReleaseSession(session);
  ort->ReleaseMemoryInfo(memory);
  ort->ReleaseEnv(env);
  return 0;
}
