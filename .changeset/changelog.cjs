// What a release says in each package's CHANGELOG.md: its own changes. All packages share one version, so the list of
// the packages that were released with it says nothing.
const getReleaseLine = async ({ summary }) => {
  const [first, ...rest] = summary.trim().split("\n");
  return [`- ${first}`, ...rest.map((line) => (line === "" ? "" : `  ${line}`))].join("\n");
};

module.exports = { getReleaseLine, getDependencyReleaseLine: async () => "" };
