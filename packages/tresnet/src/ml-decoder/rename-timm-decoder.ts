/** timm's ML-Decoder has queries, token layer and group layer beside its decoder, the reference inside of it. */
const outside = /^head\.((?:embed_standart|query_embed|duplicate_pooling)(?:[._].*)?)$/;

/** A key of timm's ML-Decoder head as the reference has it; other keys stay. */
export function renameTimmDecoder(key: string): string {
  return key.replace(outside, "head.decoder.$1");
}
