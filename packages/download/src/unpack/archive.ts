import type { Readable } from "node:stream";

/** One thing in an archive. */
export type ArchiveEntry = {
  /** As the archive writes it; not checked yet. */
  name: string;
  kind: "file" | "folder" | "special";
  /** What a special entry is, in words: "symbolic links". */
  what?: string;
  /** Bytes of a file. */
  size: number;
  /** CRC-32 of a file, where the format has one. */
  crc?: number;
  /** The content of a file, to be read before the next entry is asked for. */
  open(): Promise<Readable>;
};

/** An archive that is read from front to back. */
export type Archive = {
  /** What is in it, where the format says so at once. */
  total?: { files: number; bytes: number };
  /** @throws when the archive is damaged, cut off or of another kind; names are not checked */
  entries(): AsyncGenerator<ArchiveEntry, void, undefined>;
  /** Bytes of the archive that have been read: the progress where the total is not known. */
  position(): number;
  close(): void;
};
