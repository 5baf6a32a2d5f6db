import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { asksForThisMachine } from "../../../server/own-host.js";
import type { ModelHolder } from "../model/model-holder.js";
import { Admission } from "./admission.js";
import { hasToken } from "./check-token.js";
import type { ServicePackages } from "./load-packages.js";
import { openApi } from "./open-api.js";
import { answerOf, errorBody, ServiceError } from "./service-error.js";
import { serviceMetrics } from "./service-metrics.js";
import { type TagLimits, tagRequest } from "./tag-request.js";

export interface ServiceOptions {
  holder: ModelHolder;
  /** Images that may wait for an answer. */
  queue: number;
  limits: TagLimits;
  token: string | undefined;
  /** Only requests by a name of this machine are answered. */
  loopback: boolean;
  /** Pages by their path. */
  pages: Readonly<Record<string, string>>;
  /** Of what goes wrong inside, one line each. */
  onFault: (error: unknown) => void;
}

export interface Service {
  app: FastifyInstance;
  /** Refuses what is new, answers what was accepted, and ends. */
  stop(): Promise<void>;
}

/** The service's routes. Nothing listens yet. */
export async function createService(packages: ServicePackages, options: ServiceOptions): Promise<Service> {
  const { holder, limits, token, loopback, pages, onFault } = options;
  const admission = new Admission(options.queue);
  let stopping = false;
  const metrics = serviceMetrics(packages.metrics, {
    accepted: () => admission.accepted,
    replaced: () => holder.replaced,
  });
  const app = packages.fastify({
    logger: false,
    // Of addresses that are none, before there is a request.
    frameworkErrors: (error, _request, reply) => {
      const answer = answerOf(error);
      const text = JSON.stringify(errorBody(answer));
      void (reply as FastifyReply).code(answer.status).type("application/json").send(text);
    },
    bodyLimit: limits.maxBytes,
    requestTimeout: limits.timeout + 5000, // ours comes first, with an answer
    keepAliveTimeout: 5000,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 100 },
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2000, maxHeaderSize: 16_384 },
  });
  // Bodies are read by the route, with limits of its own; only forms need a parser.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  await app.register(packages.multipart);

  app.addHook("onRequest", async (request) => {
    if (loopback && !asksForThisMachine(request.headers.host))
      throw new ServiceError(
        403,
        "forbidden",
        "csl serve: answers by the names of this machine only (--host).",
      );
    if (isOfAnotherSite(request))
      throw new ServiceError(403, "forbidden", "csl serve: answers no pages of other sites.");
  });
  const needsToken = async (request: FastifyRequest): Promise<void> => {
    if (token === undefined || hasToken(request.headers.authorization, token)) return;
    throw new ServiceError(
      401,
      "unauthorized",
      "csl serve: expected Authorization: Bearer with the service's token.",
    );
  };
  app.addHook("onSend", async (request, reply, payload) => {
    const { statusCode } = reply;
    if (request.routeOptions.url === "/tag") metrics.request(statusCode, reply.elapsedTime / 1000);
    void reply.header("x-content-type-options", "nosniff").header("referrer-policy", "no-referrer");
    if (statusCode === 408 || stopping) void reply.header("connection", "close");
    return payload;
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const answer = answerOf(error);
    if (answer.status === 500) onFault(error);
    if (answer.retryAfter !== undefined) void reply.header("retry-after", answer.retryAfter);
    if (answer.status === 401) void reply.header("www-authenticate", "Bearer");
    return reply.code(answer.status).send(errorBody(answer));
  });
  app.setNotFoundHandler(async (request) => {
    const known = app.hasRoute({
      method: request.method === "GET" ? "POST" : "GET",
      url: request.url.split("?")[0]!,
    });
    throw known
      ? new ServiceError(
          405,
          "unsupported",
          `csl serve: ${request.url.split("?")[0]} does not take ${request.method}.`,
        )
      : new ServiceError(404, "not-found", "csl serve: nothing is at this address. See /api.");
  });

  app.post("/tag", { onRequest: needsToken }, async (request) => {
    if (stopping) throw new ServiceError(503, "closed", "csl serve: the service is being stopped.");
    const { body, tagged } = await tagRequest(request, { holder, admission, limits });
    metrics.images(tagged);
    return body;
  });
  app.get("/metrics", { onRequest: needsToken }, async (_request, reply) => {
    const { type, text } = await metrics.text();
    return reply.type(type).send(text);
  });
  app.get("/health", async () => ({ status: "alive" }));
  app.get("/ready", async () => {
    if (stopping || admission.isFull)
      throw new ServiceError(503, stopping ? "closed" : "busy", "csl serve: takes no images now.", 1);
    const { network, imageSize, classes } = holder.description;
    return { status: "ready", model: { network, imageSize, classes: classes.length } };
  });
  app.get("/openapi.json", async () => openApi({ token: token !== undefined, urls: limits.urls }));
  for (const [path, text] of Object.entries(pages))
    app.get(path, async (_request, reply) =>
      reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(text),
    );
  return {
    app,
    async stop() {
      stopping = true;
      await admission.idle();
      await app.close();
      await holder.close();
    },
  };
}

/** A browser says which page asks. One of another site could use a service without a token behind its owner's back. */
function isOfAnotherSite({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  if (headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate") return true;
  return origin !== undefined && origin.replace(/^https?:\/\//, "") !== host;
}
