import { HubServer } from "@csl/test-support/hub-server";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { fakeWeights } from "../../test/fake-weights.js";
import { fetchWeights } from "./fetch-weights.js";
import { knownWeights } from "./known-weights.js";
import { listWeights } from "./list-weights.js";

const { at } = temporaryFolder();

it("lists the known weights first, then what else the cache holds", async () => {
  expect((await listWeights({ cache: at("none") })).map(({ name }) => name)).toEqual(
    knownWeights.map(({ name }) => name),
  );
  const hub = await HubServer.start();
  try {
    for (const repository of ["me/mine", "timm/tresnet_l.miil_in1k"])
      hub.put(repository, "model.safetensors", fakeWeights(100));
    const options = { cache: at("cache"), endpoint: hub.endpoint, offline: false };
    const named = await fetchWeights("tresnet_l.miil_in1k", options);
    const mine = await fetchWeights("hf:me/mine", options);
    const listed = await listWeights({ cache: at("cache") });
    expect(listed.filter(({ cached }) => cached).map(({ name, cached }) => [name, cached?.path])).toEqual([
      ["tresnet_l.miil_in1k", named.path],
      ["hf:me/mine", mine.path],
    ]);
    expect(named).toMatchObject({
      license: "Apache-2.0",
      source: expect.stringContaining("/timm/tresnet_l.miil_in1k/"),
    });
  } finally {
    await hub.close();
  }
});
