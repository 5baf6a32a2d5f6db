const SPARSE = "S".charCodeAt(0);
const SPARSE_FILES = "sparse files";

/** What entries of a tar are that are neither files nor folders, by the letter of their type. */
const kinds: Readonly<Record<string, string>> = {
  1: "hard links",
  2: "symbolic links",
  3: "devices",
  4: "devices",
  6: "named pipes",
  D: "lists of a folder",
  M: "rests of files of another volume",
  N: "lists of names",
  S: SPARSE_FILES,
  V: "names of a volume",
};

/** In the header of a sparse file, and in each block of its map: whether another block of the map follows. */
const HEADER_MORE = 482;
const BLOCK_MORE = 504;

/** What an entry is that is no whole file, in words: "symbolic links". @param type the character code in its header */
export function notAFile(type: number, { isSparse }: { isSparse: boolean }): string {
  const letter = String.fromCharCode(type);
  return isSparse ? SPARSE_FILES : (kinds[letter] ?? `entries of type ${JSON.stringify(letter)}`);
}

/** Whether the header at `at` is of a sparse file of GNU's older form, and a block of its map is behind it. */
export function headerHasMap(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 156] === SPARSE && bytes[at + HEADER_MORE] !== 0;
}

/** Whether another block follows the block of a map at `at`. */
export function hasMoreMap(bytes: Uint8Array, at: number): boolean {
  return bytes[at + BLOCK_MORE] !== 0;
}
