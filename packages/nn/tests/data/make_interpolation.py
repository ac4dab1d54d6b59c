"""Writes interpolation.json: what PyTorch makes of a small image, signal and volume.

python make_interpolation.py, in an environment with PyTorch (2.13 made the file that is there).
"""

import json
from pathlib import Path

import torch
from torch.nn.functional import interpolate

SIZES = {1: (1, 2, 5), 2: (1, 2, 4, 5), 3: (1, 1, 3, 4, 3)}
# dimensions, arguments
CASES = [
    (1, {"scale_factor": 2.3, "mode": "nearest"}),
    (2, {"scale_factor": (1.5, 0.7), "mode": "nearest"}),
    (2, {"size": (3, 8), "mode": "nearest"}),
    (2, {"size": (3, 8), "mode": "nearest-exact"}),
    (2, {"scale_factor": 1.7, "mode": "nearest-exact"}),
    (1, {"scale_factor": 1.7, "mode": "linear"}),
    (2, {"scale_factor": 2, "mode": "bilinear"}),
    (2, {"scale_factor": (1.3, 2.6), "mode": "bilinear", "align_corners": False}),
    (2, {"scale_factor": (1.3, 2.6), "mode": "bilinear", "align_corners": True}),
    (2, {"size": (2, 3), "mode": "bilinear"}),
    (3, {"size": (4, 2, 5), "mode": "trilinear"}),
    (3, {"scale_factor": 2, "mode": "trilinear", "align_corners": True}),
    (2, {"size": (7, 9), "mode": "bicubic"}),
    (2, {"size": (7, 2), "mode": "bicubic", "align_corners": True}),
    (2, {"scale_factor": 1.6, "mode": "bicubic"}),
    (2, {"size": (3, 2), "mode": "area"}),
    (1, {"scale_factor": 0.5, "mode": "area"}),
]

torch.manual_seed(0)
inputs = {dims: torch.randn(*size, dtype=torch.float64) for dims, size in SIZES.items()}
rows = [
    {
        "dims": dims,
        "arguments": arguments,
        "result": interpolate(inputs[dims], **arguments).tolist(),
    }
    for dims, arguments in CASES
]
text = json.dumps({"inputs": {d: x.tolist() for d, x in inputs.items()}, "rows": rows})
Path(__file__).with_name("interpolation.json").write_text(text + "\n")
