import { createHash, timingSafeEqual } from "node:crypto";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";

/** The variable that holds the token: the command line of a process is seen by everybody on the machine. */
export const tokenVariable = "CSL_SERVE_TOKEN";

/** The token of a file or of the environment; undefined without one. @throws CslError when it is too short to be one. */
export async function readToken(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const given = file === undefined ? environment[tokenVariable] : await readText(file);
  if (given === undefined) return undefined;
  const token = given.trim();
  if (/^[\x21-\x7e]{16,}$/.test(token)) return token;
  throw new CslError(
    "invalid-argument",
    `csl serve: expected a token of at least 16 letters, digits and signs in ${file ?? tokenVariable}, got ${token.length}. \`openssl rand -hex 24\` makes one.`,
  );
}

/** Whether `Authorization: Bearer …` has the token, in a time that does not depend on where they differ. */
export function hasToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
