import { type Answer, followRedirects } from "../fetch/follow-redirects.js";
import type { HubFile } from "./weights-source.js";

/** What the hub says of a repository. */
export type HubRepository = {
  files: string[];
  /** By its model card: `apache-2.0`. */
  license: string | undefined;
};

/** Milliseconds to wait for what is good to know and not needed. */
const PATIENCE = 10_000;

/**
 * Asks the hub which files a repository has and what license its card names. Mirrors need not offer it: undefined when
 * there is no such answer.
 */
export async function hubRepository(
  { repository, revision }: HubFile,
  {
    endpoint,
    headers,
    fetch,
    signal,
  }: {
    endpoint: string;
    headers: Record<string, string>;
    fetch: typeof globalThis.fetch;
    signal: AbortSignal;
  },
): Promise<HubRepository | undefined> {
  const url = `${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  try {
    const limits = { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) };
    const answer = await followRedirects(fetch, { url, headers }, limits);
    return "response" in answer ? await parseRepository(answer) : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function parseRepository({ response }: Answer): Promise<HubRepository | undefined> {
  if (!response.ok) return undefined;
  const { siblings, cardData } = (await response.json()) as {
    siblings?: { rfilename?: unknown }[];
    cardData?: { license?: unknown } | null;
  };
  const license = cardData?.license;
  return {
    files: (siblings ?? []).flatMap(({ rfilename }) => (typeof rfilename === "string" ? [rfilename] : [])),
    license: typeof license === "string" ? license : undefined,
  };
}
