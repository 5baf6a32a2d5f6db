// A reporter of vitest: a line of JSON for each test file, as soon as it has ended.

export default class {
  onTestModuleEnd(module) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures = module.errors().map(({ message }) => ({ test: "the file itself", message }));
    for (const test of module.children.allTests()) {
      const { state, errors = [] } = test.result();
      counts[state]++;
      if (state === "failed") failures.push({ test: test.fullName, message: errors[0]?.message ?? "" });
    }
    process.stdout.write(`${JSON.stringify({ file: module.relativeModuleId, counts, failures })}\n`);
  }
}
