/** An error of the layers below as one of `speaker`'s, about `path`; what has its name already stays as it is. */
export function asSpoken(speaker: string, error: unknown, path?: string): unknown {
  const { message } = error as Error;
  if (message.startsWith(`${speaker}:`)) return error;
  const about = path === undefined || message.includes(path) ? "" : `${path}: `;
  return new Error(`${speaker}: ${about}${message}`, { cause: error });
}
