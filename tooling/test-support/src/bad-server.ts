import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a path of the server does with its n-th request, n from 0. */
export type Behaviour = (response: ServerResponse, n: number, request: IncomingMessage) => void;

/** A file that looks like a JPEG: its markers around bytes that depend on the seed. */
export function fakeJpeg(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed * 17) % 255;
  bytes.set([0xff, 0xd8, 0xff], 0);
  bytes.set([0xff, 0xd9], length - 2);
  return bytes;
}

/** A server for tests that misbehaves as told: one behaviour per path. Counts requests and keeps their ranges. */
export class BadServer {
  readonly #server: Server;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #requests = new Map<string, IncomingMessage[]>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<BadServer> {
    const server = createServer();
    const bad = new BadServer(server);
    server.on("request", (request, response) => {
      const path = request.url!;
      const seen = bad.requests(path);
      bad.#requests.set(path, [...seen, request]);
      const behaviour = bad.#behaviours.get(path) ?? ((answer) => void answer.writeHead(404).end("absent"));
      behaviour(response, seen.length, request);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    return bad;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sets what a path does; returns its address. */
  on(path: string, behaviour: Behaviour): string {
    this.#behaviours.set(path, behaviour);
    this.#requests.delete(path);
    return this.base + path;
  }

  requests(path: string): IncomingMessage[] {
    return this.#requests.get(path) ?? [];
  }

  /** The Range headers of the requests to a path; undefined where there was none. */
  ranges(path: string): (string | undefined)[] {
    return this.requests(path).map(({ headers }) => headers.range);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Serves a body well: with its length, and ranges (also `If-Range`) when `etag` is given. */
export function serves(body: Buffer, { etag, headers = {} }: ServeOptions = {}): Behaviour {
  return (response, _, request) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const same = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
    const all = { ...headers, ...(etag && { etag, "accept-ranges": "bytes" }) };
    if (!etag || from === 0 || !same) {
      response.writeHead(200, { ...all, "content-length": body.length }).end(body);
    } else if (from >= body.length) {
      response.writeHead(416, { ...all, "content-range": `bytes */${body.length}` }).end();
    } else {
      const range = `bytes ${from}-${body.length - 1}/${body.length}`;
      response
        .writeHead(206, { ...all, "content-range": range, "content-length": body.length - from })
        .end(body.subarray(from));
    }
  };
}

type ServeOptions = { etag?: string; headers?: Record<string, string> };

/** Promises all of the body, sends so many bytes of it and breaks the connection. */
export function cutsAt(bytes: number, body: Buffer, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(200, { ...headers, "content-length": body.length });
    // Time for the client to read them: what it has not read when the connection breaks is lost.
    response.write(body.subarray(0, bytes), () => setTimeout(() => response.destroy(), 300));
  };
}

/** Sends so many bytes and then nothing more, holding the connection. */
export function stallsAt(bytes: number, body: Buffer): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-length": body.length });
    if (bytes > 0) response.write(body.subarray(0, bytes));
    else response.flushHeaders();
  };
}

/** Does one thing after another, the last one without end. */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  return (response, n, request) => behaviours[Math.min(n, behaviours.length - 1)]!(response, n, request);
}

export function status(code: number, headers: Record<string, string> = {}): Behaviour {
  return (response) => void response.writeHead(code, headers).end(`error ${code}`);
}
