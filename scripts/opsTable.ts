/**
 * docs/ops.md: every op of the registry, by family, with its arguments, results, gradient, and how each backend runs it.
 *
 *     npm run docs:ops     # writes it; spec/package/opsTable.spec.ts fails when it is out of date
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttrDef, OpDef } from '../graph/opDef';
import { opFamilies } from '../graph/ops/index';
import { findOp, type RegisteredOp } from '../graph/registry';
import { hasKernel } from '../runtime/kernels/index';
import { compiledAs } from '../runtime/lowering/coverage';
import { lowerings } from '../runtime/lowering/index';

const head = `# Ops

Made by \`npm run docs:ops\` from the registry (\`graph/ops/\`), the plain kernels (\`runtime/kernels/\`) and the lowerings
(\`runtime/lowering/\`); not to be edited. Every op has a shape rule, under the name and with the attributes that it has in TensorFlow.

*plain* is the backend \`plain\`: one kernel per op. *compiled* is the default backend, \`wasm\`: \`loop\` is generated code that
fuses with its neighbours, \`routine\` a kernel of its own, \`view\` another walk over the same memory; \`host\` calls the plain kernel,
and says why. Compiled code is for float32, float64, int32, int64 and bool; other dtypes, and attributes and shapes that a
lowering leaves out, run their plain kernels. \`session.explain\` tells what a fetch does. Gradients are ops of this table.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');

function gradientOf(op: RegisteredOp): string {
  if (typeof op.gradient !== 'function') return `none: ${op.gradient.notDifferentiable}`;
  return op.sparseGradients ? 'yes, of IndexedSlices too' : 'yes';
}

/** Whether there is a plain kernel. */
function kernelOf({ name }: RegisteredOp): string {
  return hasKernel(name) ? 'kernel' : 'by the executor';
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

function row(family: string, op: RegisteredOp): string {
  const names = (named: readonly { readonly name: string }[]): string =>
    named.map(({ name }) => `\`${name}\``).join(', ');
  const { inputs, outputs } = op.def;
  const parts = [
    names([op]),
    names(inputs),
    names(outputs),
    names(attributesOf(op.def)),
    typesOf(op.def),
    kernelOf(op),
    compiledAs(family, op),
    gradientOf(op),
  ];
  return `| ${[...parts, op.stateful ? 'yes' : ''].map(cell).join(' | ')} |`;
}

/** How many ops there are of each kind. */
function summary(): string {
  const all = Object.entries(opFamilies).flatMap(([family, table]) =>
    Object.keys(table).flatMap((name) => {
      const op = findOp(name);
      return op ? [{ op, as: compiledAs(family, op).split(/[:;]| where/)[0] }] : [];
    }),
  );
  const kinds = new Map<string, number>();
  for (const { as } of all) kinds.set(as, (kinds.get(as) ?? 0) + 1);
  const counted = [...kinds].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([as, n]) => `${n} ${as}`);
  const withGradient = all.filter(({ op }) => typeof op.gradient === 'function').length;
  return `\n${all.length} ops, ${withGradient} with gradients, ${Object.keys(lowerings).length} with lowerings; compiled: ${counted.join(', ')}.\n`;
}

/** The text of docs/ops.md. */
export function opsTable(): string {
  const sections = Object.entries(opFamilies).map(([family, table]) => {
    const ops = Object.keys(table).flatMap((name) => findOp(name) ?? []);
    const rows = ops.sort((a, b) => (a.name < b.name ? -1 : 1)).map((op) => row(family, op));
    const columns = ['op', 'inputs', 'outputs', 'attributes', 'types', 'plain', 'compiled', 'gradient', 'stateful'];
    const lines = [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`, ...rows];
    return ops.length === 0 ? '' : `\n## ${family}\n\n${lines.join('\n')}\n`;
  });
  return head + summary() + sections.join('');
}

if (require.main === module) {
  writeFileSync(join(__dirname, '..', 'docs', 'ops.md'), opsTable());
}
