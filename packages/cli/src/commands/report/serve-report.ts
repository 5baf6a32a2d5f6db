import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readText } from "@csl/internal/files/read-text";
import { reloadOnChange } from "../../pages/browser/reload.js";
import { withLiveScript } from "../../pages/page.js";
import { reportName } from "../../report/report-data.js";
import { asksForThisMachine, cannotListen } from "../../server/own-host.js";

/** How often the files are looked at, in milliseconds. */
const LOOK = 500;

/** The reports of a run's folder, and of its trainings, by their address. */
const pages: Record<string, string> = {
  "/": ".",
  [`/${reportName}`]: ".",
  ...Object.fromEntries(
    ["temporary", "csl", "negative"].map((name) => [`/${name}/${reportName}`, name] as const),
  ),
};

/**
 * Serves the reports of a folder to browsers of this machine until it is stopped; a page that is open is shown again when
 * its file changes. Other files are not served, and requests by another name than this machine's own are refused.
 *
 * @param onListening receives the address
 */
export async function serveReport(
  folder: string,
  { port, signal, onListening }: { port: number; signal: AbortSignal; onListening: (url: string) => void },
): Promise<void> {
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const address = new URL(request.url ?? "/", "http://localhost");
    const end = (status: number, text: string): void => {
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
    };
    if (!asksForThisMachine(request.headers.host)) return end(403, "csl report answers on localhost only\n");
    if (request.method !== "GET") return end(405, "GET only\n");
    if (address.pathname === "/changes") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(":\n\n");
      listeners.add(response);
      response.on("close", () => listeners.delete(response));
      return;
    }
    const place = Object.hasOwn(pages, address.pathname) ? pages[address.pathname]! : undefined;
    if (place === undefined) return end(404, "not a report of this run\n");
    readText(join(folder, place, reportName)).then(
      (text) =>
        response
          .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
          .end(withLiveScript(text, reloadOnChange)),
      () => end(404, "no report yet\n"),
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((cause: NodeJS.ErrnoException) => {
    throw cannotListen("csl report", port, cause);
  });
  onListening(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const written = (): Promise<string> =>
    Promise.all(
      [...new Set(Object.values(pages))].map(async (place) =>
        String((await stat(join(folder, place, reportName)).catch(() => undefined))?.mtimeMs),
      ),
    ).then(String);
  let last = await written();
  const timer = setInterval(async () => {
    const now = await written();
    if (now === last) return;
    last = now;
    for (const listener of listeners) listener.write("data: changed\n\n");
  }, LOOK);
  if (!signal.aborted) await once(signal, "abort");
  clearInterval(timer);
  server.close();
  server.closeAllConnections();
}
