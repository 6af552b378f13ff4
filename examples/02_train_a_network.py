"""Train a network in NumPy, look at it, and ship it as ONNX.

The same model trains in PyTorch after `net.to("torch")`; `examples/foundations/` opens up every
step of what happens here, and `examples/steps/` builds the engine itself from nothing.
"""

import numpy as np
import onnxruntime
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from mulle import nn

digits = load_digits()
x = (digits.data / 16).astype(np.float32)
x_train, x_test, y_train, y_test = train_test_split(x, digits.target, random_state=0)

nn.manual_seed(0)
net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))
print(nn.summary(net, x_train[:2]))

history = nn.train(
    net,
    (x_train, y_train),
    loss="cross_entropy",
    optimizer="adamw",
    lr=3e-3,
    schedule="cosine",
    epochs=30,
    batch_size=64,
    validation=(x_test, y_test),
    metrics={"accuracy": lambda output, target: (output.argmax(1) == target).mean()},
    random_state=0,
    progress=False,
)
last = history.epochs[-1]
print(f"loss {last.loss:.4f}, accuracy {last.metrics['accuracy']:.3f} after {last.number} epochs")
for diagnosis in history.diagnoses:
    print(diagnosis)

exported = nn.to_onnx(net, x_test[:2])
path = exported.save("digits.onnx")
answers = onnxruntime.InferenceSession(path).run(None, {exported.inputs[0]: x_test})[0]
accuracy = (answers.argmax(1) == y_test).mean()
print(f"{path.name}: accuracy {accuracy:.3f}, {exported.difference:.1e} from NumPy at most")

assert accuracy == last.metrics["accuracy"] > 0.95
