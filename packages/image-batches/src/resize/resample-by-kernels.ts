import { type Filter, type ResampleTable, resampleTable } from "@csl/internal/images/resample-table";
import type { Image } from "../image.js";
import { type Kernels, threadKernels } from "../kernels/kernels.js";

/** Weights are split into high * 2^SPLIT_BITS + low, see assembly/resample.ts. */
const SPLIT_BITS = 12;

/** Both passes by the kernels; undefined where there are none or the image is too large for them. */
export function resampleByKernels(
  { data, width: inWidth, height: inHeight }: Image,
  { width, height, filter }: { width: number; height: number; filter: Filter },
): Uint8Array | undefined {
  const kernels = threadKernels();
  if (!kernels) return undefined;
  const rows = width === inWidth ? undefined : rowEntries(resampleTable(inWidth, width, filter), inWidth);
  const columns = height === inHeight ? undefined : columnEntries(resampleTable(inHeight, height, filter));
  if (!rows && !columns) return undefined;
  // Table, then the image between the passes.
  const tableBytes = Math.ceil(Math.max(rows?.data.byteLength ?? 0, columns?.data.byteLength ?? 0) / 64) * 64;
  const between = rows && columns ? width * inHeight * 3 + 64 : 0;
  const run = (from: number, to: number, table: number): void => {
    const afterRows = columns ? table + tableBytes : to;
    if (rows) {
      write(kernels, rows.data, table);
      kernels.run.resampleRows(from, afterRows, inHeight, inWidth, width, table, rows.groups);
    }
    if (columns) {
      write(kernels, columns.data, table);
      kernels.run.resampleColumns(rows ? afterRows : from, to, height, width * 3, table, columns.groups);
    }
  };
  return kernels.step(data, width * height * 3, run, tableBytes + between);
}

function write(kernels: Kernels, entries: Int32Array, at: number): void {
  new Int32Array(kernels.bytes.buffer, at, entries.length).set(entries);
}

/** A table as the kernels read it: `groups` of taps for every output, the missing ones with weight 0. */
type Entries = { data: Int32Array; groups: number };

const packedRows = new WeakMap<ResampleTable, Entries>();
const packedColumns = new WeakMap<ResampleTable, Entries>();

/** Per output: byte offset of the first tap, then per four taps high01, low01, high23, low23. */
function rowEntries(table: ResampleTable, inSize: number): Entries {
  return packedOnce(packedRows, table, () => {
    const groups = Math.ceil(mostTaps(table) / 4);
    const size = 1 + 4 * groups;
    const data = new Int32Array(table.first.length * size);
    for (const [o, start] of table.first.entries()) {
      // Whole groups are read: they begin early enough to end within the row.
      const first = Math.min(start, Math.max(inSize - 4 * groups, 0));
      const weight = (i: number): number => weightAt(table, o, first + i);
      data[o * size] = first * 3;
      for (let i = 0, at = o * size + 1; i < 4 * groups; i += 4, at += 4) {
        const [a, b, c, d] = [weight(i), weight(i + 1), weight(i + 2), weight(i + 3)];
        data.set([pairHigh(a, b), pairLow(a, b), pairHigh(c, d), pairLow(c, d)], at);
      }
    }
    return { data, groups };
  });
}

/** Per output and two taps: their rows, high01, low01. */
function columnEntries(table: ResampleTable): Entries {
  return packedOnce(packedColumns, table, () => {
    const groups = Math.ceil(mostTaps(table) / 2);
    const data = new Int32Array(table.first.length * groups * 4);
    for (const [o, first] of table.first.entries()) {
      const last = first + table.count[o]! - 1;
      for (let i = 0, at = o * groups * 4; i < 2 * groups; i += 2, at += 4) {
        const [a, b] = [weightAt(table, o, first + i), weightAt(table, o, first + i + 1)];
        // A row that is not there is read as the last one, with weight 0.
        data.set(
          [Math.min(first + i, last), Math.min(first + i + 1, last), pairHigh(a, b), pairLow(a, b)],
          at,
        );
      }
    }
    return { data, groups };
  });
}

function packedOnce(
  cache: WeakMap<ResampleTable, Entries>,
  table: ResampleTable,
  pack: () => Entries,
): Entries {
  const known = cache.get(table);
  if (known) return known;
  const entries = pack();
  cache.set(table, entries);
  return entries;
}

function mostTaps({ count }: ResampleTable): number {
  return count.reduce((most, taps) => Math.max(most, taps), 0);
}

/** The weight of input `i` in output `o`. */
function weightAt({ first, count, weights, stride }: ResampleTable, o: number, i: number): number {
  const tap = i - first[o]!;
  return tap >= 0 && tap < count[o]! ? weights[o * stride + tap]! : 0;
}

function pairHigh(a: number, b: number): number {
  return ((b >> SPLIT_BITS) << 16) | ((a >> SPLIT_BITS) & 0xffff);
}

function pairLow(a: number, b: number): number {
  const mask = (1 << SPLIT_BITS) - 1;
  return ((b & mask) << 16) | (a & mask);
}
