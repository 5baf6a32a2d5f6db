import { CslError } from "@csl/internal/errors/csl-error";

/** HTTPS endpoints of the schemes that buckets are written with. */
const ENDPOINTS: Readonly<Record<string, (bucket: string) => string>> = {
  "s3:": (bucket) => `https://${bucket}.s3.amazonaws.com`,
  "gs:": (bucket) => `https://storage.googleapis.com/${bucket}`,
};

/**
 * The address of an object: `base` is any HTTP(S) address (of S3-compatible endpoints too), `s3://bucket` or
 * `gs://bucket`, each perhaps with a prefix; `key` is encoded as S3 wants it, "/" kept.
 *
 * @throws when the base is none of these
 */
export function bucketUrl(base: string, key: string): string {
  const match = /^(s3:|gs:)\/\/([^/]+)(.*)$/.exec(base);
  const root = match ? ENDPOINTS[match[1]!]!(match[2]!) + match[3]! : base;
  if (!/^https?:\/\/./.test(root))
    throw new CslError("invalid-argument", `bucketUrl: expected http(s)://, s3:// or gs://, got "${base}".`);
  const path = key.replace(/^\/+/, "").split("/").map(encodeURIComponent).join("/");
  return `${root.replace(/\/+$/, "")}/${path}`;
}
