/** Names that the column of paths has in label files of other tools. */
const pathNames = [
  "path",
  "filename",
  "file_name",
  "file",
  "filepath",
  "file_path",
  "image",
  "image_path",
  "image_name",
  "img",
];
const splitNames = ["split", "subset", "set"];
/** Numbers of rows, as pandas and spreadsheets write them: no classes. */
const numbering = /^(|id|index|unnamed:_?\d+)$/;

/** A header with the path and a column per class, as `filename,cat,dog`. */
export interface WideColumns {
  path: number;
  /** -1 where there is none. */
  split: number;
  /** The classes and their columns, in the order of the header. */
  classes: { id: string; column: number }[];
  count: number;
}

/** The columns of a header in lower case that has no list of classes; undefined when it is no such header. */
export function wideColumns(fields: readonly string[]): WideColumns | undefined {
  const names = fields.map((field) => field.trim().toLowerCase().replaceAll(/[ -]/g, "_"));
  const first = (wanted: readonly string[]): number =>
    names.indexOf(wanted.find((name) => names.includes(name)) ?? "\0");
  const path = first(pathNames);
  const split = first(splitNames);
  const classes = fields
    .map((field, column) => ({ id: field.trim(), column }))
    .filter(({ column }) => column !== path && column !== split && !numbering.test(names[column]!));
  return path < 0 || classes.length === 0 ? undefined : { path, split, classes, count: fields.length };
}

/** 1, 0 and -1 for present, absent and un-annotated, as a cell of a wide file says it; undefined for anything else. */
export function wideLabel(cell: string): 1 | 0 | -1 | undefined {
  switch (cell.trim().toLowerCase()) {
    case "1":
    case "1.0":
    case "true":
      return 1;
    case "0":
    case "0.0":
    case "false":
      return 0;
    case "":
    case "-1":
    case "-1.0":
    case "nan":
    case "na":
    case "null":
    case "none":
      return -1;
    default:
      return undefined;
  }
}
