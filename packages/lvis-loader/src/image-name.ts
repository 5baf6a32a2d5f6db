/** The last two parts of an image's URL, folder and file: `train2017/000000391895.jpg`. */
export function imageName(url: string): string {
  const file = url.lastIndexOf("/");
  return url.slice(url.lastIndexOf("/", file - 1) + 1);
}
