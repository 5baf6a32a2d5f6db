import type { Image } from "../image.js";
import type { Kernels } from "../kernels/kernels.js";
import { type JpegComponent, type JpegHeader, readJpegHeader } from "./read-jpeg-header.js";

/**
 * Decodes the JPEGs that cameras and data sets are made of (baseline, 8 bits, grey or YCbCr 4:4:4, 4:2:2, 4:2:0) to the
 * samples that libjpeg-turbo gives with its defaults (accurate DCT, fancy upsampling), which are sharp's and Pillow's.
 * There is no fixed cost beyond the tables, and the pixels lie where the next steps need them.
 *
 * @returns the image in the kernels' memory from `to` on, valid until they are used again; undefined for every
 *   other kind of file, for larger and for damaged ones, which the general decoder reads or explains
 */
export function decodeJpeg(
  file: Uint8Array,
  kernels: Kernels,
  maxPixels: number = Number.POSITIVE_INFINITY,
): Image | undefined {
  const header = readJpegHeader(file);
  if (!header || header.width * header.height > maxPixels) return undefined;
  const layout = planLayout(header, file.length, kernels);
  if (!layout || layout.end > MEMORY_LIMIT) return undefined;
  // A block takes two codes of a bit at least: a header that promises more than the file can hold gets no memory.
  if (8 * (file.length - header.scan) < 2 * layout.across * layout.down * layout.blocks) return undefined;
  const { run } = kernels;
  kernels.reserve(layout.end);
  kernels.bytes.set(file, layout.file);
  if (!writeTables(header, file, layout, kernels)) return undefined;
  const { width, height } = header;
  const { across, down, mcuHeight, blocks, luma, lumaStride, planes, chromaStride, chroma, h, v, out } =
    layout;
  if (!run.beginScan(layout.file + header.scan, layout.file + file.length, layout.stream)) return undefined;
  let converted = 0;
  for (let row = 0; row < down; row++) {
    if (!run.scanRow(row, across, blocks, header.interval)) return undefined;
    // The last row of pixels waits for the chroma below it.
    const ready = row === down - 1 ? height : (row + 1) * mcuHeight - (v - 1);
    if (planes === 1) run.greyRows(converted, ready, width, luma, lumaStride, out);
    else {
      run.colourRows(
        converted,
        ready,
        width,
        luma,
        lumaStride,
        chroma[0]!,
        chroma[1]!,
        chromaStride,
        Math.ceil(width / h),
        Math.ceil(height / v),
        h,
        v,
        layout.scratch,
        out,
      );
    }
    converted = ready;
  }
  if (!run.endScan()) return undefined;
  return { data: kernels.bytes.subarray(out, out + width * height * 3), width, height };
}

/** Memory never shrinks: larger images, which are rare, are left to the general decoder. */
const MEMORY_LIMIT = 1 << 28;

/** Where everything lies in memory, and the shape of the MCUs. */
type Layout = {
  planes: 1 | 3;
  /** How often chroma is stretched. */
  h: number;
  v: number;
  mcuHeight: number;
  across: number;
  down: number;
  blocks: number;
  components: readonly JpegComponent[];
  file: number;
  stream: number;
  tables: number;
  quants: number;
  luma: number;
  lumaStride: number;
  chroma: [number, number];
  chromaStride: number;
  scratch: number;
  out: number;
  end: number;
};

