/**
 * docs/ops.md: every op of the registry, by family, with its arguments, results and gradient.
 *
 *     npm run docs:ops     # writes it; spec/package/opsTable.spec.ts fails when it is out of date
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttrDef, OpDef } from '../graph/opDef';
import { opFamilies } from '../graph/ops/index';
import { findOp, type RegisteredOp } from '../graph/registry';

const head = `# Ops

Made by \`npm run docs:ops\` from the registry (\`graph/ops/\`); not to be edited. Every op has a shape rule and a plain
kernel (\`runtime/kernels/\`), under the name and with the attributes that it has in TensorFlow.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');

function gradientOf(op: RegisteredOp): string {
  if (typeof op.gradient !== 'function') return `none: ${op.gradient.notDifferentiable}`;
  return op.sparseGradients ? 'yes, of IndexedSlices too' : 'yes';
}

/** The attributes that a user gives: arguments decide the others. */
function attributesOf({ inputs, outputs, attrs }: OpDef): readonly AttrDef[] {
  const decided = new Set([...inputs, ...outputs].flatMap((arg) => [arg.typeAttr, arg.typeListAttr, arg.numberAttr]));
  return attrs.filter((attr) => !decided.has(attr.name));
}

/** The dtypes that the type attributes allow; those that allow any are left out. */
function typesOf({ attrs }: OpDef): string {
  const limited = attrs.filter((attr) => attr.allowedTypes !== null);
  return limited.map((attr) => `${attr.name}: ${attr.allowedTypes?.map((dtype) => dtype.name).join(' ')}`).join('; ');
}

function row(op: RegisteredOp): string {
  const names = (named: readonly { readonly name: string }[]): string =>
    named.map(({ name }) => `\`${name}\``).join(', ');
  const { inputs, outputs } = op.def;
  const parts = [
    names([op]),
    names(inputs),
    names(outputs),
    names(attributesOf(op.def)),
    typesOf(op.def),
    gradientOf(op),
  ];
  return `| ${[...parts, op.stateful ? 'yes' : ''].map(cell).join(' | ')} |`;
}

/** The text of docs/ops.md. */
export function opsTable(): string {
  const sections = Object.entries(opFamilies).map(([family, table]) => {
    const ops = Object.keys(table).flatMap((name) => findOp(name) ?? []);
    const rows = ops.sort((a, b) => (a.name < b.name ? -1 : 1)).map(row);
    const columns = ['op', 'inputs', 'outputs', 'attributes', 'types', 'gradient', 'stateful'];
    const lines = [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`, ...rows];
    return ops.length === 0 ? '' : `\n## ${family}\n\n${lines.join('\n')}\n`;
  });
  return head + sections.join('');
}

if (require.main === module) {
  writeFileSync(join(__dirname, '..', 'docs', 'ops.md'), opsTable());
}
