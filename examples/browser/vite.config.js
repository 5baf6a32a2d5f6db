import { defaultClientConditions } from "vite";

/** Threads of WebAssembly need memory that is shared with workers: only a page that is isolated from other origins has it. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The page may load its own files and nothing else. A worker of the wasm engine is made from a text, thus `blob:`. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' data:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** In the built page alone: the development server puts scripts and styles of its own into it. */
const contentSecurityPolicy = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
};

export default {
  // Addresses relative to the page: the built folder may be served from anywhere.
  base: "./",
  // A file that is missing is missing; the page itself would be sent otherwise.
  appType: "mpa",
  // The sources of the workspace's packages: nothing has to be built before.
  resolve: { conditions: ["@csl/source", ...defaultClientConditions] },
  server: { headers },
  preview: { headers },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
  },
  plugins: [contentSecurityPolicy],
};
