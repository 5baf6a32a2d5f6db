/** One style: an icon set on npm, its credits, and the splits it may appear in. */
export interface DrawingSet {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly licence: string;
  readonly author: string;
  readonly source: string;
  /** `svg`: Iconify's icons.json with SVG bodies. `webp`: one rendered file for each code point. */
  readonly form: "svg" | "webp";
  /** Held back from train and val: the style of the out-of-distribution split. */
  readonly heldBack: boolean;
}

/**
 * The seven styles. Only licences without a share-alike clause: what a user draws with them is the user's own.
 * OpenMoji and EmojiOne v1 (CC BY-SA) are left out for that reason.
 */
export const drawingSets: readonly DrawingSet[] = [
  {
    name: "noto",
    package: "@iconify-json/noto",
    version: "1.2.9",
    licence: "Apache-2.0",
    author: "Google Inc",
    source: "https://github.com/googlefonts/noto-emoji",
    form: "svg",
    heldBack: false,
  },
  {
    name: "noto-v1",
    package: "@iconify-json/noto-v1",
    version: "1.2.5",
    licence: "Apache-2.0",
    author: "Google Inc",
    source: "https://github.com/googlefonts/noto-emoji",
    form: "svg",
    heldBack: false,
  },
  {
    name: "fluent-emoji-flat",
    package: "@iconify-json/fluent-emoji-flat",
    version: "1.2.6",
    licence: "MIT",
    author: "Microsoft Corporation",
    source: "https://github.com/microsoft/fluentui-emoji",
    form: "svg",
    heldBack: false,
  },
  {
    name: "fxemoji",
    package: "@iconify-json/fxemoji",
    version: "1.2.2",
    licence: "Apache-2.0",
    author: "Mozilla",
    source: "https://github.com/mozilla/fxemoji",
    form: "svg",
    heldBack: false,
  },
  {
    name: "emojione",
    package: "@iconify-json/emojione",
    version: "1.2.3",
    licence: "CC-BY-4.0",
    author: "Emoji One",
    source: "https://github.com/EmojiTwo/emojitwo",
    form: "svg",
    heldBack: false,
  },
  {
    name: "twemoji",
    package: "@iconify-json/twemoji",
    version: "1.2.5",
    licence: "CC-BY-4.0",
    author: "Twitter",
    source: "https://github.com/jdecked/twemoji",
    form: "svg",
    heldBack: true,
  },
  {
    name: "fluent-3d",
    package: "@lobehub/fluent-emoji-3d",
    version: "1.1.0",
    licence: "MIT",
    author: "Microsoft Corporation; packaged by LobeHub",
    source: "https://github.com/lobehub/fluent-emoji",
    form: "webp",
    heldBack: true,
  },
];
