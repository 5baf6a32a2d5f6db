import sharp from "sharp";

/** RGB bytes, row after row. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

/** A small version of an image as the address of an `<img>`: a data URI of two or three kB. */
export async function thumbnail({ data, width, height }: Pixels, side = 96): Promise<string> {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 70, mozjpeg: false })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}
