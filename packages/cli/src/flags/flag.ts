import type { OutputKind } from "../outputs/output-kinds.js";

/**
 * One flag of a command: how it is written, what its value must be, its default. Everything else follows from such rows:
 * the type of the options, the checks, `--help`, the keys of configuration files and the README's tables.
 */
export interface Flag<Value, Default extends Value | undefined> {
  /** What stands for the value in the help, as `file` in `--out <file>`; undefined for a switch. */
  placeholder: string | undefined;
  description: string;
  /** The value when the flag is left out. Where it is undefined, the option is absent then. */
  default: Default;
  /** What a value must be, in words. */
  expected: string;
  /** The value that the command line (text, or true for a switch) or a configuration file gives; undefined: refused. */
  read: (given: unknown) => Value | undefined;
  more: FlagSettings;
}

interface FlagSettings {
  /** One letter: `-b`. */
  short?: string;
  /** The allowed values, for the help. */
  choices?: readonly string[];
  /** A run that is resumed must have the same value. */
  decidesResume?: true;
  /** Another flag, without which this one means nothing. */
  needs?: string;
  /** Must be there before the command starts. */
  reads?: ReadPath;
  /** It means something only where another flag has one of some values; elsewhere it is refused. */
  onlyWith?: OnlyWith;
  /** A file of this kind, or a folder, that the command writes: it must be possible to make it. */
  writes?: OutputKind | "folder";
}

export interface OnlyWith {
  flag: string;
  values: readonly string[];
}

/** What the path of a flag must name, and where a person gets such a thing. */
export interface ReadPath {
  what: string;
  /** Default: a file. */
  kind?: "file" | "file or folder";
  wayOut: (path: string) => string;
  /** Whether a text that is no path here names something that the command fetches. */
  elsewhere?: (text: string) => boolean;
}

/** Rows by name, as it is written on the command line without the two hyphens. */
export type FlagGroup = Readonly<Record<string, AnyFlag>>;
/** The groups of a command by the headings that `--help` gives them. */
export type FlagTable = Readonly<Record<string, FlagGroup>>;
export type AnyFlag = Flag<unknown, unknown>;

type Settings<Default, More extends keyof FlagSettings = never> = {
  /** Where it is left out, so is the option. */
  default?: Default;
} & Pick<FlagSettings, More | "short" | "decidesResume" | "needs">;

interface Range {
  /** Least value. */
  from?: number;
  /** Greatest value. */
  to?: number;
  /** Below any value. */
  above?: number;
  /** Above any value. */
  below?: number;
  /** Every value is a whole number of times this. */
  multipleOf?: number;
}

/** A switch: false unless it is given. With the default true it is switched off by `--no-NAME`. */
export function toggle(
  description: string,
  settings: { default?: boolean } & Pick<FlagSettings, "short" | "decidesResume" | "needs"> = {},
): Flag<boolean, boolean> {
  const read = (given: unknown) => (typeof given === "boolean" ? given : undefined);
  const { default: value = false, ...more } = settings;
  return { placeholder: undefined, description, default: value, expected: "true or false", read, more };
}

/** A number in a range; text that holds one is taken as well. */
export function number<const Default extends number | undefined = undefined>(
  description: string,
  settings: Settings<Default> & Range = {},
): Flag<number, Default> {
  return numeric("a number", description, settings, Number.isFinite);
}

/** A whole number in a range. */
export function integer<const Default extends number | undefined = undefined>(
  description: string,
  settings: Settings<Default> & Range = {},
): Flag<number, Default> {
  return numeric("a whole number", description, settings, Number.isSafeInteger);
}

/** A number in a range, or a word by which the command chooses one. */
export function numberOr<
  const Word extends string,
  const Default extends number | Word | undefined = undefined,
>(
  word: Word,
  description: string,
  { default: value, ...settings }: Settings<Default> & Range = {},
): Flag<number | Word, Default> {
  return orWord(word, number(description, settings), value as Default);
}

/** A whole number in a range, or a word by which the command chooses one. */
export function integerOr<
  const Word extends string,
  const Default extends number | Word | undefined = undefined,
>(
  word: Word,
  description: string,
  { default: value, ...settings }: Settings<Default> & Range = {},
): Flag<number | Word, Default> {
  return orWord(word, integer(description, settings), value as Default);
}

function orWord<Word extends string, Default extends number | Word | undefined>(
  word: Word,
  row: Flag<number, undefined>,
  value: Default,
): Flag<number | Word, Default> {
  return {
    ...row,
    default: value,
    expected: `${row.expected}, or ${word}`,
    read: (given) => (given === word ? word : row.read(given)),
  };
}

