"""Small ONNX models in the form of csl export, for the tests of packages/tagger.

    pip install onnx && python tooling/reference/tagger_models.py packages/tagger/fixtures

Each class is a colour channel: its logit is 10 * mean - 5, where the mean is over the image in [0, 1].
"""

import json
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

SIZE = 8
description = {
    "format": 1,
    "network": "colours",
    "imageSize": SIZE,
    "preprocessing": True,
    "classes": [
        {"id": "r", "name": "Red", "threshold": 0.5},
        {"id": "g", "name": "Green", "threshold": 0.8},
        {"id": "b", "name": "Blue", "threshold": None},
    ],
    "temperature": 2,
    "card": "# Colours\n",
}


def colours(preprocessing):
    if preprocessing:
        images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["batch", "height", "width", 3])
        head = [
            helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("Div", ["floats", "most"], ["unit"]),
            helper.make_node("ReduceMean", ["unit"], ["mean"], axes=[1, 2], keepdims=0),
        ]
    else:
        images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])
        head = [helper.make_node("ReduceMean", ["images"], ["mean"], axes=[2, 3], keepdims=0)]
    tail = [
        helper.make_node("Mul", ["mean", "slope"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "offset"], ["logits"]),
    ]
    constants = {"most": 255, "slope": 10, "offset": 5}
    used = {name for node in head + tail for name in node.input}
    graph = helper.make_graph(
        head + tail,
        "colours",
        [images],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(np.float32(v), name) for name, v in constants.items() if name in used],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, preprocessing, described in [
    ("colours", True, True),
    ("colours-no-preprocessing", False, True),
    ("not-described", True, False),
]:
    model = colours(preprocessing)
    if described:
        content = {**description, "preprocessing": preprocessing}
        helper.set_model_props(model, {"other": "text", "csl": json.dumps(content)})
    checker.check_model(model, full_check=True)
    save(model, folder / f"{name}.onnx")
