export { ranksInProcess } from "@csl/test-support/ranks-in-process";
