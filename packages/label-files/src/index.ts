export { type Cacheable, type Cached, cached } from "./cached.js";
export { type FileKey, fileKey, sameFile } from "./file-key.js";
export { IdNumbers } from "./id-numbers.js";
export { JsonCursor } from "./json-cursor.js";
export { NumberColumn } from "./number-column.js";
export { type ReadBlocksOptions, readBlocks } from "./read-blocks.js";
export { type ScanOptions, scanJson } from "./scan-json.js";
