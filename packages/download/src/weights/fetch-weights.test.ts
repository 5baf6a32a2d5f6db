import { createHash } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Behaviour, cutsAt, inTurn, serves, stallsAt, status } from "@csl/test-support/bad-server";
import { HubServer, hubError } from "@csl/test-support/hub-server";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.js";
import { fakeWeights } from "../../test/fake-weights.js";
import { type FetchWeightsOptions, fetchWeights, type Weights } from "./fetch-weights.js";

const { at } = temporaryFolder();
const MIB = 1 << 20;
const body = fakeWeights(2 * MIB);
const other = fakeWeights(2 * MIB, 2);
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const FILE = "model.safetensors";

let hub: HubServer;
let count = 0;
let repository: string;
let clock: FakeClock;
let log: string[];

beforeAll(async () => {
  hub = await HubServer.start();
});
afterAll(() => hub.close());
// A repository and a cache of its own for each test.
beforeEach(() => {
  repository = `owner/net-${count++}`;
  clock = new FakeClock();
  log = [];
  hub.put(repository, FILE, body);
});

const cache = (): string => at(repository.replace("/", "-"));
const fetchFrom = (name: string, more: FetchWeightsOptions = {}): Promise<Weights> =>
  fetchWeights(name, {
    ...{ endpoint: hub.endpoint, token: "", offline: false, cache: cache(), clock, random: () => 0 },
    ...{ log: (text) => void log.push(text), timeout: 5, ...more },
  });
