import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { mulberry32 } from "../random/mulberry32.js";
import { Sha256 } from "./sha256.js";

test.each([true, false])("the standard's own example (native %s)", (native) => {
  expect(new Sha256({ native }).update("abc").hex()).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test.each([true, false])(
  "equals node:crypto for every length around the block size, fed in pieces (native %s)",
  (native) => {
    const random = mulberry32(9);
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
      const cut = Math.floor(random() * (length + 1));
      const ours = new Sha256({ native }).update(bytes.subarray(0, cut)).update(bytes.subarray(cut)).hex();
      expect(ours).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  },
);

test.each([true, false])("hashes the bytes of any typed array (native %s)", (native) => {
  const numbers = Uint32Array.of(1, 2, 3, 0xffffffff);
  expect(new Sha256({ native }).update(numbers.subarray(1)).hex()).toBe(
    createHash("sha256").update(new Uint8Array(numbers.buffer, 4)).digest("hex"),
  );
});
