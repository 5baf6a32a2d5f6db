import type { Header } from "tar-stream";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The name of a tar's entry, whose bytes tar-stream has been told to give as Latin-1: UTF-8 where they are that, else
 * Latin-1. As UTF-8 alone, all bytes of an older encoding would become one and the same character, and files of
 * different names would replace each other.
 */
export function tarName({ name, pax }: Header): string {
  if ((pax as { path?: string } | undefined)?.path !== undefined) return name; // always UTF-8, and read as such
  try {
    return utf8.decode(Buffer.from(name, "latin1"));
  } catch {
    return name;
  }
}
