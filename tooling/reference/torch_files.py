"""Small files of torch.save, for @csl/torch-files' reader.

    python tooling/reference/torch_files.py packages/torch-files/fixtures      (PyTorch 2.13)

`values.json` says what is in `values.pth` and `values-legacy.pth`: key → [shape, numbers].
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import sys
import warnings
import zipfile

import numpy as np
import torch

folder = pathlib.Path(sys.argv[1])
warnings.filterwarnings("ignore", "Couldn't retrieve source code")


def both(value, name):
    """The form since PyTorch 1.6, and the one before."""
    torch.save(value, folder / f"{name}.pth")
    torch.save(value, folder / f"{name}-legacy.pth", _use_new_zipfile_serialization=False)


base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 8 - 1
attributed = torch.tensor([3.0, 4.0])
attributed.note = "an attribute of its own"
values = collections.OrderedDict(
    float32=base.clone(),
    float64=base.double() / 3,
    float16=torch.tensor([65504.0, 2.0**-14, 2.0**-24, -0.0, float("inf")]).half(),
    bfloat16=torch.tensor([1.0, -2.5, 3.0e38]).bfloat16(),
    int64=torch.tensor([-1, 2**40]),
    int32=torch.tensor([-(2**31), 7], dtype=torch.int32),
    int16=torch.tensor([-(2**15), 7], dtype=torch.int16),
    int8=torch.tensor([-128, 127], dtype=torch.int8),
    uint8=torch.tensor([0, 255], dtype=torch.uint8),
    uint16=torch.tensor([0, 65535], dtype=torch.uint16),  # no storage class: _rebuild_tensor_v3
    bool=torch.tensor([True, False, True]),
    scalar=torch.tensor(12345678, dtype=torch.int64),
    empty=torch.zeros(0, 3),
    transposed=base.permute(2, 0, 1),
    channels_last=torch.arange(48.0).reshape(1, 3, 4, 4).contiguous(memory_format=torch.channels_last),
    every_second=base[:, ::2, 1:3],  # shares the storage of `transposed`
    expanded=torch.tensor([[1.0], [2.0]]).expand(2, 5),
    parameter=torch.nn.Parameter(torch.tensor([0.5, -0.5])),
    attributed=attributed,
)
both(values, "values")
(folder / "values.json").write_text(
    json.dumps({key: [list(t.shape), [float(x) for x in t.detach().double().flatten()]] for key, t in values.items()},
               indent=1).replace("Infinity", '"Infinity"') + "\n"
)

# A training checkpoint of timm's: wrapped model, averaged weights, optimizer, command line, a NumPy number.
torch.manual_seed(1)
net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
optimizer = torch.optim.Adam(net.parameters())
net(torch.randn(4, 3)).sum().backward()
optimizer.step()
wrapped = collections.OrderedDict((f"module.{key}", tensor) for key, tensor in net.state_dict().items())
averaged = collections.OrderedDict((f"module.{key}", tensor * 0 + 2) for key, tensor in net.state_dict().items())
both(
    dict(
        epoch=3, arch="tresnet_m", state_dict=wrapped, optimizer=optimizer.state_dict(),
        args=argparse.Namespace(lr=1e-4, out=pathlib.PurePosixPath("x"), when=datetime.datetime(2021, 1, 1)),
        metric=np.float64(0.5), seen={1, 2}, state_dict_ema=averaged, device=torch.device("cpu"), dtype=torch.float16,
    ),
    "timm",
)
# As the zoos of the reference's authors: the classes beside the weights.
both(dict(model=net.state_dict(), num_classes=2, idx_to_class={0: "/m/0a", 1: "/m/0b"}), "zoo")

# The older form brings the source code along where it finds it; here it finds none.
namespace = dict(__name__="models", torch=torch)
exec("class Net(torch.nn.Module):\n    pass", namespace)
sys.modules["models"] = type(sys)("models")
sys.modules["models"].Net = namespace["Net"]
whole = namespace["Net"]()
whole.weight = torch.nn.Parameter(torch.ones(2))
both(whole, "whole-model")


class Evil:
    def __reduce__(self):
        return os.system, ("touch owned",)


both(dict(state_dict=net.state_dict(), note=Evil()), "evil")
torch.jit.script(torch.nn.Linear(2, 2)).save(str(folder / "script.pt"))
torch.save(dict(weight=torch.tensor([1 + 2j])), folder / "complex.pth")

# Tensors of other kinds next to weights, under a name of its own.
both(
    dict(
        step=7,
        optimizer=optimizer.state_dict(),
        net=collections.OrderedDict(
            weight=torch.tensor([1.5, -2.0]),
            spectrum=torch.tensor([1 + 2j]),
            sparse=torch.eye(2).to_sparse(),
            quantized=torch.quantize_per_tensor(torch.tensor([0.5, 1.0]), 0.1, 0, torch.qint8),
            turned=torch.tensor([1 + 2j]).conj().imag,
            tiny=torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
        ),
    ),
    "mixed",
)

# PyTorch on a big-endian machine: the same zip with the numbers turned round.
torch.save(dict(weight=base), folder / "little-endian.pth")
with zipfile.ZipFile(folder / "little-endian.pth") as little, zipfile.ZipFile(folder / "big-endian.pth", "w") as big:
    for info in little.infolist():
        data = little.read(info)
        if info.filename.endswith("byteorder"):
            data = b"big"
        if "/data/" in info.filename:
            data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
        big.writestr(zipfile.ZipInfo(info.filename), data)
(folder / "little-endian.pth").unlink()
