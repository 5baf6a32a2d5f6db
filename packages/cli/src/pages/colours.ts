/** Colours by name, as in `var(--ink)`; the series of charts are told apart by eyes that see no red or green, too. */
const light = {
  paper: "#ffffff",
  panel: "#f6f7f9",
  ink: "#1c2430",
  faint: "#5d6877",
  line: "#d5dae1",
  accent: "#1f5fae",
  good: "#1f7a4d",
  bad: "#b3372c",
  "series-1": "#1f6fc0",
  "series-2": "#d8730c",
  "series-3": "#3a9271",
  "series-4": "#b0489a",
  "series-5": "#6f6a63",
} as const;

type Colours = Record<keyof typeof light, string>;

const dark: Colours = {
  paper: "#12161c",
  panel: "#1a2029",
  ink: "#e6eaf0",
  faint: "#9aa6b5",
  line: "#343d4a",
  accent: "#7db4f2",
  good: "#63c491",
  bad: "#f08a7f",
  "series-1": "#6aaef5",
  "series-2": "#f2a04f",
  "series-3": "#6fcba8",
  "series-4": "#e08bce",
  "series-5": "#b5afa6",
};

const variables = (colours: Colours): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value};`)
    .join("");

/** The colours as variables of a page: light on paper and where nothing else is asked for. */
export const colourVariables: string = `:root{color-scheme:light dark;${variables(light)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(dark)}}}`;

/** A style with the light colours in the place of the variables, for images outside of a page. */
export function withoutVariables(style: string): string {
  return style.replace(/var\(--([\w-]+)\)/g, (whole, name: string) =>
    name in light ? light[name as keyof typeof light] : whole,
  );
}
