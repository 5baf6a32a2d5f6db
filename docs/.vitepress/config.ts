import { fileURLToPath } from "node:url";
import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import { includeSections } from "./markdown/include-sections.js";
import { linkSources } from "./markdown/link-sources.js";
import { repositoryRoot } from "./repository-root.js";
import { sidebar } from "./sidebar.js";

const packed = (name: string, file: string) =>
  fileURLToPath(import.meta.resolve(`@tensorflow/${name}/dist/${file}.fesm.js`));

/** What the figures compute with has no place in the pages as they are rendered for the first look. */
const figuresInBrowsersOnly = {
  name: "figures-in-browsers-only",
  load: (id: string, options?: { ssr?: boolean }) =>
    options?.ssr && /figures\/[\w-]+\.ts$/.test(id) ? "export {};" : undefined,
};

/**
 * The repository's own pages are the site's: READMEs under their paths, and beside them the guides of this folder. Links
 * therefore work here and where the repository is browsed; `check-links.mjs` looks at all of them after the build.
 */
export default defineConfig({
  title: "CSL",
  description: "Learning from incomplete labels, in TypeScript",
  lang: "en",
  srcDir: repositoryRoot,
  srcExclude: [
    "**/CHANGELOG.md",
    "**/fixtures/**",
    "**/NOTICE.md",
    "tooling/kills/**",
    "**/dist/**",
    "out/**",
    "runs/**",
  ],
  rewrites: { "docs/index.md": "index.md" },
  base: process.env.DOCS_BASE ?? "/",
  ignoreDeadLinks: true,
  lastUpdated: false,
  // Pages outside of this folder have no node_modules with Vue above them.
  vite: {
    plugins: [figuresInBrowsersOnly],
    resolve: {
      // The packages' sources: the site needs no build of theirs.
      conditions: ["@csl/source"],
      alias: [
        // One file each in the place of hundreds, which would take most of the build's time.
        { find: /^@tensorflow\/tfjs-core$/, replacement: packed("tfjs-core", "tf-core") },
        {
          find: /^@tensorflow\/tfjs-backend-cpu$/,
          replacement: packed("tfjs-backend-cpu", "tf-backend-cpu"),
        },
        {
          find: /^vue$/,
          replacement: fileURLToPath(import.meta.resolve("vue/dist/vue.runtime.esm-bundler.js")),
        },
        {
          find: /^vue\/server-renderer$/,
          replacement: fileURLToPath(import.meta.resolve("vue/server-renderer")),
        },
      ],
    },
  },
  markdown: {
    // As where the repository is browsed: READMEs link to their own headings.
    anchor: { slugify: (text) => slug(text) },
    config(md) {
      includeSections(md);
      linkSources(md);
    },
  },
  themeConfig: {
    nav: [
      { text: "In five minutes", link: "/docs/five-minutes" },
      { text: "Guides", link: "/docs/guides/own-images" },
      { text: "The method", link: "/docs/method" },
      { text: "Packages", link: "/docs/which-package" },
      { text: "API", link: "/api/index.html", target: "_self" },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    externalLinkIcon: true,
  },
});
