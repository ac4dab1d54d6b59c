"""Writes the files beside it, with PyTorch 2.13: `python make_fixtures.py` in an environment of it.

Not run by the tests: torch is PyTorch here.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "bfloat16", "float32", "float64"]


def state():
    """An object with what state dicts of models and optimizers are made of."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    adam = torch.optim.Adam(net.parameters(), lr=0.01)
    net(torch.ones(2, 2)).sum().backward()
    adam.step()
    base = torch.arange(12.0).view(3, 4)
    return {
        "model": net.state_dict(),
        "adam": adam.state_dict(),
        "parameter": net[0].weight,
        "requires_grad": torch.ones(2, requires_grad=True),
        "dtypes": {d: torch.tensor([[0, 1, 2], [3, 4, 100]]).to(getattr(torch, d)) for d in DTYPES},
        "base": base,
        "views": [base[1:, ::2].t(), base[2], base[:, 1:2].expand(3, 3), base],
        "scalar": torch.tensor(3.5),
        "empty": torch.zeros(0, 3),
        "storage": torch.arange(3, dtype=torch.int16)._typed_storage(),
        "bytes": torch.tensor([1, 2, 3], dtype=torch.uint8).untyped_storage(),
        "plain": [1, -2.5, "text \u00e4", b"bytes", None, True, (1, (2,)), {3}, 1 + 2j, 2**70],
        "size": torch.Size([2, 3]),
        "dtype": torch.float32,
        "device": torch.device("cpu"),
    }


def flat(value, path=""):
    """(path, tensor) of every tensor and storage."""
    if isinstance(value, torch.Tensor):
        yield path, value.detach()
    elif isinstance(value, torch.UntypedStorage | torch.TypedStorage):
        yield path, torch.tensor(value.tolist(), dtype=getattr(value, "dtype", torch.uint8))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path}/{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from flat(item, f"{path}/{i}")


def write(obj, name):
    torch.save(obj, HERE / f"{name}.pt")
    torch.save(obj, HERE / f"{name}_old.pt", _use_new_zipfile_serialization=False)


def main():
    warnings.simplefilter("ignore")
    obj = state()
    write(obj, "state")
    rows = {
        path: {
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "size": list(tensor.shape),
            "stride": tensor.stride(),
            "offset": tensor.storage_offset(),
            "values": tensor.tolist(),
        }
        for path, tensor in flat(obj)
    }
    lines = ",\n".join(f"{json.dumps(path)}: {json.dumps(row)}" for path, row in rows.items())
    (HERE / "state.json").write_text(f"{{\n{lines}\n}}\n")
    torch.save(torch.nn.Linear(1, 1), HERE / "module.pt")
    refused = {
        "complex": torch.zeros(2, dtype=torch.complex64),
        "uint16": torch.zeros(2, dtype=torch.uint16),
        "float8": torch.zeros(2, dtype=torch.float8_e4m3fn),
        "sparse": torch.eye(2).to_sparse(),
        "quantized": torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8),
        "numpy": np.float64(1.5),
    }
    for name, value in refused.items():
        torch.save({name: value}, HERE / f"refused_{name}.pt", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
