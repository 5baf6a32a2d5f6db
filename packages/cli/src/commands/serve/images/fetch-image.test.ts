import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchImage } from "./fetch-image.js";
import { isPrivateAddress } from "./private-addresses.js";

const server = createServer(({ url = "" }, response) => {
  if (url === "/image") response.end("image");
  else if (url === "/large") response.end("x".repeat(200));
  else if (url === "/hangs") response.write("x");
  else if (url.startsWith("/to?"))
    response.writeHead(302, { location: decodeURIComponent(url.slice(4)) }).end();
  else response.writeHead(404).end();
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.closeAllConnections());

const limits = { maxBytes: 100, allowPrivate: true, signal: AbortSignal.timeout(20_000) };
const to = (address: string): string => `${base}/to?${encodeURIComponent(address)}`;
/** Names that lead to this machine, as those of an attacker may. */
const here: LookupFunction = (_name, _options, callback) =>
  callback(null, [{ address: "127.0.0.1", family: 4 }]);

describe("fetchImage", () => {
  it("gives the bytes, also behind a redirect", async () => {
    expect(String(await fetchImage(`${base}/image`, limits))).toBe("image");
    expect(String(await fetchImage(to("/image"), limits))).toBe("image");
  });

  it.each([
    ["a file", () => "file:///etc/passwd", "invalid-argument"],
    ["data", () => "data:text/plain,a", "invalid-argument"],
    ["a password", () => "http://user:secret@example.org/", "invalid-argument"],
    ["no address", () => "image.jpg", "invalid-argument"],
    ["a redirect to a file", () => to("file:///etc/passwd"), "invalid-argument"],
    ["too many bytes", () => `${base}/large`, "network"],
    ["what is not there", () => `${base}/none`, "network"],
    ["a port that nobody listens on", () => "http://127.0.0.1:1/", "network"],
    ["a circle", () => to(to(to(to(to(to(to("/image"))))))), "network"],
  ])("refuses %s", async (_what, address, code) => {
    await expect(fetchImage(address(), limits)).rejects.toMatchObject({ name: "CslError", code });
  });

  it("gives up when it takes too long", async () => {
    await expect(
      fetchImage(`${base}/hangs`, { ...limits, signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ code: "network", message: expect.stringContaining("in time") });
  });

  it.each([
    ["by number", () => `${base}/image`],
    ["by a number in another form", () => base.replace("127.0.0.1", "0x7f.1")],
    ["by one number", () => base.replace("127.0.0.1", "2130706433")],
    ["as IPv6", () => base.replace("127.0.0.1", "[::ffff:127.0.0.1]")],
    ["by a name that leads there", () => base.replace("127.0.0.1", "images.example")],
    ["by the name of this machine", () => base.replace("127.0.0.1", "localhost")],
  ])("asks no private address %s", async (_how, address) => {
    await expect(
      fetchImage(address(), { ...limits, allowPrivate: false, lookup: here }),
    ).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("private network"),
    });
  });
});

describe("isPrivateAddress", () => {
  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",
    "",
  ])("%s is", (address) => expect(isPrivateAddress(address)).toBe(true));
  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "172.15.0.1", "192.169.0.1", "2606:4700::1111", "2a00::1"])(
    "%s is not",
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});