const fetchIt = (more: FetchWeightsOptions = {}): Promise<Weights> => fetchFrom(`hf:${repository}`, more);
/** Names in the cache; nothing but whole files and their notes may stay after an error. */
const kept = async (): Promise<string[]> =>
  (await readdir(cache(), { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

describe("fetchWeights", () => {
  it("fetches through the hub's redirect, keeps checksum and commit beside the file, and asks no server again", async () => {
    const got = await fetchIt();
    expect(body.equals(await readFile(got.path))).toBe(true);
    expect(got).toMatchObject({
      ...{ name: `hf:${repository}`, bytes: body.length, sha256: sha256(body), sha256By: "server" },
      ...{ license: "apache-2.0", commit: expect.stringMatching(/^[0-9a-f]{40}$/), cached: false },
      source: `${hub.endpoint}/${repository}/resolve/main/${FILE}`,
    });
    const { cached: _, path: __, ...note } = got;
    expect(JSON.parse(await readFile(`${got.path}.json`, "utf8"))).toEqual(note);
    expect(await kept()).toEqual([FILE, `${FILE}.json`]);
    const before = hub.hub.requests(HubServer.path(repository, FILE)).length;
    expect(await fetchIt()).toEqual({ ...got, cached: true });
    expect(hub.hub.requests(HubServer.path(repository, FILE))).toHaveLength(before);
  });

  it("takes revisions, files in folders, addresses of pages, and any other address", async () => {
    hub.put(repository, "a b/best.safetensors", other, { revision: "refs/pr/1" });
    hub.put(repository, "a%20b/best.safetensors", other, { revision: "refs/pr/1" });
    const got = await fetchFrom(`hf:${repository}@refs%2Fpr%2F1/a b/best.safetensors`);
    expect(got.sha256).toBe(sha256(other));
    expect(got.name).toBe(`hf:${repository}@refs%2Fpr%2F1/a b/best.safetensors`);
    for (const page of ["", `/blob/main/${FILE}`, `/resolve/main/${FILE}?download=true`])
      for (const host of [hub.endpoint, "https://huggingface.co"])
        expect((await fetchFrom(`${host}/${repository}${page}`)).name).toBe(`hf:${repository}`);
    const url = hub.cdn.on("/files/net.safetensors?key=secret", serves(other));
    const direct = await fetchFrom(url);
    expect(direct).toMatchObject({ sha256: sha256(other), sha256By: "this machine" });
    expect(JSON.stringify(direct)).not.toContain("secret");
    expect(await fetchFrom(url)).toMatchObject({ cached: true, path: direct.path });
  });

  it("takes small files, which the hub sends itself, and repositories that were renamed", async () => {
    const small = fakeWeights(1000);
    hub.put(repository, FILE, small, { small: true });
    hub.hub.on(`/owner/old/resolve/main/${FILE}`, (response) => {
      response.writeHead(307, { location: HubServer.path(repository, FILE) }).end();
    });
    expect(await fetchFrom("hf:owner/old")).toMatchObject({
      sha256: sha256(small),
      sha256By: "this machine",
    });
  });

  it("sends the token to the hub alone", async () => {
    hub.put(repository, FILE, body, { token: "hf_secret" });
    await expect(fetchIt()).rejects.toThrow(
      /expected hf:owner.* got: 401 Unauthorized\. The repository is not there, or it is private.*HF_TOKEN/,
    );
    await expect(fetchIt({ token: "hf_wrong" })).rejects.toThrow(/does not take the token of HF_TOKEN/);
    await fetchIt({ token: "hf_secret" });
    const seen = hub.cdn.requests(hub.cdnPath(repository, FILE));
    expect(seen.length).toBeGreaterThan(0);
    for (const { headers } of seen) expect(JSON.stringify(headers)).not.toContain("secret");
    const asked: (string | undefined)[] = [];
    const url = hub.cdn.on("/other-host.safetensors", (response, n, request) => {
      asked.push(request.headers.authorization);
      serves(body)(response, n, request);
    });
    await fetchFrom(url, { token: "hf_secret" });
    expect(asked).toEqual([undefined]);
  });

  it.each([
    ["a token with a line break", { token: "hf_secret\nx" }, /without spaces/],
    ["an endpoint that is none", { endpoint: "mirror.example" }, /HF_ENDPOINT.*got "mirror\.example"/],
  ])("refuses %s, and does not show a token", async (_, options, message) => {
    const { message: text } = (await fetchIt(options).catch((cause: unknown) => cause)) as Error;
    expect(text).toMatch(message);
    expect(text).not.toContain("secret");
  });

  it.each([
    ["tresnet_m.mil_in21k", "not-found", /Did you mean tresnet_m\.miil_in21k/],
    ["resnet50", "not-found", /Known: tresnet_m\.miil_in21k, .*hf:owner\/name/],
    ["hf:gpt2", "invalid-argument", /expected hf:owner\/name/],
    ["hf:a/../x", "invalid-argument", /expected hf:owner\/name/],
    ["hf:a/b/../../x", "invalid-argument", /expected hf:owner\/name/],
    ["hf:a/b@%2E%2E/x", "invalid-argument", /expected hf:owner\/name/],
    ["https://", "invalid-argument", /got https:\/\/, which is none/],
    ["https://me:secret@example.org/a", "invalid-argument", /got https:\/\/…@example\.org\/a, .*not sent/],
  ])("refuses the name %s", async (name, code, message) => {
    await expect(fetchFrom(name)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

/** A server that fails so, what the person reads, and what is left in the cache. */
const refusals: [what: string, arrange: () => void, message: RegExp, options?: FetchWeightsOptions][] = [
  [
    "401, a repository that does not exist",
    () => hub.onHub(repository, FILE, hubError(401, "RepoNotFound")),
    /got: 401 Unauthorized\. The repository is not there, or it is private/,
  ],
  [
    "403, a repository with conditions",
    () => hub.onHub(repository, FILE, hubError(403, "GatedRepo")),
    /got: 403 Forbidden\. The repository has conditions: accept them at .*owner\/net-\d+, and set HF_TOKEN/,
  ],
  [
    "404, a file of another name",
    () => {
      hub.put(repository, "best.safetensors", body);
      hub.onHub(repository, FILE, hubError(404, "EntryNotFound"));
    },
    /got: 404 Not Found\. owner\/net-\d+ has no model\.safetensors, but hf:owner\/net-\d+\/.*best\.safetensors/,
  ],
  [
    "404, no such revision",
    () => hub.onHub(repository, FILE, hubError(404, "RevisionNotFound")),
    /owner\/net-\d+ has no revision "main"\. Its branches/,
  ],
  [
    "404 of a mirror that lists no files",
    () => {
      hub.hub.on(`/api/models/${repository}/revision/main`, status(501));
      hub.onHub(repository, FILE, status(404));
    },
    /got: 404 Not Found\. Is the name right\? The files of the repository are at/,
  ],
  [
    "429 without end",
    () => hub.onHub(repository, FILE, hubError(429, "", { "retry-after": "300" })),
    /got: 429 Too Many Requests\. The server allows no more requests for now: run the same again after 300 s\. With HF_TOKEN/,
  ],
  [
    "a body that always ends early",
    () => hub.onCdn(repository, FILE, cutsAt(1000, body)),
    /got: (the body ended after 1000 of \d+ bytes|.*(closed|terminated|ECONNRESET).*)\. Run the same again/,
    { retries: 1 },
  ],
  [
    "a body of unknown length that ends early, from a server that states nothing",
    () => hub.onHub(repository, FILE, (response) => void response.end(body.subarray(0, 5000))),
    /got: a safetensors file of \d+ bytes, of which 5000 came\. The server, or a proxy/,
  ],
  [
    "a wrong checksum",
    () => hub.onCdn(repository, FILE, serves(other)),
    /got: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}\. The server, or a proxy on the way, sends something else/,
  ],
  [
    "a web page instead of the file",
    () => hub.onHub(repository, FILE, serves(Buffer.from("<!doctype html><title>Log in</title>"))),
    /got: a web page instead of the file/,
  ],
  [
    "a note of Git LFS instead of the file",
    () =>
      hub.onHub(
        repository,
        FILE,
        serves(Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0")),
      ),
    /got: a note of Git LFS instead of the file/,
  ],
  [
    "an error as JSON with status 200",
    () => hub.onHub(repository, FILE, serves(Buffer.from('{"error":"busy, please try again later"}'))),
    /got: no safetensors and no PyTorch file: it begins with "\{\\"error/,
  ],
  [
    "redirects in a circle",
    () => {
      const back = `${hub.endpoint}${HubServer.path(repository, FILE)}`;
      hub.onCdn(repository, FILE, status(302, { location: back }));
    },
    /got: redirects in a circle: .*resolve\/main\/model\.safetensors again after 2 of them\. Check the address/,
  ],
  [
    "redirects without end",
    () => {
      const next: Behaviour = (response, _, { url = "" }) => {
        hub.cdn.on(`${url}x`, next);
        response.writeHead(302, { location: `${url}x` }).end();
      };
      hub.onCdn(repository, FILE, next);
    },
    /got: more than 10 redirects/,
  ],
  [
    "a redirect to a file of this machine",
    () => hub.onHub(repository, FILE, status(302, { location: "file:///etc/passwd" })),
    /got: a redirect to file:, which is not http/,
  ],
  [
    "a server that answers nothing",
    () => hub.onCdn(repository, FILE, stallsAt(0, body)),
    /got: no byte for 0\.05 s\. Run the same again to continue\. HF_ENDPOINT names a mirror/,
    { timeout: 0.05, retries: 1 },
  ],
  [
    "a dead server",
    () => {},
    /got: ECONNREFUSED.*Run the same again to continue\. HF_ENDPOINT names a mirror.*a file that you have is used by its path/,
    { endpoint: "http://127.0.0.1:65530", retries: 1 },
  ],
  [
    "a hub that is down",
    () => hub.onHub(repository, FILE, status(503)),
    /got: 503 Service Unavailable\. Run the same again/,
    { retries: 2 },
  ],
];

describe("a server that misbehaves to the end is an error in words, and nothing gets the file's name:", () => {
  it.each(refusals)("%s", async (_, arrange, message, options = {}) => {
    arrange();
    await expect(fetchIt(options)).rejects.toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^(network|not-found)$/),
        message: expect.stringMatching(message),
      }),
    );
    expect(await kept()).not.toContain(FILE);
    expect((await kept()).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });
});

/** A server that recovers, and the ranges that it is asked for. */
const recoveries: [what: string, arrange: () => void, ranges: (string | undefined)[]][] = [
  [
    "429 with Retry-After",
    () => hub.onCdn(repository, FILE, inTurn(status(429, { "retry-after": "7" }), serves(body))),
    [undefined, undefined],
  ],
  [
    "a connection that breaks: the rest is asked for",
    () =>
      hub.onCdn(repository, FILE, inTurn(cutsAt(MIB, body, { etag: '"c"' }), serves(body, { etag: '"c"' }))),
    [undefined, `bytes=${MIB}-`],
  ],
  [
    "one that ignores ranges: all of it is taken again",
    () => hub.onCdn(repository, FILE, inTurn(cutsAt(MIB, body, { etag: '"c"' }), serves(body))),
    [undefined, `bytes=${MIB}-`],
  ],
  [
    "one that continues elsewhere than asked",
    () =>
      hub.onCdn(
        repository,
        FILE,
        inTurn(
          cutsAt(MIB, body, { etag: '"c"' }),
          (response) =>
            void response
              .writeHead(206, { "content-range": `bytes 0-${body.length - 1}/${body.length}` })
              .end(body),
          serves(body),
        ),
      ),
    [undefined, `bytes=${MIB}-`, undefined],
  ],
  [
    "one that sends a damaged half: found by the checksum, all of it is taken again",
    () => {
      const damaged = Buffer.from(body);
      damaged[5000]! ^= 1;
      const first = cutsAt(MIB, damaged, { etag: '"c"' });
      hub.onCdn(
        repository,
        FILE,
        inTurn(first, serves(body, { etag: '"c"' }), serves(body, { etag: '"c"' })),
      );
    },
    [undefined, `bytes=${MIB}-`, undefined],
  ],
];

describe("a server that misbehaves for a while:", () => {
  it.each(recoveries)("%s", async (_, arrange, ranges) => {
    arrange();
    expect(await fetchIt()).toMatchObject({ sha256: sha256(body), sha256By: "server" });
    expect(hub.cdn.ranges(hub.cdnPath(repository, FILE))).toEqual(ranges);
    expect(await kept()).toEqual([FILE, `${FILE}.json`]);
  });

  it("the file changes on the hub between two halves, though the other host keeps its ETag: not joined", async () => {
    const cdn = inTurn(cutsAt(MIB, body, { etag: '"same"' }), serves(other, { etag: '"same"' }));
    const path = HubServer.path(repository, FILE);
    const says = (bytes: Buffer): Behaviour =>
      status(302, { location: `${hub.cdn.base}/changing`, "x-linked-etag": `"${sha256(bytes)}"` });
    hub.hub.on(path, inTurn(says(body), says(other)));
    hub.cdn.on("/changing", cdn);
    expect(await fetchIt()).toMatchObject({ sha256: sha256(other), sha256By: "server" });
    expect(log.join("\n")).toMatch(/the file has changed/);
  });

  it("a slow one is waited for as long as bytes come", async () => {
    const small = fakeWeights(400);
    hub.put(repository, FILE, small);
    hub.onCdn(repository, FILE, (response) => {
      response.writeHead(200, { "content-length": small.length });
      for (let i = 0; i < 4; i++)
        setTimeout(() => response.write(small.subarray(i * 100, (i + 1) * 100)), i * 60);
      setTimeout(() => response.end(small.subarray(400)), 240);
    });
    expect(await fetchIt({ timeout: 0.2, retries: 0 })).toMatchObject({ bytes: small.length });
  });

  it("Retry-After is obeyed, and told", async () => {
    hub.onCdn(repository, FILE, inTurn(status(429, { "retry-after": "77" }), serves(body)));
    await fetchIt();
    expect(clock.slept).toContain(77_000);
    expect(log.join("\n")).toMatch(/429 Too Many Requests; attempt 2 in 77\.0 s/);
  });
});

describe("the cache", () => {
  it("continues in another run what an interruption left", async () => {
    const stop = new AbortController();
    hub.onCdn(repository, FILE, (response) => {
      response.writeHead(200, { etag: '"c"', "content-length": body.length });
      response.write(body.subarray(0, MIB));
    });
    const onProgress = (done: number): void => {
      if (done >= MIB) stop.abort(new Error("Ctrl-C"));
    };
    await expect(fetchIt({ signal: stop.signal, onProgress })).rejects.toThrow("Ctrl-C");
    hub.onCdn(repository, FILE, serves(body, { etag: '"c"' }));
    const seen: (number | undefined)[][] = [];
    await fetchIt({ onProgress: (...progress) => void seen.push(progress) });
    expect(hub.cdn.ranges(hub.cdnPath(repository, FILE))).toEqual([`bytes=${MIB}-`]);
    expect(seen.at(-1)).toEqual([body.length, body.length]);
  });

  it("two at once fetch it once; the second waits", async () => {
    hub.onCdn(repository, FILE, (response, n, request) => {
      setTimeout(() => serves(body)(response, n, request), 300);
    });
    const [first, second] = await Promise.all([fetchIt(), fetchIt()]);
    expect([first.cached, second.cached].sort()).toEqual([false, true]);
    expect(first.sha256).toBe(second.sha256);
    expect(hub.cdn.requests(hub.cdnPath(repository, FILE))).toHaveLength(1);
    expect(log.join("\n")).toMatch(/waiting for process \d+/);
    expect(await kept()).toEqual([FILE, `${FILE}.json`]);
  });

  it.each([
    ["cut off", (path: string) => truncate(path, 1000), /it has 1000 bytes, not \d+/],
    ["changed", (path: string) => writeFile(path, fakeWeights(2 * MIB, 3)), /its SHA-256 is/],
  ])("a file that was %s is fetched again; offline it is an error", async (_, damage, message) => {
    const { path } = await fetchIt();
    await damage(path);
    await expect(fetchIt({ offline: true })).rejects.toThrow(
      expect.objectContaining({ code: "invalid-file", message: expect.stringMatching(message) }),
    );
    expect(await fetchIt()).toMatchObject({ sha256: sha256(body), cached: false });
    expect(log.join("\n")).toMatch(message);
  });

  it("a file without its note is not believed", async () => {
    const { path } = await fetchIt();
    await rm(`${path}.json`);
    await writeFile(path, "anything");
    expect(await fetchIt()).toMatchObject({ sha256: sha256(body), cached: false });
    await writeFile(`${path}.json`, '{"format":"csl-we');
    expect(await fetchIt()).toMatchObject({ sha256: sha256(body), cached: false });
  });

  it("offline asks no server: what is there is used, what is not is an error with the ways out", async () => {
    const asked = hub.hub.requests(HubServer.path(repository, FILE)).length;
    await expect(fetchIt({ offline: true })).rejects.toThrow(
      expect.objectContaining({
        code: "not-found",
        message: expect.stringMatching(
          /offline mode is on, got nothing at .*model\.safetensors.*csl weights get/,
        ),
      }),
    );
    expect(hub.hub.requests(HubServer.path(repository, FILE))).toHaveLength(asked);
    const got = await fetchIt();
    expect(await fetchIt({ offline: true, endpoint: "http://127.0.0.1:9" })).toEqual({
      ...got,
      cached: true,
    });
  });

  it("refresh fetches again only what has changed", async () => {
    const first = await fetchIt();
    expect(await fetchIt({ refresh: true })).toEqual({ ...first, cached: true });
    hub.put(repository, FILE, other);
    expect(await fetchIt()).toEqual({ ...first, cached: true });
    expect(await fetchIt({ refresh: true })).toMatchObject({ sha256: sha256(other), cached: false });
    expect(other.equals(await readFile(first.path))).toBe(true);
  });

  it("a full disk, in the middle: an error in words, the old file as it was, and the next call continues", async () => {
    const full: FetchWeightsOptions["files"] = {
      ...nodeFiles,
      open: (async (path: string, flags: string) => {
        const handle = await nodeFiles.open(path, flags);
        if (!path.endsWith(".part")) return handle;
        const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
        handle.write = ((bytes: Uint8Array, from: number, length: number, position: number) => {
          if (position + length > MIB)
            throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC", path });
          return write(bytes, from, length, position);
        }) as typeof handle.write;
        return handle;
      }) as typeof nodeFiles.open,
    };
    await expect(fetchIt({ files: full })).rejects.toThrow(
      expect.objectContaining({
        code: "cannot-write",
        message: expect.stringMatching(
          /the disk is full \(ENOSPC\)\. Free some space on it; .*the same call continues/,
        ),
      }),
    );
    expect(await kept()).not.toContain(FILE);
    expect(await fetchIt()).toMatchObject({ sha256: sha256(body) });
  });

  it("a folder that cannot be written is an error in words; what is in it is used all the same", async () => {
    await mkdir(cache(), { recursive: true });
    await writeFile(at("a-file"), "");
    await expect(fetchIt({ cache: join(at("a-file"), "below") })).rejects.toThrow(
      expect.objectContaining({ code: "cannot-write" }),
    );
    const got = await fetchIt();
    const folder = join(got.path, "..");
    await chmod(folder, 0o555);
    try {
      expect(await fetchIt()).toEqual({ ...got, cached: true });
      expect((await stat(got.path)).size).toBe(body.length);
    } finally {
      await chmod(folder, 0o755);
    }
  });
});
