import { Agent, request } from "node:http";

/** What became of requests. */
export interface Load {
  /** Answers by status; 0: none. */
  statuses: Map<number, number>;
  /** Milliseconds of each answer with tags, in ascending order. */
  times: Float64Array;
  seconds: number;
}

/** Sends images to `/tag` over `connections` connections, each with one request after the other. */
export async function load(
  url: string,
  { count, connections, body }: { count: number; connections: number; body: (i: number) => Uint8Array },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses = new Map<number, number>();
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) {
      const sent = performance.now();
      const status = await post(`${url}tag`, body(next++), agent).catch(() => 0);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 200) times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return { statuses, times: Float64Array.from(times).sort(), seconds: (performance.now() - started) / 1000 };
}

function post(url: string, body: Uint8Array, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "image/jpeg", "content-length": body.length };
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      response.on("data", () => {}).on("end", () => resolve(response.statusCode!));
      response.on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

/** The value below which a share of the times is. */
export function quantile(times: Float64Array, share: number): number {
  return times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
}
