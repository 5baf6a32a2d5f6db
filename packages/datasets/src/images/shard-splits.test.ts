import { expect, it } from "vitest";
import { shardNearness } from "./shard-splits.js";

it.each([
  ["train", "/data/train-000000.tar", 0],
  ["train", "/data/coco_train2017-3.tar", 0],
  ["train", "/data/val-000000.tar", 2],
  ["train", "/val/000000.tar", 2],
  ["train", "/val/train-000000.tar", 0],
  ["train", "/data/000000.tar", 1],
  ["train", "/data/trainval-000000.tar", 1],
  ["train", "/data/train-and-val.tar", 1],
  ["val", "/data/validation/00.tar", 0],
  ["validation", "/data/val_00.tar", 0],
  ["test", "/data/val_00.tar", 2],
  ["fold1", "/data/fold1-000.tar", 0],
  ["fold1", "/data/x-000.tar", 1],
  ["fold1", "/data/train-000.tar", 2],
])("%s and %s: %d", (split, shard, nearness) => expect(shardNearness(split)(shard)).toBe(nearness));
