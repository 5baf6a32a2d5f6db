import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CslError } from "@csl/internal/errors/csl-error";
import { createTagger } from "@csl/tagger";
import { type Context, defineCommand } from "../../flags/command.js";
import { asksForThisMachine, cannotListen } from "../../server/own-host.js";
import { readToken, tokenVariable } from "./http/check-token.js";
import { createService, type Service } from "./http/create-service.js";
import { loadPackages } from "./http/load-packages.js";
import { openApi } from "./http/open-api.js";
import { exportedModel, watchedFile } from "./model/model-file.js";
import { ModelHolder } from "./model/model-holder.js";
import { apiPage, tagPage } from "./page/tag-page.js";
import { type ServeOptions, serveFlags } from "./serve-flags.js";

/** `csl serve MODEL`: tags by HTTP, until it is stopped. */
export const serveCommand = defineCommand({
  name: "serve",
  summary: "answer with tags over HTTP, for programs and as a page to drop images on",
  positional: {
    name: "model",
    many: false,
    description:
      "a file of csl export --format onnx; or what csl export takes, which is exported first: a folder of csl train, a checkpoint",
  },
  flags: serveFlags,
  run: serve,
});

async function serve(
  options: ServeOptions,
  context: Context,
  [model = ""]: readonly string[],
): Promise<void> {
  const { terminal, signal } = context;
  const { host, port } = options;
  const loopback = asksForThisMachine(host.includes(":") ? `[${host}]` : host);
  const token = await readToken(options.tokenFile, process.env);
  requireToken(options, { token, loopback });
  const packages = await loadPackages();
  const holder = await ModelHolder.open({
    ...{ open: opening(model, options, context), path: await watchedFile(model), terminal },
  });
  let service: Service | undefined;
  try {
    service = await createService(packages, serviceOptions(holder, options, { token, loopback, context }));
    await service.app.listen({ host, port }).catch((cause: unknown) => {
      throw cannotListen("csl serve", port, cause);
    });
    const address = service.app.server.address() as AddressInfo;
    const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
    terminal.print(`http://${shown}:${address.port}/  (Ctrl-C ends it)`);
    if (!signal.aborted) await once(signal, "abort");
    terminal.info("answering what was accepted");
  } finally {
    await (service ? service.stop() : holder.close());
  }
}

/** @throws CslError `invalid-argument` where others could use the service, without a token and without `--open` */
function requireToken(
  { host, open }: ServeOptions,
  { token, loopback }: { token: string | undefined; loopback: boolean },
): void {
  if (loopback || open || token !== undefined) return;
  throw new CslError(
    "invalid-argument",
    `csl serve: expected a token (--token-file, or ${tokenVariable} in the environment) with --host ${host}, which others reach, got none. ` +
      "--open answers everybody.",
  );
}

function opening(
  model: string,
  options: ServeOptions,
  context: Context,
): () => ReturnType<typeof createTagger> {
  const { batchSize, batchDelay, device, threads, threshold, top, autoOrient, maxPixels } = options;
  return async () =>
    createTagger(await exportedModel(model, context), {
      ...{ batchSize, batchDelay, engine: device, top, autoOrient, maxPixels },
      ...(threads !== undefined && { threads }),
      ...(threshold !== undefined && { threshold }),
    });
}

function serviceOptions(
  holder: ModelHolder,
  { queue, timeout, maxBytes, urls, privateUrls }: ServeOptions,
  { token, loopback, context }: { token: string | undefined; loopback: boolean; context: Context },
): Parameters<typeof createService>[1] {
  return {
    ...{ holder, queue, token, loopback },
    limits: { timeout: 1000 * timeout, maxBytes, most: Math.min(queue, 64), urls, privateUrls },
    pages: {
      "/": tagPage(holder.description, { token: token !== undefined }),
      "/api": apiPage(openApi({ token: token !== undefined, urls })),
    },
    onFault: (error) => context.terminal.info(`a request failed: ${(error as Error).message}`),
  };
}
