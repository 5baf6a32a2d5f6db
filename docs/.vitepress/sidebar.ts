import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DefaultTheme } from "vitepress";
import { publishedPackages } from "../../integrations/registry/registry.mjs";
import { repositoryRoot } from "./repository-root.js";

const guides = [
  ["Your own images", "guides/own-images"],
  ["OpenImages", "guides/openimages"],
  ["LVIS", "guides/lvis"],
  ["COCO, simulated", "guides/coco-simulation"],
  ["Fine-tune from timm", "guides/timm"],
  ["Review labels", "guides/review"],
  ["Several GPUs", "several-gpus"],
  ["Export and serve", "guides/export"],
  ["In a browser", "guides/browser"],
] as const;

const packages = publishedPackages(repositoryRoot).map(
  ({ name, folder }: { name: string; folder: string }) => ({
    text: name,
    link: `/packages/${folder.split("/").at(-1)}/README`,
  }),
);

export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: "Start",
    items: [
      { text: "In five minutes", link: "/docs/five-minutes" },
      { text: "Which package", link: "/docs/which-package" },
      { text: "The command", link: "/packages/cli/README" },
    ],
  },
  { text: "Guides", items: guides.map(([text, page]) => ({ text, link: `/docs/${page}` })) },
  {
    text: "Understand",
    items: [
      { text: "The method", link: "/docs/method" },
      { text: "Engines and speed", link: "/docs/engines-and-speed" },
      { text: "Comparison", link: "/docs/comparison" },
      { text: "Questions and answers", link: "/docs/faq" },
    ],
  },
  { text: "Packages", collapsed: true, items: packages },
  {
    text: "This repository",
    collapsed: true,
    items: [
      { text: "Architecture", link: "/ARCHITECTURE" },
      { text: "Contributing", link: "/CONTRIBUTING" },
      { text: "Dependencies", link: "/DEPENDENCIES" },
      { text: "Security", link: "/SECURITY" },
      { text: "Benchmarks", link: "/benchmarks/README" },
    ].filter(({ link }) => existsSync(join(repositoryRoot, `${link}.md`))),
  },
];
