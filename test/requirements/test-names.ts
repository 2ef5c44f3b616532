import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..', '..');
const folders = ['apps', 'libs', 'test', 'bench', 'deploy'];
const FUNCTIONS = /^(describe|it|test)$/;

export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** The names of all tests and suites in the repository, the rows of `it.each` tables included; read from the sources, nothing is run. */
export const testNames = (): readonly NamedTest[] =>
  specFiles().flatMap((file) => namesIn(file, readFileSync(file, 'utf8')));

/** The names in one source file. */
export const namesIn = (file: string, text: string): readonly NamedTest[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const tables = declarations(source);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) names.push(...namesOfCall(node, tables));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names.map((name) => ({ file: relative(root, file), name }));
};

const specFiles = (): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.spec.ts') && !file.includes('node_modules'))
      .map((file) => join(root, folder, file)),
  );

/** Constants of a file, so that a table that stands apart from its `it.each` is found. */
const declarations = (source: ts.SourceFile): ReadonlyMap<string, ts.Expression> => {
  const found = new Map<string, ts.Expression>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined)
      found.set(node.name.text, node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

/** `it('name', …)`, `describe.each(table)('name', …)`: the name, and the first text of each row. */
const namesOfCall = (call: ts.CallExpression, tables: ReadonlyMap<string, ts.Expression>): readonly string[] => {
  const called = unwrapped(call.expression);
  if (ts.isCallExpression(called) && isEach(called.expression)) {
    const [table] = called.arguments;
    return [...textOf(call.arguments[0]), ...(table === undefined ? [] : rowNames(table, tables))];
  }
  return isTestFunction(called) ? textOf(call.arguments[0]) : [];
};

const isTestFunction = (expression: ts.Expression): boolean =>
  ts.isIdentifier(expression) && FUNCTIONS.test(expression.text);

const isEach = (expression: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(expression) && expression.name.text === 'each' && isTestFunction(expression.expression);

const rowNames = (table: ts.Expression, tables: ReadonlyMap<string, ts.Expression>): readonly string[] => {
  const rows = unwrapped(table);
  if (ts.isIdentifier(rows)) {
    const declared = tables.get(rows.text);
    return declared === undefined ? [] : rowNames(declared, new Map());
  }
  if (!ts.isArrayLiteralExpression(rows)) return [];
  return rows.elements.flatMap((element) => {
    const row = unwrapped(element);
    return ts.isArrayLiteralExpression(row) ? textOf(row.elements[0]) : textOf(row);
  });
};

const unwrapped = (expression: ts.Expression): ts.Expression =>
  ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) || ts.isParenthesizedExpression(expression)
    ? unwrapped(expression.expression)
    : expression;

const textOf = (node: ts.Node | undefined): readonly string[] => {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  return ts.isTemplateExpression(node) ? [node.getText()] : [];
};
