/** An OpenImages id: 16 hexadecimal digits, 64 bits. It exceeds 2^53, so it is a text and never a number. */
export type ImageId = string;

/** The id in whatever form a list writes it: `train/000026E7EE790996.jpg`, upper case, with folders. Else undefined. */
export function parseImageId(text: string): ImageId | undefined {
  return /(?:^|[\\/])([0-9a-f]{16})(?:\.[a-z0-9]+)?$/i.exec(text.trim())?.[1]?.toLowerCase();
}
