import { createHash } from "node:crypto";
import { posix } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { nearMatches } from "@csl/internal/text/near-matches";
import { withoutQuery } from "../fetch/follow-redirects.js";
import { findKnownWeights, type KnownWeights, knownWeights } from "./known-weights.js";

/** A file of a repository on the Hugging Face hub, or on a mirror of it. */
export type HubFile = { repository: string; revision: string; file: string };

/** Where weights come from. */
export type WeightsSource = {
  /** As a person would write it again; of an address without its query, which may hold a key. */
  name: string;
  /** The address itself. */
  url: string;
  hub?: HubFile;
  known?: KnownWeights;
  /** The file's place in the cache, below its folder. */
  place: string[];
};

/** The main file of a repository, where none is named. */
const MAIN_FILE = "model.safetensors";
const HUB_HOSTS = new Set(["huggingface.co", "www.huggingface.co", "hf.co"]);

/** Whether a text names weights that `fetchWeights` fetches: one of the known names, `hf:…`, or an address. */
export function isWeightsName(text: string): boolean {
  return findKnownWeights(text) !== undefined || /^(hf:|https?:\/\/)/i.test(text);
}

/**
 * Reads a name of weights: one of the known ones, `hf:owner/name[@revision][/file]`, or an http(s) address. The address
 * of a page of the hub, as a browser shows it, is taken for the file on it, so that a mirror applies to it too.
 *
 * @param context.endpoint the hub or its mirror, without a slash at its end.
 * @throws CslError `not-found` for another name, with near ones; `invalid-argument` for an `hf:` or an address of another form
 */
export function parseWeightsSource(text: string, context: SourceContext): WeightsSource {
  const { endpoint, speaker } = context;
  const known = findKnownWeights(text);
  if (known) {
    const hub = { repository: known.repository, revision: "main", file: MAIN_FILE };
    return { ...hubSource(hub, endpoint), name: known.name, known };
  }
  if (/^hf:/i.test(text)) return hubSource(parseHubName(text, speaker), endpoint);
  if (/^https?:\/\//i.test(text)) return addressSource(text, context);
  const names = knownWeights.map(({ name }) => name);
  const near = nearMatches(text, names);
  throw new CslError(
    "not-found",
    `${speaker}: expected a name of weights, got "${text}". ` +
      `${near.length > 0 ? `Did you mean ${near.join(", ")}?` : `Known: ${names.join(", ")}.`} ` +
      "Also hf:owner/name[@revision][/file] and http(s) addresses.",
  );
}

type SourceContext = { endpoint: string; speaker: string };

function hubSource(hub: HubFile, endpoint: string): WeightsSource {
  const { repository, revision, file } = hub;
  const encoded = file.split("/").map(encodeURIComponent).join("/");
  return {
    name:
      `hf:${repository}${revision === "main" ? "" : `@${encodeURIComponent(revision)}`}` +
      (file === MAIN_FILE ? "" : `/${file}`),
    url: `${endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${encoded}`,
    hub,
    place: ["hub", ...repository.split("/"), encodeURIComponent(revision), ...file.split("/")],
  };
}

function parseHubName(text: string, speaker: string): HubFile {
  const [, owner = "", name = "", revision = "main", file = MAIN_FILE] =
    /^hf:([^/@]+)\/([^/@]+)(?:@([^/@]+))?(?:\/(.+))?$/i.exec(text) ?? [];
  const hub = checkedHubFile(`${owner}/${name}`, revision, file);
  if (hub) return hub;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected hf:owner/name[@revision][/file], got "${text}". ` +
      `For example hf:timm/tresnet_m.miil_in1k, or hf:owner/name@v1.0/best.safetensors; a slash in a revision is %2F.`,
  );
}

/** Undefined for what no repository has, and for what would lead out of the cache. */
function checkedHubFile(repository: string, revision: string, file: string): HubFile | undefined {
  const decoded = decode(revision);
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || decoded === undefined || decoded === "") return undefined;
  const parts = [...repository.split("/"), encodeURIComponent(decoded), ...file.split("/")];
  return parts.every(isPlainName) ? { repository, revision: decoded, file } : undefined;
}

function isPlainName(part: string): boolean {
  return !["", ".", ".."].includes(part) && !/[\\:*?"<>|\p{Cc}]/u.test(part);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function addressSource(text: string, { endpoint, speaker }: SourceContext): WeightsSource {
  const refuse = (shown: string, why: string): never => {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected the http(s) address of a file, got ${shown}, which ${why}.`,
    );
  };
  if (!URL.canParse(text)) refuse(text, "is none");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    refuse(`${url.protocol}//…@${url.host}${url.pathname}`, "has a user and a password, which are not sent");
  const hub = hubFileAt(url, endpoint);
  if (hub) return hubSource(hub, endpoint);
  url.hash = "";
  const last = posix.basename(decode(url.pathname) ?? url.pathname).replace(/[^\w.-]+/g, "_");
  const file = isPlainName(last) ? last : "weights";
  // Two addresses that differ in their query only may be two files.
  const key = createHash("sha256").update(url.href).digest("hex").slice(0, 16);
  return { name: withoutQuery(url.href), url: url.href, place: ["url", key, file] };
}

/** The file that `…/owner/name[/blob|resolve/revision/file]` on the hub or its mirror shows. */
function hubFileAt({ host, origin, pathname }: URL, endpoint: string): HubFile | undefined {
  const base = new URL(endpoint);
  const onMirror = origin === base.origin && pathname.startsWith(base.pathname);
  if (!onMirror && !HUB_HOSTS.has(host)) return undefined;
  const path = onMirror ? pathname.slice(base.pathname.replace(/\/$/, "").length) : pathname;
  const match = /^\/([^/]+\/[^/]+)(?:\/?|\/(?:blob|resolve|raw)\/([^/]+)\/(.+))$/.exec(path);
  if (!match) return undefined;
  const [, repository, revision = "main", file = MAIN_FILE] = match;
  return checkedHubFile(repository!, revision, decode(file) ?? "");
}
