"""timm's TResNets after a few steps of training, each saved in six wrappings; for benchmarks' `timm-wrappings`.

    python tooling/reference/timm_wrappings.py FOLDER [MODEL …]      (PyTorch 2.13, timm 1.0.29, safetensors)

Needs 1.3 GB for the largest. Beside the files: `MODEL.images`, the float32 numbers of the images as they lie in memory,
and `MODEL.json` with their logits in float32 and in float64. Of two images and five classes an error is a matter of luck:
16 images and 40 classes are 640 logits.
"""

import collections
import json
import pathlib
import sys

import timm
import torch
from safetensors.torch import save_file

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
classes = 40
images_count = 16
torch.manual_seed(1)


def trained(name):
    """Large steps, so that norm weights pass zero, also those that did not begin there."""
    model = timm.create_model(name, num_classes=classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    for _ in range(4):
        images = torch.rand(4, 3, 96, 96)
        targets = (torch.rand(4, classes) < 0.4).float()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model.train()(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():  # four steps turn few of the weights that begin at 1
        for key, tensor in model.named_parameters():
            if key.endswith("bn.weight"):
                tensor[1::7] *= -1
                tensor[3::50] = 0
                tensor[4::50] = 4e-6
    return model.eval(), optimizer


def prefixed(state, prefix):
    return collections.OrderedDict((prefix + key, tensor.clone()) for key, tensor in state.items())


def save(name):
    model, optimizer = trained(name)
    state = model.state_dict()
    images = torch.rand(images_count, 3, 224, 224)
    parts = images.split(4)
    with torch.no_grad():
        single = torch.cat([model(part) for part in parts])
        model.double()
        double = torch.cat([model(part.double()) for part in parts])
    model.float()
    state = model.state_dict()
    negative = sum(int((t < 0).sum()) for k, t in state.items() if k.endswith("bn.weight"))
    averaged = torch.optim.swa_utils.AveragedModel(model).state_dict()
    lightning = prefixed(state, "model.")
    lightning["criterion.pos_weight"] = torch.ones(classes)
    others = prefixed(state, "net.")
    others |= dict(steps=torch.tensor(7, dtype=torch.int32), mask=torch.tensor([True]), scale=torch.ones(2).to(torch.float8_e4m3fn))
    torch.save(state, folder / f"{name}-bare.pth")
    torch.save(dict(state_dict=prefixed(state, "module."), optimizer=optimizer.state_dict(), epoch=3),
               folder / f"{name}-data-parallel.pth", _use_new_zipfile_serialization=False)
    save_file(prefixed(state, "_orig_mod."), folder / f"{name}-compiled.safetensors", metadata={"classes": "red,green"})
    torch.save({"state_dict": lightning, "epoch": 1, "global_step": 4, "pytorch-lightning_version": "2.5.0",
                "hyper_parameters": {"lr": 0.02}, "callbacks": {}}, folder / f"{name}-lightning.ckpt")
    torch.save(averaged, folder / f"{name}-averaged.pth")
    save_file(others, folder / f"{name}-net.safetensors", metadata={"config": "null"})
    images.permute(0, 2, 3, 1).contiguous().numpy().tofile(folder / f"{name}.images")
    content = dict(
        shape=[images_count, 224, 224, 3], negative=negative,
        single=single.flatten().tolist(), double=double.flatten().tolist(),
    )
    (folder / f"{name}.json").write_text(json.dumps(content))
    error = (single - double).abs()
    print(name, negative, "negative norm weights; float32's error: RMS", error.square().mean().sqrt().item(),
          "largest", error.max().item())


for name in sys.argv[2:] or ["tresnet_m", "tresnet_l", "tresnet_v2_l"]:
    save(name)
