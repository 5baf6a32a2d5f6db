/** What a file is to its sample; an inner image has a longer ending, as `x.input.jpg` and `22.01.jpg` have. */
export type Member = "image" | "inner image" | "json" | "cls" | "other";

/** Lower-case endings, by what they hold. */
const members: Readonly<Record<string, Member>> = {
  jpg: "image",
  jpeg: "image",
  png: "image",
  webp: "image",
  json: "json",
  cls: "cls",
};

const [SLASH, DOT] = [0x2f, 0x2e];

/**
 * Splits an entry's name as WebDataset does: files of one sample share the path up to the first dot of the file's name,
 * the rest says what they are. "./" at the front does not count.
 *
 * @returns where the key begins and ends, and what follows its dot; undefined for names without a key (`.hidden`, no ending)
 * @see https://github.com/webdataset/webdataset, base_plus_ext
 */
export function splitSampleName(
  name: Uint8Array,
): { start: number; end: number; member: Member; ending: string } | undefined {
  const start = name[0] === DOT && name[1] === SLASH ? 2 : 0;
  const base = name.lastIndexOf(SLASH) + 1;
  const end = name.indexOf(DOT, base);
  if (end <= base) return undefined;
  let ending = "";
  for (let i = end + 1; i < name.length; i++) ending += String.fromCharCode(name[i]!);
  return { start, end, member: memberOf(ending), ending };
}

function memberOf(ending: string): Member {
  const whole = members[ending] ?? members[ending.toLowerCase()];
  if (whole) return whole;
  const last = ending.slice(ending.lastIndexOf(".") + 1).toLowerCase();
  return members[last] === "image" ? "inner image" : "other";
}
