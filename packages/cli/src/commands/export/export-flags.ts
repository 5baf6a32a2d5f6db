import { choice, file, integer, type OptionsOf, onlyWith, path, text, toggle } from "../../flags/flag.js";
import {
  batchFlags,
  classEmbeddingsFlag,
  datasetFlags,
  datasetPath,
  engineFlag,
  imageSide,
  offlineFlag,
  overwriteFlag,
} from "../../flags/shared-flags.js";

const { workers, "on-unreadable": onUnreadable, "image-timeout": imageTimeout } = batchFlags;

export const exportFlags = {
  Model: {
    format: choice(
      "onnx: one file for onnxruntime and others; safetensors: a checkpoint without the training's state; tfjs: a folder with a graph model of TensorFlow.js; timm: the names of PyTorch's timm",
      ["onnx", "safetensors", "tfjs", "timm"],
      { default: "onnx" },
    ),
    ...onlyWith(
      { flag: "format", values: ["onnx", "safetensors", "tfjs"] },
      {
        "class-names": file(
          "ids and names of the classes, CSV of id,name: names by id, or for a model that names no classes all of them in the order of its outputs",
          { reads: { what: "a file with names of classes", wayOut: () => "Is the path right?" } },
        ),
        "image-size": integer(
          "side of the square that images are resized to; default: the one that the model was trained on, 448 where its file does not say it",
          imageSide,
        ),
        thresholds: file(
          "a threshold per class, as csl evaluate --thresholds writes them; default: thresholds.json next to the checkpoint, if it was chosen for it",
          {
            reads: {
              what: "a file of thresholds",
              wayOut: () => "Write one with csl evaluate --thresholds.",
            },
          },
        ),
      },
    ),
    offline: offlineFlag,
    "class-embeddings": classEmbeddingsFlag,
  },
  ONNX: onlyWith(
    { flag: "format", values: ["onnx"] },
    {
      precision: choice(
        "float16: half the size; int8: large weights in 8 bits, a quarter of the size; --data measures what they cost",
        ["float32", "float16", "int8"],
        { default: "float32" },
      ),
      preprocessing: toggle("images as bytes of any size: the model resizes and scales them", {
        default: true,
      }),
    },
  ),
  "What it costs, in mAP on images": onlyWith(
    { flag: "format", values: ["onnx"] },
    {
      ...datasetFlags,
      data: path(
        "a data set: the exported model is scored beside the original, and the card says what it lost",
        {
          reads: datasetPath,
        },
      ),
      split: text("with --data: its split", { placeholder: "name", default: "val", needs: "data" }),
      "batch-size": integer("images per batch", { short: "b", default: 16, from: 1, to: 1024 }),
      workers,
      "on-unreadable": onUnreadable,
      "image-timeout": imageTimeout,
      engine: engineFlag,
    },
  ),
  Results: {
    out: path(
      "the file to write, or the folder of tfjs; default: in ./outputs model.onnx, model.safetensors, model.tfjs or model.timm.safetensors",
    ),
    overwrite: overwriteFlag,
  },
};

export type ExportOptions = OptionsOf<typeof exportFlags>;
