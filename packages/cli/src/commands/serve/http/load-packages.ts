import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";

/** What the service is made of. */
export interface ServicePackages {
  fastify: typeof import("fastify").fastify;
  multipart: typeof import("@fastify/multipart").fastifyMultipart;
  metrics: typeof import("prom-client");
}

/** 20 MB that nobody else needs: installed by those who serve. @throws CslError `unsupported` with the way to get them */
export async function loadPackages(): Promise<ServicePackages> {
  try {
    const [{ fastify }, { fastifyMultipart: multipart }, metrics] = await Promise.all([
      import("fastify"),
      import("@fastify/multipart"),
      import("prom-client"),
    ]);
    return { fastify, multipart, metrics };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const names = "fastify @fastify/multipart prom-client onnxruntime-node";
    throw new CslError(
      "unsupported",
      "csl serve: expected the packages that make the service, which are not all installed. " +
        `To get them: ${installCommand(names, import.meta.url, { ignoreScripts: true })}.`,
      { cause },
    );
  }
}
