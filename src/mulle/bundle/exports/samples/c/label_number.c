/* The position of the graph's label among LABELS. */
static int code_of(OrtValue *label) {
  static const int64_t GIVEN[] = { @GRAPH_LABELS@ };
  int64_t *number;
  check(ort->GetTensorMutableData(label, (void **)&number));
  for (int k = 0; k < N_LABELS; k++)
    if (GIVEN[k] == *number) return k;
  refuse("not a label of the model", "model.onnx");
  return 0;
}
