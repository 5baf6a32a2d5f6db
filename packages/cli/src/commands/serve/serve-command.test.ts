import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { saveCheckpoint } from "@csl/checkpoints";
import { startEngine } from "@csl/engine";
import { hasChromium } from "@csl/test-support/chromium";
import { driveChromium } from "@csl/test-support/drive-chromium";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { createTResNet } from "@csl/tresnet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { variants } from "../../models/variants.js";
import { runCommand } from "../../run-command.js";

// The classes of this model are the channels of colour: a logit is 10 * mean - 5, a score is sigmoid(logit / 2).
const root = join(import.meta.dirname, "../../../../..");
const model = join(root, "packages/tagger/fixtures/colours.onnx");
const images = join(root, "packages/image-batches/fixtures");
const { at, file } = temporaryFolder();

interface Started {
  url: string;
  told: string[];
  stop(): Promise<void>;
}

async function start(...flags: (string | number)[]): Promise<Started> {
  const control = new AbortController();
  const told: string[] = [];
  let listening = (_: string): void => {};
  const address = new Promise<string>((resolve) => {
    listening = resolve;
  });
  const running = runCommand(["serve", ...flags.map(String)], {
    signal: control.signal,
    out: { write: (text: string) => listening(/http\S+\//.exec(text)![0]) },
    err: { write: (text: string) => told.push(text) },
  });
  const url = await Promise.race([address, running.then(() => "")]);
  return {
    ...{ url, told },
    async stop() {
      control.abort(new DOMException("stopped", "AbortError"));
      await running;
    },
  };
}

let service: Started;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await readFile(join(images, "420.jpg"));
  await copyFile(model, at("model.onnx"));
  service = await start(at("model.onnx"), "--port", 0, "--max-bytes", 100_000, "--timeout", 2, "--queue", 8);
});
afterAll(() => service.stop());

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(path, service.url), { method: "POST", body, headers });
const form = (...files: BlobPart[]): FormData => {
  const data = new FormData();
  for (const [i, one] of files.entries()) data.append("images", new Blob([one]), `${i}.jpg`);
  return data;
};

