import { expect, it } from "vitest";
import { createTerminal } from "../terminal/terminal.js";
import { closeLoaders, threadsLeft } from "./close-loaders.js";

it("counts the threads that no loader could end, and tells of them", async () => {
  let told = "";
  const terminal = createTerminal({ write: () => {} }, { write: (text: string) => (told += text) });
  const loader = (left: number) => ({ close: async () => {}, threadsLeft: left });
  await closeLoaders([loader(0), loader(0)], terminal);
  expect([told, threadsLeft()]).toEqual(["", 0]);
  await closeLoaders([loader(2), loader(1)], terminal);
  expect(threadsLeft()).toBe(3);
  expect(told).toBe("3 threads wait for a file of an image, whose disk or server does not answer\n");
});