function numeric<Default extends number | undefined>(
  what: string,
  description: string,
  { from, to, above, below, multipleOf, default: value, ...more }: Settings<Default> & Range,
  isOne: (value: number) => boolean,
): Flag<number, Default> {
  const range =
    to !== undefined
      ? above !== undefined
        ? ` above ${above} and up to ${to}`
        : ` from ${from ?? "minus infinity"} to ${to}`
      : below !== undefined
        ? above === undefined
          ? ` from ${from ?? "minus infinity"} to below ${below}`
          : ` above ${above} and below ${below}`
        : from !== undefined
          ? ` of at least ${from}`
          : above !== undefined
            ? ` above ${above}`
            : "";
  return {
    placeholder: "number",
    description,
    default: value as Default,
    expected: `${what}${range}${multipleOf === undefined ? "" : `, a multiple of ${multipleOf}`}`,
    read(given) {
      const read = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
      if (typeof read !== "number" || !isOne(read)) return undefined;
      if (
        read < (from ?? read) ||
        read > (to ?? read) ||
        (multipleOf !== undefined && read % multipleOf !== 0)
      )
        return undefined;
      return read <= (above ?? Number.NEGATIVE_INFINITY) || read >= (below ?? Number.POSITIVE_INFINITY)
        ? undefined
        : read;
    },
    more,
  };
}

/** One of some words, in any case, with hyphens or the reference's underscores. */
export function choice<
  const Choices extends readonly string[],
  const Default extends Choices[number] | undefined = undefined,
>(
  description: string,
  choices: Choices,
  { default: value, ...more }: Settings<Default> = {},
): Flag<Choices[number], Default> {
  const spelling = (word: string): string => word.replaceAll("_", "-").toLowerCase();
  return {
    placeholder: "name",
    description,
    default: value as Default,
    expected: `one of ${choices.join(", ")}`,
    read: (given) =>
      typeof given === "string" ? choices.find((name) => spelling(name) === spelling(given)) : undefined,
    more: { ...more, choices },
  };
}

/** Any text, or what `allows` says. */
export function text<const Default extends string | undefined = undefined>(
  description: string,
  {
    placeholder = "text",
    expected = "a text",
    allows = () => true,
    default: value,
    ...more
  }: Settings<Default> & {
    placeholder?: string;
    expected?: string;
    allows?: (value: string) => boolean;
  } = {},
): Flag<string, Default> {
  const read = (given: unknown) => (typeof given === "string" && allows(given) ? given : undefined);
  return { placeholder, description, default: value as Default, expected, read, more };
}

/** The path of a file that is read or written. */
export function file<const Default extends string | undefined = undefined>(
  description: string,
  settings: Settings<Default, "reads" | "writes"> = {},
): Flag<string, Default> {
  return pathOf("file", description, settings);
}

/** The path of a folder that is read or written. */
export function folder<const Default extends string | undefined = undefined>(
  description: string,
  settings: Settings<Default, "reads" | "writes"> = {},
): Flag<string, Default> {
  return pathOf("folder", description, settings);
}

/** The path of a file or a folder. */
export function path<const Default extends string | undefined = undefined>(
  description: string,
  settings: Settings<Default, "reads"> = {},
): Flag<string, Default> {
  return pathOf("path", description, settings);
}

function pathOf<Default extends string | undefined>(
  placeholder: "file" | "folder" | "path",
  description: string,
  { default: value, ...more }: Settings<Default, "reads" | "writes">,
): Flag<string, Default> {
  return {
    placeholder,
    description,
    default: value as Default,
    expected: placeholder === "path" ? "a path" : `the path of a ${placeholder}`,
    read: (given) => (typeof given === "string" && given !== "" ? given : undefined),
    more,
  };
}

/** The same rows, each of which is refused unless another flag has one of the values. */
export function onlyWith<Group extends FlagGroup>(condition: OnlyWith, group: Group): Group {
  const rows = Object.entries(group).map(([name, row]) => [
    name,
    { ...row, more: { ...row.more, onlyWith: condition } },
  ]);
  return Object.fromEntries(rows) as Group; // names and values are the same
}

/** The options that a group of flags gives: `batch-size` as `batchSize`, those without a default optional. */
export type GroupOptions<Group> = Flatten<
  { [Name in keyof Group as IfAlways<Group[Name], OptionName<Name>>]: ValueOf<Group[Name]> } & {
    [Name in keyof Group as IfSometimes<Group[Name], OptionName<Name>>]?: ValueOf<Group[Name]>;
  }
>;

/** The options that a whole table gives. */
export type OptionsOf<Table> = GroupOptions<Intersection<Table[keyof Table]>>;

type ValueOf<Row> = Row extends Flag<infer Value, infer _> ? Value : never;
type IfAlways<Row, Name> =
  Row extends Flag<infer _, infer Default> ? (undefined extends Default ? never : Name) : never;
type IfSometimes<Row, Name> =
  Row extends Flag<infer _, infer Default> ? (undefined extends Default ? Name : never) : never;
type OptionName<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<OptionName<Tail>>}`
  : Name;
type Flatten<T> = { [Key in keyof T]: T[Key] };
type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** `gamma-unann`, `gamma_unann` and `gammaUnann` → `gamma-unann`. */
export function flagName(spelling: string): string {
  return spelling.replaceAll("_", "-").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `gamma-unann` → `gammaUnann`, as options are called. */
export function optionName(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The rows of a table without its headings. */
export function rowsOf(table: FlagTable): [name: string, row: AnyFlag][] {
  return Object.values(table).flatMap((group) => Object.entries(group));
}