describe("csl serve", () => {
  it("answers an image with its tags, and a form with those of each", async () => {
    const one = await post("/tag?threshold=0&top=2", new Uint8Array(jpeg), { "content-type": "image/jpeg" });
    expect(one.status).toBe(200);
    const { tags } = (await one.json()) as { tags: { id: string; score: number }[] };
    expect(tags.map(({ id }) => id)).toEqual(["b", "g"]);
    const several = await post(
      "/tag?threshold=0&top=2",
      form(new Uint8Array(jpeg), "text", new Uint8Array(jpeg)),
    );
    const { images: answers } = (await several.json()) as {
      images: { name: string; tags?: { id: string }[] }[];
    };
    expect(answers).toMatchObject([
      { name: "0.jpg", tags: [{ id: "b" }, { id: "g" }] },
      { name: "1.jpg", error: { code: "invalid-file" } },
      { name: "2.jpg", tags: [{ id: "b" }, { id: "g" }] },
    ]);
  });

  const large = new Uint8Array(100_001);
  it.each<[string, () => Promise<Response>, number, string]>([
    ["text as an image", () => post("/tag", "text", { "content-type": "image/png" }), 422, "invalid-file"],
    ["nothing", () => post("/tag", "", { "content-type": "image/png" }), 400, "invalid-argument"],
    ["a page of HTML", () => post("/tag", "<p>", { "content-type": "text/html" }), 415, "unsupported"],
    ["a byte too many", () => post("/tag", large, { "content-type": "image/png" }), 413, "too-large"],
    ["a file of a byte too many", () => post("/tag", form(large)), 413, "too-large"],
    ["more files than wait", () => post("/tag", form(...Array(9).fill("a"))), 413, "too-large"],
    ["a form without files", () => post("/tag", form()), 400, "invalid-argument"],
    [
      "a body that is not the form it says",
      () => post("/tag", "x", { "content-type": "multipart/form-data" }),
      400,
      "invalid-argument",
    ],
    [
      "addresses",
      () => post("/tag", '{"urls":["http://[::1]/"]}', { "content-type": "application/json" }),
      403,
      "forbidden",
    ],
    ["a page of another site", () => post("/tag", large, { origin: "http://example.org" }), 403, "forbidden"],
    ["an unknown parameter", () => post("/tag?tresh=1", "x"), 400, "unknown-option"],
    ["a threshold of 2", () => post("/tag?threshold=2", "x"), 400, "invalid-argument"],
    ["a threshold given twice", () => post("/tag?threshold=1&threshold=0", "x"), 400, "invalid-argument"],
    ["no tags at all", () => post("/tag?top=0", "x"), 400, "invalid-argument"],
    ["another method", () => fetch(new URL("/tag", service.url)), 405, "unsupported"],
    ["an unknown address", () => fetch(new URL("/tags", service.url)), 404, "not-found"],
    ["an address that cannot be decoded", () => fetch(`${service.url}%ff`), 400, "invalid-argument"],
  ])("refuses %s in words", async (_what, ask, status, code) => {
    const answer = await ask();
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { error: { code, message: expect.stringMatching(/^(csl serve|decodeImage): ./) } },
    ]);
  });

  it("refuses requests by another name, as a page makes them whose own name leads here", async () => {
    const { port } = new URL(service.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1.1 403 [\s\S]*"forbidden"/);
  });

  it("a client that sends slowly is refused, and others are answered meanwhile", async () => {
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    socket.write(
      "POST /tag HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 50000\r\n\r\nabc",
    );
    const answered = (async () => {
      let text = "";
      for await (const chunk of socket) text += chunk;
      return text;
    })();
    expect((await post("/tag", new Uint8Array(jpeg))).status).toBe(200);
    expect(await answered).toMatch(/^HTTP\/1.1 408 [\s\S]*"timeout"/);
  });

  it("says how it is, in numbers for Prometheus, and describes itself", async () => {
    const get = async (path: string): Promise<string> => (await fetch(new URL(path, service.url))).text();
    expect(JSON.parse(await get("/health"))).toEqual({ status: "alive" });
    expect(JSON.parse(await get("/ready"))).toMatchObject({ model: { network: "colours", classes: 3 } });
    expect(await get("/metrics")).toMatch(
      /csl_requests_total\{status="200"\} [1-9][\s\S]*csl_images_waiting 0/,
    );
    const api = JSON.parse(await get("/openapi.json"));
    expect(api).toMatchObject({ openapi: "3.1.0", paths: { "/tag": { post: {} } } });
    expect(await get("/api")).toContain("openapi.json");
  });

  it("takes another model when its file changes, and keeps the last when the file is no model", async () => {
    const names = async (): Promise<string[]> => {
      const answer = (await (await post("/tag?threshold=0", new Uint8Array(jpeg))).json()) as {
        tags: { name: string }[];
      };
      return answer.tags.map(({ name }) => name).sort();
    };
    expect(await names()).toEqual(["Blue", "Green", "Red"]);
    const until = async (words: RegExp): Promise<void> => {
      for (let i = 0; !words.test(service.told.join("")); i++) {
        if (i === 200) throw new Error(`expected ${words}, got ${service.told.join("")}`);
        await sleep(50);
      }
    };
    await writeFile(at("model.onnx"), "no model");
    await until(/not replaced, and the last one goes on: .*expected an ONNX model/);
    expect(await names()).toEqual(["Blue", "Green", "Red"]);
    const other = (await readFile(model)).toString("latin1").replace('"Red"', '"Rot"');
    await writeFile(at("model.onnx"), other, "latin1");
    await until(/the model was replaced/);
    expect(await names()).toEqual(["Blue", "Green", "Rot"]);
  });

  it("runs the README's curl lines as they stand there", async () => {
    for (const name of ["photo", "a", "b"]) await copyFile(join(images, "420.jpg"), at(`${name}.jpg`));
    const readme = await readFile(join(root, "packages/cli/README.md"), "utf8");
    const lines = [...readme.matchAll(/^curl .*$/gm)].map(([line]) => line);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) {
      const command = line.replace("localhost:8080", new URL(service.url).host).replace("curl ", "curl -sf ");
      const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: at() });
      expect(stdout, line).toMatch(/"tags":|status/);
    }
  });

  it.skipIf(!hasChromium)("a page tags dropped images, by keyboard too", async () => {
    const browser = await driveChromium(service.url, { downloads: at(), width: 390 });
    try {
      await browser.evaluate(`(async () => {
        const canvas = new OffscreenCanvas(20, 20);
        const context = canvas.getContext("2d");
        context.fillStyle = "#f00";
        context.fillRect(0, 0, 20, 20);
        const files = new DataTransfer();
        files.items.add(new File([await canvas.convertToBlob()], "<b>red</b>.png"));
        files.items.add(new File(["text"], "text.png"));
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
      })()`);
      const text = (): Promise<string> => browser.evaluate("document.getElementById('results').innerText");
      while (/…/.test(await text()) || !/%/.test(await text())) await sleep(20);
      expect(await text()).toMatch(/text\.png[\s\S]*not an image[\s\S]*<b>red<\/b>\.png\s+Ro?e?[td]\s+92 %/);
      expect(await browser.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      await browser.press("Tab", "Tab");
      expect(await browser.evaluate("document.activeElement.id")).toBe("files");
      await browser.press("Tab", "Tab", "Enter");
      expect(await browser.evaluate("document.activeElement.id")).toBe("files"); // all were removed
      expect(await text()).toBe("");
    } finally {
      await browser.close();
    }
  });
});

