import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchDevice } from "./device-watch.js";

test("memory at once, utilisation when it is known", async () => {
  const watch = watchDevice({ allocated: () => 12_340_000_000, utilisation: async () => 87, interval: 1e6 });
  expect(watch.text()).toBe("GPU 12.3 GB");
  await setTimeout(1);
  expect(watch.text()).toBe("GPU 12.3 GB 87%");
  watch.stop();
});

test("without a GPU nothing is shown, and the utilisation is not asked for", async () => {
  let asked = 0;
  const watch = watchDevice({
    allocated: () => undefined,
    utilisation: async () => ++asked,
  });
  expect(watch.text()).toBeUndefined();
  await setTimeout(1);
  expect(asked).toBe(0);
});

test("where the utilisation is not known, it is not asked for again", async () => {
  let asked = 0;
  const utilisation = async (): Promise<undefined> => {
    asked++;
    return undefined;
  };
  const watch = watchDevice({ allocated: () => 5e8, utilisation, interval: 1 });
  watch.text();
  await setTimeout(30);
  expect([watch.text(), asked]).toEqual(["GPU 0.5 GB", 1]);
});
