// Kills commands at random moments and repeats them: see README.md.
import { register } from "tsx/esm/api";

register();
await import("./src/main.ts");
