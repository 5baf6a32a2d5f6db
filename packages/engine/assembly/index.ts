export { runJob, serveJobs, setThreads } from "./job";
export { setScratch } from "./scratch";
