"""KServe's clients against a server: python -m tests.verbs.serve.kserve_client URL GRPC BUNDLE."""

import asyncio
import sys

import numpy as np
import pytest
from tests.verbs.serve.odd import odd_rows, tensors

kserve = pytest.importorskip("kserve")


def request(model, records, *, grpc):
    """The rows as KServe's own inputs; gRPC has no null."""
    inputs = []
    for tensor in tensors(model, records):
        text, values = tensor["datatype"] == "BYTES", tensor["data"]
        if grpc:
            values = [("\ue000" if text else np.nan) if v is None else v for v in values]
            values = [v.encode() for v in values] if text else values
        inputs.append(
            kserve.InferInput(tensor["name"], tensor["shape"], tensor["datatype"], data=values)
        )
    return kserve.InferRequest(model_name="stays", infer_inputs=inputs, from_grpc=grpc)


async def main(url, address, bundle):
    """Both protocols, the same answers."""
    model, records = odd_rows(bundle, 5, seed=3)
    rest = kserve.InferenceRESTClient(kserve.RESTConfig(protocol="v2"))
    assert await rest.is_server_ready(url)
    assert await rest.is_model_ready(url, "stays")
    grpc = kserve.InferenceGRPCClient(address)
    for said in (
        await rest.infer(url, request(model, records, grpc=False), model_name="stays"),
        await grpc.infer(request(model, records, grpc=True)),
    ):
        outputs = {output.name: output.as_numpy() for output in said.outputs}
        assert np.array_equal(outputs["probabilities"], model.predict_proba(records))
    print("equal")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
