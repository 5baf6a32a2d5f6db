import { expect, it } from "vitest";
import { imageKey } from "./image-key.js";

it.each([
  ["000026e7ee790996.jpg", "000026e7ee790996"],
  ["train2017/000000391895.jpg", "train2017/000000391895"],
  ["./a\\b\\c.d.JPEG", "a/b/c_d"], // a dot would end the key for every reader of shards
  ["v1.2/x.png", "v1.2/x"],
  ["../../other/x.png", "other/x"], // tar would put it beside the folder that it unpacks into
  ["/data/x.png", "data/x"],
  ["train-000000.tar/val2017/7", "val2017/7"], // so that shards made of shards keep their keys
  ["no-ending", "no-ending"],
])("%s → %s", (name, key) => {
  expect(imageKey(name)).toBe(key);
});