/** Undefined for images that the kernels do not read. */
function planLayout(header: JpegHeader, length: number, kernels: Kernels): Layout | undefined {
  const { width, height } = header;
  const planes = header.components.length;
  if (planes !== 1 && planes !== 3) return undefined;
  // A scan of one component has MCUs of one block, whatever its sampling says.
  const components = planes === 1 ? [{ ...header.components[0]!, h: 1, v: 1 }] : header.components;
  const [first, second = first, third = second] = components as [JpegComponent];
  const h = first.h / second.h;
  const v = first.v / second.v;
  const known = [11, 21, 22].includes(h * 10 + v) && [1, 2].includes(first.h) && [1, 2].includes(first.v);
  if (!known || second.h !== third.h || second.v !== third.v) return undefined;
  if (planes === 3 && !header.ycc) return undefined;
  // libjpeg repeats instead of interpolating where chroma has two columns or fewer.
  if (h === 2 && Math.ceil(width / 2) <= 2) return undefined;
  const mcuHeight = 8 * first.v;
  const across = Math.ceil(width / (8 * first.h));
  const down = Math.ceil(height / mcuHeight);
  const lumaStride = across * 8 * first.h;
  const chromaStride = across * 8 * second.h;
  const blocks = components.reduce((sum, component) => sum + component.h * component.v, 0);
  // More than libjpeg allows.
  if (blocks > 10) return undefined;
  let top = kernels.base;
  const take = (bytes: number): number => {
    const at = top;
    top = Math.ceil((top + bytes) / 64) * 64;
    return at;
  };
  const tables = take(8 * kernels.run.tableBytes());
  const quants = take(4 * 128);
  const scratch = take(3 * (2 * lumaStride + 96));
  const file = take(length + 32);
  // The stream is written downwards and may be read 4 kB past its end.
  const stream = take(length + 4096) + length + 4096;
  const luma = take(lumaStride * down * mcuHeight + 32);
  const chromaBytes = planes === 1 ? 0 : chromaStride * down * 8 * second.v + 32;
  const chroma: [number, number] = [take(chromaBytes), take(chromaBytes)];
  const out = take(width * height * 3 + 64);
  return {
    planes,
    h,
    v,
    mcuHeight,
    across,
    down,
    blocks,
    components,
    file,
    stream,
    tables,
    quants,
    luma,
    lumaStride,
    chroma,
    chromaStride,
    scratch,
    out,
    end: top,
  };
}

/** Writes the Huffman and quantization tables and the blocks of an MCU; false where one is missing or wrong. */
function writeTables(header: JpegHeader, file: Uint8Array, layout: Layout, kernels: Kernels): boolean {
  const { run, bytes } = kernels;
  const size = run.tableBytes();
  const built = new Set<number>();
  const table = (number: number, offset: number | undefined, ac: 0 | 1): number => {
    const at = layout.tables + (ac * 4 + number) * size;
    if (offset === undefined) return 0;
    if (built.has(at)) return at;
    built.add(at);
    return run.buildTable(at, layout.file + offset, 1 - ac) === 0 ? at : 0;
  };
  const fields = new Int32Array(bytes.buffer, run.units(), layout.blocks * 8);
  let unit = 0;
  for (const [number, component] of layout.components.entries()) {
    const { h, v } = component;
    const dc = table(component.dc, header.dcTables[component.dc], 0);
    const ac = table(component.ac, header.acTables[component.ac], 1);
    const quantAt = header.quants[component.quant];
    if (!dc || !ac || quantAt === undefined) return false;
    const quant = layout.quants + component.quant * 128;
    const values = new Int16Array(bytes.buffer, quant, 64);
    for (const [k, natural] of NATURAL_ORDER.entries()) values[natural] = file[quantAt + k]!;
    const plane = number === 0 ? layout.luma : layout.chroma[number - 1]!;
    const stride = number === 0 ? layout.lumaStride : layout.chromaStride;
    for (let y = 0; y < v; y++) {
      for (let x = 0; x < h; x++, unit++) {
        const target = plane + y * 8 * stride + x * 8;
        fields.set([number, quant, dc, ac, target, h * 8, v * 8 * stride, stride], unit * 8);
      }
    }
  }
  return true;
}

/** Row-major position of each coefficient of the zigzag order. */
const NATURAL_ORDER = zigzag();

function zigzag(): Uint8Array {
  const order = new Uint8Array(64);
  let k = 0;
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    for (let i = 0; i <= diagonal; i++) {
      // Even diagonals run up and to the right, odd ones down and to the left.
      const [row, column] = diagonal % 2 ? [i, diagonal - i] : [diagonal - i, i];
      if (row < 8 && column < 8) order[k++] = row * 8 + column;
    }
  }
  return order;
}
