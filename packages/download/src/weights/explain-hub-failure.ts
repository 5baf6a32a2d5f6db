import { nearMatches } from "@csl/internal/text/near-matches";
import type { Failure } from "../fetch/failure.js";
import { retryAfter } from "../fetch/waiting.js";
import type { HubRepository } from "./hub-repository.js";
import type { WeightsSource } from "./weights-source.js";

export type FailureContext = {
  source: WeightsSource;
  endpoint: string;
  /** Whether a token was sent. */
  hasToken: boolean;
  now: number;
  /** What the hub says of the repository; asked for only when a file is not there. */
  repository: () => Promise<HubRepository | undefined>;
};

/** What a person does about a failure, in one or two sentences. */
export async function wayOutOf(failure: Failure, context: FailureContext): Promise<string> {
  const { answer, again, wrong } = failure;
  if (wrong) return anotherFile;
  if (!answer) return again ? `Run the same again to continue. ${withoutServer}` : "Check the address.";
  const { status, headers } = answer;
  if (status === 429) return rateLimit(headers, context);
  if (status === 401 || status === 403) return access(status, headers, context);
  if (status === 404 || status === 410) return notThere(headers, context);
  return again ? `Run the same again to continue. ${withoutServer}` : "Check the address.";
}

const anotherFile =
  "The server, or a proxy on the way, sends something else in its place. Try again later, or another mirror (HF_ENDPOINT).";

const withoutServer = "HF_ENDPOINT names a mirror of the hub; a file that you have is used by its path.";

function rateLimit(headers: Headers, { hasToken, source, now }: FailureContext): string {
  const wait = retryAfter(headers.get("retry-after"), now);
  const when = wait === undefined ? "later" : `after ${Math.ceil(wait / 1000)} s`;
  const more = source.hub && !hasToken ? " With HF_TOKEN set the hub's limits are higher." : "";
  return `The server allows no more requests for now: run the same again ${when}.${more}`;
}

function access(status: number, headers: Headers, { source, endpoint, hasToken }: FailureContext): string {
  if (!source.hub) return "The address is not public; no token is sent to it. Fetch the file by other means.";
  const page = `${endpoint}/${source.hub.repository}`;
  const gated = headers.get("x-error-code") === "GatedRepo";
  if (gated && hasToken)
    return `The repository has conditions: accept them at ${page}, then run the same again.`;
  if (gated)
    return `The repository has conditions: accept them at ${page}, and set HF_TOKEN to a token of that account.`;
  if (hasToken && status === 403) return `The token of HF_TOKEN may not read ${source.hub.repository}.`;
  if (hasToken)
    return "The hub does not take the token of HF_TOKEN, or there is no such repository. Is the name right?";
  // The hub answers so to anybody about what only some may see.
  return "The repository is not there, or it is private. Is the name right? Set HF_TOKEN for a private one.";
}

async function notThere(headers: Headers, { source, endpoint, repository }: FailureContext): Promise<string> {
  if (!source.hub) return "Check the address.";
  const { repository: name, revision, file } = source.hub;
  if (headers.get("x-error-code") === "RevisionNotFound")
    return `${name} has no revision "${revision}". Its branches and tags are at ${endpoint}/${name}/tree/main.`;
  if (headers.get("x-error-code") === "RepoNotFound")
    return `There is no repository ${name}. Is the name right?`;
  const files = (await repository())?.files.filter((known) =>
    /\.(safetensors|pth|pth\.tar|pt|bin|ckpt)$/.test(known),
  );
  if (!files)
    return `Is the name right? The files of the repository are at ${endpoint}/${name}/tree/${revision}.`;
  if (files.length === 0) return `${name} has no file of weights.`;
  const near = nearMatches(file, files);
  const shown = (near.length > 0 ? near : files).slice(0, 5);
  const at = revision === "main" ? "" : `@${encodeURIComponent(revision)}`;
  return `${name} has no ${file}, but ${shown.map((known) => `hf:${name}${at}/${known}`).join(", ")}.`;
}
