import { expect, it } from "vitest";
import { plainPath } from "./plain-path.js";

it.each([
  ["a/1.jpg", "a/1.jpg"],
  [" .\\a\\1.jpg\r", "a/1.jpg"],
  ["./././a//b/../1.jpg", "a/1.jpg"],
  ["../a/1.jpg", "../a/1.jpg"],
  ["/data/./1.jpg", "/data/1.jpg"],
  ["C:\\data\\1.jpg", "C:/data/1.jpg"],
  ["https://host//a/./1.jpg ", "https://host//a/./1.jpg"],
  ["", ""],
])("%j becomes %j", (path, plain) => expect(plainPath(path)).toBe(plain));
