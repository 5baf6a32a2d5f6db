import { createHash } from "node:crypto";
import { BadServer, type Behaviour, serves } from "./bad-server.js";

export type HubFileSettings = {
  revision?: string;
  /** Kept in the repository itself and sent by the hub, as small files are; else by another host. */
  small?: boolean;
  /** Whom the hub gives it to. */
  token?: string;
};

/** What the hub answers instead of a file. */
export function hubError(code: number, error: string, headers: Record<string, string> = {}): Behaviour {
  return (response) =>
    void response
      .writeHead(code, { "x-error-code": error, "x-error-message": `error ${code}`, ...headers })
      .end(JSON.stringify({ error: `error ${code}` }));
}

/**
 * A server on this machine that speaks the protocol of the Hugging Face hub as far as files are fetched:
 * `/owner/name/resolve/REVISION/FILE` answers HEAD and GET with the commit, the SHA-256 and the size, and redirects to
 * another host, which takes ranges; `/api/models/…` lists files. Either host can be told to misbehave.
 */
export class HubServer {
  readonly hub: BadServer;
  /** The other host: another port is another origin. */
  readonly cdn: BadServer;
  readonly #files = new Map<string, string[]>();

  private constructor(hub: BadServer, cdn: BadServer) {
    this.hub = hub;
    this.cdn = cdn;
  }

  static async start(): Promise<HubServer> {
    return new HubServer(await BadServer.start(), await BadServer.start());
  }

  get endpoint(): string {
    return this.hub.base;
  }

  /** Puts a file into a repository, which behaves well until told otherwise. */
  put(repository: string, file: string, body: Buffer, settings: HubFileSettings = {}): void {
    const { revision = "main", small = false, token } = settings;
    const path = HubServer.path(repository, file, revision);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const commit = createHash("sha1").update(`${repository} ${revision}`).digest("hex");
    const send = serves(body, { etag: `"${sha256.slice(0, 40)}"`, headers: { "x-repo-commit": commit } });
    const redirect: Behaviour = (response) => {
      const headers = {
        ...{ "x-repo-commit": commit, "x-linked-etag": `"${sha256}"`, "x-linked-size": String(body.length) },
        ...{ etag: `"${sha256}"`, location: `${this.cdn.base}${path}?X-Amz-Signature=secret` },
      };
      response.writeHead(302, headers).end(`Found. Redirecting to ${headers.location}`);
    };
    const give = small ? send : redirect;
    this.hub.on(path, (response, n, request) => {
      const allowed = token === undefined || request.headers.authorization === `Bearer ${token}`;
      (allowed ? give : hubError(401, "RepoNotFound"))(response, n, request);
    });
    this.cdn.on(`${path}?X-Amz-Signature=secret`, serves(body, { etag: `"cdn-${sha256.slice(0, 8)}"` }));
    this.#list(repository, file, revision);
  }

  /** What the hub does with a file. */
  onHub(repository: string, file: string, behaviour: Behaviour): void {
    this.hub.on(HubServer.path(repository, file), behaviour);
  }

  /** What the other host does with it. */
  onCdn(repository: string, file: string, behaviour: Behaviour): void {
    this.cdn.on(this.cdnPath(repository, file), behaviour);
  }

  cdnPath(repository: string, file: string): string {
    return `${HubServer.path(repository, file)}?X-Amz-Signature=secret`;
  }

  static path(repository: string, file: string, revision = "main"): string {
    return `/${repository}/resolve/${encodeURIComponent(revision)}/${file}`;
  }

  async close(): Promise<void> {
    await this.hub.close();
    await this.cdn.close();
  }

  #list(repository: string, file: string, revision: string): void {
    const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
    const files = [...(this.#files.get(path) ?? ["README.md", "config.json"]), file];
    this.#files.set(path, files);
    const about = {
      siblings: files.map((rfilename) => ({ rfilename })),
      cardData: { license: "apache-2.0" },
    };
    this.hub.on(path, serves(Buffer.from(JSON.stringify(about))));
  }
}
