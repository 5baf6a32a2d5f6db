import { CslError } from "@csl/internal/errors/csl-error";

/** Whether a request asks for this machine by one of its own names: a page elsewhere can name its own address so that it leads here. */
export function asksForThisMachine(host: string | undefined): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host ?? "");
}

/** Why a server does not start. */
export function cannotListen(speaker: string, port: number, cause: unknown): CslError {
  const { code } = cause as NodeJS.ErrnoException;
  return new CslError(
    "in-use",
    `${speaker}: expected a free --port, got ${port} (${code}). Choose another, or leave it out.`,
    { cause },
  );
}