it("takes the folder of a training, whose best weights it exports", async () => {
  await startEngine({ prefer: "wasm" });
  const architecture = { variant: variants.tresnet_tiny, numClasses: 2, head: "linear" as const };
  const network = createTResNet({ ...architecture, seed: 4 });
  const state = await network.stateDict();
  network.dispose();
  mkdirSync(at("run"));
  const classes = { ids: ["a", "b"], names: ["Apple", "Pear"] };
  await saveCheckpoint(at("run", "best.safetensors"), {
    ...{ state, classes, config: { model: architecture, imageSize: 64 } },
  });
  const native = await start(at("run"), "--port", 0);
  const answer = await fetch(new URL("/tag?threshold=0", native.url), {
    method: "POST",
    body: new Uint8Array(jpeg),
  });
  const { tags } = (await answer.json()) as { tags: { name: string }[] };
  expect(tags.map(({ name }) => name).sort()).toEqual(["Apple", "Pear"]);
  await native.stop();
});

describe("csl serve with a token", () => {
  it("wants one where others reach it, unless it is open", async () => {
    await expect(start(model, "--port", 0, "--host", "0.0.0.0")).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("--token-file, or CSL_SERVE_TOKEN"),
    });
    const short = file("short.txt", "secret\n");
    await expect(start(model, "--port", 0, "--token-file", short)).rejects.toThrow("at least 16");
    const open = await start(model, "--port", 0, "--host", "0.0.0.0", "--open");
    await open.stop();
  });

  it("answers those who bring it, and shows its page to everybody", async () => {
    const token = "0123456789abcdef0123";
    const guarded = await start(model, "--port", 0, "--token-file", file("token.txt", `${token}\n`));
    try {
      const ask = async (path: string, authorization?: string): Promise<number> => {
        const headers = authorization === undefined ? {} : { authorization };
        const method = path === "/tag" ? { method: "POST", body: new Uint8Array(jpeg) } : {};
        return (await fetch(new URL(path, guarded.url), { headers, ...method })).status;
      };
      expect(await ask("/tag")).toBe(401);
      expect(await ask("/tag", `Bearer ${token.slice(0, -1)}`)).toBe(401);
      expect(await ask("/tag", `Basic ${token}`)).toBe(401);
      expect(await ask("/metrics")).toBe(401);
      expect(await ask("/tag", `Bearer ${token}`)).toBe(200);
      expect(await ask("/metrics", `bearer ${token}`)).toBe(200);
      for (const path of ["/", "/api", "/health", "/ready", "/openapi.json"])
        expect(await ask(path)).toBe(200);
    } finally {
      await guarded.stop();
    }
  });
});

it.each([
  ["a model that is not there", () => start("absent.onnx"), /absent\.onnx/],
  ["a folder without a checkpoint", () => start(at()), /which has no best\.safetensors/],
  ["a device that is not there", () => start(model, "--device", "abacus"), /"abacus"/],
  [
    "a port that is taken",
    () => start(model, "--port", new URL(service.url).port),
    /a free --port, got \d+ \(EADDRINUSE\)/,
  ],
  ["private addresses without addresses", () => start(model, "--private-urls"), /--urls/],
])("refuses %s", async (_what, ask, words) => {
  await expect(ask()).rejects.toThrow(words);
});
