// A page whose address says so is isolated from other origins, and may share memory with its workers.
function isolate({ middlewares }) {
  middlewares.use((request, response, next) => {
    if (request.url.includes("isolated") || request.headers.referer?.includes("isolated")) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    next();
  });
}

export default {
  build: { rollupOptions: { input: ["index.html", "tag.html", "train.html"] }, chunkSizeWarningLimit: 4000 },
  plugins: [{ name: "isolate", configurePreviewServer: isolate }],
};
