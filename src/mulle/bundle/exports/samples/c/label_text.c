/* The position of the graph's label among LABELS. */
static int code_of(OrtValue *label) {
  static const char *const GIVEN[] = { @GRAPH_LABELS@ };
  size_t length, start = 0;
  check(ort->GetStringTensorDataLength(label, &length));
  char *text = calloc(length + 1, 1);
  if (!text) refuse("out of memory", "model.onnx");
  check(ort->GetStringTensorContent(label, text, length, &start, 1));
  int code = -1;
  for (int k = 0; k < N_LABELS; k++)
    if (!strcmp(GIVEN[k], text)) code = k;
  free(text);
  if (code < 0) refuse("not a label of the model", "model.onnx");
  return code;
}
