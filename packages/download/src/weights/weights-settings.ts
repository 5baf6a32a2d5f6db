import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { cacheFolder } from "@csl/internal/files/cache-folder";

/** What decides where weights come from and go to, each by default from the environment. */
export type WeightsSettings = {
  /** The hub, or a mirror of it. Default: `HF_ENDPOINT`, else https://huggingface.co. */
  endpoint?: string;
  /** Sent to `endpoint` alone, for private repositories and those with conditions. Default: `HF_TOKEN`. */
  token?: string;
  /** Asks no server. Default: whether `CSL_OFFLINE` or `HF_HUB_OFFLINE` is on. */
  offline?: boolean;
  /** The folder that keeps what was fetched. Default: `weights` in `CSL_CACHE`, else in `~/.cache/csl`. */
  cache?: string;
};

export type ResolvedSettings = {
  endpoint: string;
  token: string | undefined;
  offline: boolean;
  cache: string;
};

/** The settings with their defaults. @throws CslError `invalid-argument`, which does not show the token */
export function weightsSettings(
  { endpoint, token, offline, cache }: WeightsSettings,
  speaker: string,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedSettings {
  const base = (endpoint ?? (env.HF_ENDPOINT || "https://huggingface.co")).trim().replace(/\/+$/, "");
  if (!/^https?:\/\//i.test(base) || !URL.canParse(base))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected endpoint (or HF_ENDPOINT) to be the http(s) address of a hub, got "${base}". ` +
        "For example https://huggingface.co, or that of a mirror.",
    );
  const secret = (token ?? env.HF_TOKEN ?? "").trim();
  // A header takes nothing else, and the error of `fetch` would show it.
  if (!/^[\x21-\x7e]*$/.test(secret))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected token (or HF_TOKEN) without spaces and special characters, got one with them. Copy it again.`,
    );
  return {
    endpoint: base,
    token: secret === "" ? undefined : secret,
    offline: offline ?? (isOn(env.CSL_OFFLINE) || isOn(env.HF_HUB_OFFLINE)),
    cache: cache ?? join(cacheFolder(speaker, env), "weights"),
  };
}

/** As the hub's own library reads such variables. */
function isOn(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value?.trim() ?? "");
}
