"""A small file of Python's safetensors, for @csl/trainer's reader.

python tooling/reference/safetensors_sample.py packages/trainer/fixtures/sample.safetensors   (safetensors 0.8)
"""

import sys

import torch
from safetensors.torch import save_file

values = torch.tensor([[0.5, -1.25, 65504.0], [6.103515625e-05, 5.960464477539063e-08, 0.0]])
save_file(
    {
        "single": values,
        "double": values.double(),
        "half": values.half(),  # the largest half, the smallest normal, the smallest subnormal
        "brain": torch.tensor([1.0, -2.5, 3.0e38]).bfloat16(),
        "counter": torch.tensor(12345678901, dtype=torch.int64),
    },
    sys.argv[1],
    metadata={"format": "pt", "note": "ü"},
)
