export { runJob, serveJobs } from "./job";
export { setScratch } from "./scratch";
