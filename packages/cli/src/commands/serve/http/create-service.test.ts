import { setTimeout as sleep } from "node:timers/promises";
import { createTagger, type Network } from "@csl/tagger";
import { describe, expect, it } from "vitest";
import { silent } from "../../../terminal/terminal.js";
import { ModelHolder } from "../model/model-holder.js";
import { createService, type Service, type ServiceOptions } from "./create-service.js";
import { loadPackages } from "./load-packages.js";

const packages = await loadPackages();
// One white pixel.
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC",
  "base64",
);

/** A network of one class that can be held, and says how it ran and whether it is gone. */
interface TestNetwork extends Network {
  sizes: number[];
  gone: boolean;
  /** From now on its runs last until the function is called that this returns. */
  hold(): () => void;
}

function testNetwork(): TestNetwork {
  let held = Promise.resolve();
  return {
    sizes: [],
    gone: false,
    hold() {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    description: {
      ...{ format: 1, network: "test", imageSize: 1, preprocessing: true, temperature: 1, card: "" },
      classes: [{ id: "a", name: "A", threshold: 0.5 }],
    },
    async run(_pixels, count) {
      this.sizes.push(count);
      await held;
      if (this.gone) throw new Error("disposed while it ran");
      return new Float32Array(count).fill(3);
    },
    dispose() {
      this.gone = true;
    },
  };
}

async function listening(
  network: Network,
  options: Partial<ServiceOptions> = {},
  timeout = 10_000,
): Promise<Service & { url: string; holder: ModelHolder; faults: unknown[] }> {
  const faults: unknown[] = [];
  const holder = await ModelHolder.open({
    ...{ path: "none", terminal: silent },
    open: () => createTagger(network, { batchSize: 4 }),
  });
  const service = await createService(packages, {
    ...{ holder, queue: 16, token: undefined, loopback: true, pages: {} },
    limits: { timeout, maxBytes: 1e6, most: 16, urls: false, privateUrls: false },
    onFault: (error) => faults.push(error),
    ...options,
  });
  const url = await service.app.listen({ host: "127.0.0.1", port: 0 });
  return { ...service, url, holder, faults };
}

const ask = (url: string): Promise<Response> => fetch(`${url}/tag`, { method: "POST", body: png });

describe("createService", () => {
  it("answers each of ten times as many requests as fit, with tags or with 429, and joins them", async () => {
    const network = testNetwork();
    const service = await listening(network);
    const release = network.hold();
    const asked = Array.from({ length: 160 }, () => ask(service.url));
    let refused = 0;
    for (const answer of asked) void answer.then(({ status }) => (refused += Number(status === 429)));
    while (refused < 144) await sleep(5);
    release();
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 200).length).toBe(16);
    for (const answer of answers) {
      expect(answer.headers.get("retry-after")).toBe(answer.status === 429 ? "1" : null);
      expect(await answer.json()).toMatchObject(
        answer.status === 429 ? { error: { code: "busy" } } : { tags: [{ id: "a" }] },
      );
    }
    expect(Math.max(...network.sizes)).toBe(4);
    expect((await ask(service.url)).status).toBe(200);
    await service.stop();
    expect(network.gone).toBe(true);
  });

  it("is stopped after what it has accepted is answered, and refuses the rest", async () => {
    const network = testNetwork();
    const service = await listening(network);
    const release = network.hold();
    const accepted = Array.from({ length: 9 }, () => ask(service.url));
    while (!/csl_images_waiting 9/.test(await (await fetch(`${service.url}/metrics`)).text())) await sleep(5);
    const stopped = service.stop();
    expect((await ask(service.url)).status).toBe(503);
    release();
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual(Array(9).fill(200));
    await stopped;
    await expect(ask(service.url)).rejects.toThrow();
  });

  it("an image that is not tagged in time is answered with 503", async () => {
    const network = testNetwork();
    const service = await listening(network, {}, 300);
    const release = network.hold();
    const answer = await ask(service.url);
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: "timeout" } }]);
    release();
    await service.stop();
  });

  it("a model that fails is reported to the operator, not to clients", async () => {
    const network = testNetwork();
    const service = await listening(network);
    network.run = () => Promise.reject(new Error("secret"));
    const answer = await ask(service.url);
    expect([answer.status, JSON.stringify(await answer.json())]).toEqual([
      500,
      expect.not.stringContaining("secret"),
    ]);
    expect(service.faults).toMatchObject([{ message: "secret" }]);
    await service.stop();
  });

  it("a model that is replaced answers what it had begun before it is let go", async () => {
    const [first, second] = [testNetwork(), testNetwork()];
    const networks = [first, second];
    const holder = await ModelHolder.open({
      ...{ path: "none", terminal: silent },
      open: () => createTagger(networks.shift()!, { batchSize: 1 }),
    });
    const release = first.hold();
    const answered = [1, 2, 3].map(() => holder.use((tagger) => tagger.tag(png)));
    await holder.replace();
    expect(first.gone).toBe(false);
    await holder.use((tagger) => tagger.tag(png));
    release();
    expect((await Promise.all(answered)).map(({ tags }) => tags.length)).toEqual([1, 1, 1]);
    expect([first.gone, second.gone]).toEqual([true, false]);
    await holder.replace(); // there is no third
    expect([holder.replaced, second.gone]).toEqual([{ done: 1, refused: 1 }, false]);
    await holder.close();
  });
});
