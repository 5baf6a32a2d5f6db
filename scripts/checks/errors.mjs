// Packages throw CslError, and no code decides anything by the text of an error or takes a part of it away: what a
// program needs to know is the code, or a value. Tests may look at texts.
//
//   node scripts/checks/errors.mjs
import ts from "typescript";
import { filesMatching, isTest } from "./repository.mjs";

const readers = new Set(
  "includes startsWith endsWith match matchAll replace replaceAll search indexOf test exec".split(" "),
);
const comparisons = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);
const folders =
  /^(packages\/[^/]+|examples\/[^/]+|benchmarks|tooling\/[^/]+|scripts|integrations)\/.*\.(ts|mts|mjs|js|cjs)$/;

const withoutCode = new Set(["Error", "RangeError", "TypeError", "SyntaxError", "AggregateError"]);

let texts = 0;
let uncoded = 0;
const files = filesMatching(folders).filter(([path]) => !isTest(path));
for (const [path, text] of files) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  visit(source, (node) => {
    const reads = readsText(node);
    const makes = /^packages\/[^/]+\/src\//.test(path) && makesUncoded(node);
    if (!reads && !makes) return;
    if (reads) texts++;
    else uncoded++;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    const what = reads ? "reads the text of an error" : "makes an error without a code";
    console.log(`${path}:${line + 1}: ${what}: ${node.getText().split("\n")[0]}`);
  });
}
if (files.length < 400) throw new Error(`errors: expected the repository's sources, found ${files.length}`);
console.log(
  `${files.length} files, ${texts} places read the text of an error, ${uncoded} make an error without a code`,
);
process.exitCode = texts + uncoded === 0 ? 0 : 1;

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function makesUncoded(node) {
  return (
    ts.isNewExpression(node) && ts.isIdentifier(node.expression) && withoutCode.has(node.expression.text)
  );
}

/** `text.includes(…)`, `/…/.test(text)`, `text === …` or `switch (text)`, where text is an error's. */
function readsText(node) {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    if (!readers.has(node.expression.name.text)) return false;
    return isErrorText(node.expression.expression) || node.arguments.some(isErrorText);
  }
  if (ts.isBinaryExpression(node) && comparisons.has(node.operatorToken.kind))
    return isErrorText(node.left) || isErrorText(node.right);
  return ts.isSwitchStatement(node) && isErrorText(node.expression);
}

/** Whether an expression is the text of an error: `….message`, `String(error)`, `error.toString()` or a variable `message`. */
function isErrorText(node) {
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node))
    return isErrorText(node.expression);
  if (ts.isIdentifier(node)) return node.text === "message";
  if (ts.isPropertyAccessExpression(node)) return node.name.text === "message" || node.name.text === "stack";
  if (ts.isBinaryExpression(node)) return isErrorText(node.left) || isErrorText(node.right);
  if (!ts.isCallExpression(node)) return false;
  const [first] = node.arguments;
  if (ts.isIdentifier(node.expression))
    return node.expression.text === "String" && first !== undefined && isError(first);
  return ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === "toString"
    ? isError(node.expression.expression)
    : false;
}

function isError(node) {
  return ts.isIdentifier(node) && /^(error|err|reason|cause|problem|failure|e)$/i.test(node.text);
}
