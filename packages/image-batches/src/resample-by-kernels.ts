import type { Image } from "./image.js";
import { type Kernels, threadKernels } from "./kernels/kernels.js";
import { type Filter, type ResampleTable, resampleTable } from "./resample-table.js";

/** Weights are split into high * 2^SPLIT_BITS + low, see assembly/resample.ts. */
const SPLIT_BITS = 12;

/** Both passes by the kernels; undefined where there are none or the picture is too large for them. */
export function resampleByKernels(
  { data, width: inWidth, height: inHeight }: Image,
  { width, height, filter }: { width: number; height: number; filter: Filter },
): Uint8Array | undefined {
  const kernels = threadKernels();
  if (!kernels) return undefined;
  const rows = width === inWidth ? undefined : rowEntries(resampleTable(inWidth, width, filter));
  const columns = height === inHeight ? undefined : columnEntries(resampleTable(inHeight, height, filter));
  if (!rows && !columns) return undefined;
  // Table, then the picture between the passes.
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

/** A table as the kernels read it: `groups` of taps for every output. */
type Entries = { data: Int32Array; groups: number };

const packedRows = new WeakMap<ResampleTable, Entries>();
const packedColumns = new WeakMap<ResampleTable, Entries>();

/** Per output: byte offset of the first tap, then per four taps high01, low01, high23, low23. */
function rowEntries(table: ResampleTable): Entries {
  return pack(table, packedRows, 4, (entries, at, tap) => {
    const [k0, k1, k2, k3] = [tap(0), tap(1), tap(2), tap(3)];
    entries.set([pairHigh(k0, k1), pairLow(k0, k1), pairHigh(k2, k3), pairLow(k2, k3)], at);
  });
}

/** Per output: row of the first tap, then per two taps 1 (or 0 where the second is missing), high01, low01. */
function columnEntries(table: ResampleTable): Entries {
  return pack(table, packedColumns, 2, (entries, at, tap, left) => {
    entries.set([left > 1 ? 1 : 0, pairHigh(tap(0), tap(1)), pairLow(tap(0), tap(1))], at);
  });
}

function pack(
  table: ResampleTable,
  cache: WeakMap<ResampleTable, Entries>,
  taps: 2 | 4,
  write: (entries: Int32Array, at: number, tap: (i: number) => number, left: number) => void,
): Entries {
  const known = cache.get(table);
  if (known) return known;
  const size = taps === 4 ? 4 : 3;
  const groups = Math.ceil(table.count.reduce((most, count) => Math.max(most, count), 0) / taps);
  const data = new Int32Array(table.first.length * (1 + groups * size));
  for (const [o, first] of table.first.entries()) {
    const count = table.count[o]!;
    const at = o * (1 + groups * size);
    data[at] = taps === 4 ? first * 3 : first;
    for (let group = 0; group < groups; group++) {
      const tap = (i: number): number => {
        const n = group * taps + i;
        return n < count ? table.weights[o * table.stride + n]! : 0;
      };
      write(data, at + 1 + group * size, tap, count - group * taps);
    }
  }
  const entries = { data, groups };
  cache.set(table, entries);
  return entries;
}

function pairHigh(a: number, b: number): number {
  return ((b >> SPLIT_BITS) << 16) | ((a >> SPLIT_BITS) & 0xffff);
}

function pairLow(a: number, b: number): number {
  const mask = (1 << SPLIT_BITS) - 1;
  return ((b & mask) << 16) | (a & mask);
}
