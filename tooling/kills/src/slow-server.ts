import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fakeJpeg } from "@csl/test-support/bad-server";

/** Serves a file of 20 kB for every address, in two parts with a pause between. */
export async function startSlowServer({
  milliseconds,
}: {
  milliseconds: number;
}): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const bytes = fakeJpeg(20_000, Number.parseInt(request.url!.replace(/\D/g, "").slice(-4), 10) + 1);
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: `"${bytes.length}"`,
      "content-length": bytes.length - from,
      ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    const middle = Math.floor((bytes.length + from) / 2);
    response.write(bytes.subarray(from, middle));
    await sleep(milliseconds);
    response.end(bytes.subarray(middle));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
