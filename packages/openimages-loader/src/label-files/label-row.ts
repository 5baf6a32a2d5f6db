import { parseImageId } from "../images/image-id.js";

/** Where the four columns are in a row, and how many there are. `source` is -1 where a file has none. */
export interface LabelColumns {
  readonly id: number;
  readonly source: number;
  readonly label: number;
  readonly confidence: number;
  readonly count: number;
}

export const standardColumns: LabelColumns = { id: 0, source: 1, label: 2, confidence: 3, count: 4 };

export interface LabelRow {
  readonly upper: number;
  readonly lower: number;
  readonly source: string;
  readonly label: string;
  readonly confidence: number;
}

/** The columns that a header names; undefined when the line is no header of a label file. */
export function labelColumns(line: string): LabelColumns | undefined {
  const names = fieldsOf(line)?.map((name) => name.trim().toLowerCase()) ?? [];
  const columns = {
    id: names.indexOf("imageid"),
    source: names.indexOf("source"),
    label: names.indexOf("labelname"),
    confidence: names.indexOf("confidence"),
    count: names.length,
  };
  const { id, label, confidence } = columns;
  // A column named twice would hide another one.
  const repeats = [id, label, confidence].some((at) => at >= 0 && names.lastIndexOf(names[at]!) !== at);
  return id < 0 || label < 0 || confidence < 0 || repeats ? undefined : columns;
}

/** One line by the book: quotes, ids as paths or in upper case. The reason as a text when it is no label row. */
export function parseLabelRow(line: string, columns: LabelColumns): LabelRow | string {
  const fields = fieldsOf(line);
  if (!fields) return "a quote without its end";
  if (fields.length !== columns.count) return `${fields.length} columns instead of ${columns.count}`;
  const id = parseImageId(fields[columns.id]!);
  if (!id) return "an id that is not 16 hexadecimal digits";
  const label = fields[columns.label]!;
  if (label === "") return "an empty class id";
  const written = fields[columns.confidence]!.trim();
  const confidence = written === "" ? Number.NaN : Number(written);
  if (!(confidence >= 0 && confidence <= 1)) return "a confidence outside 0…1";
  return {
    upper: Number.parseInt(id.slice(0, 8), 16),
    lower: Number.parseInt(id.slice(8), 16),
    source: columns.source < 0 ? "verification" : fields[columns.source]!,
    label,
    confidence,
  };
}

/** The fields of one line, RFC 4180; undefined when a quoted one does not end as it should. */
function fieldsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(",");
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",][^,]*|))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (!match) return undefined;
    fields.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === "") return fields;
  }
}
