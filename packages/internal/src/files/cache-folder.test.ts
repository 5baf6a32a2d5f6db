import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { expect, it } from "vitest";
import { cacheFolder } from "./cache-folder.js";

it.each([
  [{ CSL_CACHE: "/cache", XDG_CACHE_HOME: "/xdg", HOME: "/home/a" }, "/cache"],
  [{ XDG_CACHE_HOME: "/xdg", HOME: "/home/a" }, "/xdg/csl"],
  [{ HOME: "/home/a" }, "/home/a/.cache/csl"],
  [{ CSL_CACHE: "", XDG_CACHE_HOME: "", HOME: "/home/a" }, "/home/a/.cache/csl"],
  [{ CSL_CACHE: ".", XDG_CACHE_HOME: "cache", HOME: "/home/a" }, "/home/a/.cache/csl"],
  [{ CSL_CACHE: "../cache", XDG_CACHE_HOME: "/xdg" }, "/xdg/csl"],
])("%o", (env, folder) => {
  expect(cacheFolder("test", env)).toBe(folder);
});

it.each(["", ".", "home"])("HOME=%j is not taken: the system knows the person's home", (HOME) => {
  const folder = cacheFolder("test", { HOME });
  expect(isAbsolute(folder)).toBe(true);
  expect(folder).toBe(join(homedir(), ".cache/csl"));
});
