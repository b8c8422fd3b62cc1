/**
 * What a saver wants to restore against what a checkpoint holds: what is missing, of another type or shape, what is not asked
 * for, and which names were probably changed.
 */
import type { DType } from '../../../graph/dtypes';
import type { Graph } from '../../../graph/graph';
import type { Operation } from '../../../graph/operation';
import { parseSliceSpec } from '../../../graph/savedSlice';
import type { TensorShape } from '../../../graph/shape';
import { constantValue } from '../../../graph/staticValue';
import type { CheckpointReader } from '../../../runtime/files/bundle/checkpointReader';
import { suggestRenames } from './renames';

/** A tensor that a graph restores. */
export interface Expected {
  /** The op that reads it, and which output it is; the op of the variable where no saver is asked. */
  readonly op: Operation;
  readonly index: number;
  readonly name: string;
  /** The part that is read; empty for all of it. */
  readonly slice: string;
  readonly dtype: DType;
  /** What it is assigned to as it is, where that is known. */
  readonly shape: TensorShape | null;
}

const RESTORES: ReadonlySet<string> = new Set(['RestoreV2', 'RestoreSlice', 'Restore']);

/** What an op of a graph restores, when it is run: found by walking from it to the ops that read checkpoints. */
export function expectedBy(graph: Graph, restoreOp: string): Expected[] {
  const root = graph.findOperation(restoreOp);
  if (!root) return [];
  const restores = new Set<Operation>();
  const shapes = new Map<string, TensorShape>();
  const seen = new Set<Operation>();
  const waiting = [root];
  for (let op = waiting.pop(); op; op = waiting.pop()) {
    if (seen.has(op)) continue;
    seen.add(op);
    if (RESTORES.has(op.type)) restores.add(op);
    if (op.type === 'AssignVariableOp' || op.type === 'Assign') {
      const [target, value] = op.inputs;
      const source = value.op.type === 'Identity' ? value.op.inputs[0] : value;
      const shape = op.type === 'Assign' ? target.shape : target.handleData?.shape;
      if (RESTORES.has(source.op.type) && shape) shapes.set(source.name, shape);
    }
    waiting.push(...op.controlInputs, ...op.inputs.map((tensor) => tensor.op));
  }
  return [...restores].sort((a, b) => a.id - b.id).flatMap((op) => expectedOf(op, shapes));
}

function expectedOf(op: Operation, shapes: ReadonlyMap<string, TensorShape>): Expected[] {
  const [names, slices] = [op.inputs[1], op.inputs[2]].map((tensor) => tensor && constantValue(tensor));
  // Names that are computed in the run are not known before it.
  if (!names || slices === null) return [];
  return op.outputs.map((output, index) => ({
    op,
    index,
    name: String(names.data[index]),
    slice: String(slices?.data[index] ?? ''),
    dtype: output.dtype,
    shape: shapes.get(output.name) ?? null,
  }));
}

/** What a saver of all variables would restore. */
export function expectedByVariables(graph: Graph): Expected[] {
  return graph.operations
    .filter(({ type }) => type === 'VarHandleOp' || type === 'VariableV2' || type === 'Variable')
    .map((op) => {
      const { dtype, shape } = op.attrs as { readonly dtype: DType; readonly shape: TensorShape };
      return { op, index: 0, name: op.name, slice: '', dtype, shape };
    });
}

export interface Comparison {
  readonly missing: readonly Expected[];
  /** Of another type than the graph says. */
  readonly mistyped: readonly Expected[];
  /** Of another shape than the variable that they would be assigned to. */
  readonly misshaped: readonly Expected[];
  /** In the checkpoint, but not asked for. */
  readonly extra: readonly string[];
  /** From missing names to names among `extra` that are probably the same. */
  readonly renames: ReadonlyMap<string, string>;
}

function fits(reader: CheckpointReader, expected: Expected, name: string): boolean {
  return reader.dtypeOf(name) === expected.dtype && shapeFits(reader, expected, name);
}

function shapeFits(reader: CheckpointReader, { slice, shape }: Expected, name: string): boolean {
  const stored = reader.shapeOf(name);
  if (slice !== '') return parseSliceSpec(slice).fullShape.join() === stored.join();
  const dims = shape?.dims;
  return !dims || (dims.length === stored.length && dims.every((dim, i) => dim === null || dim === stored[i]));
}

export function compareWith(reader: CheckpointReader, expected: readonly Expected[]): Comparison {
  const found = expected.filter(({ name }) => reader.has(name));
  const missing = expected.filter(({ name }) => !reader.has(name));
  const mistyped = found.filter(({ name, dtype }) => reader.dtypeOf(name) !== dtype);
  const misshaped = found.filter((each) => !mistyped.includes(each) && !shapeFits(reader, each, each.name));
  const asked = new Set(expected.map(({ name }) => name));
  const extra = reader.names.filter((name) => !asked.has(name));
  const renames =
    missing.length === 0
      ? new Map<string, string>()
      : suggestRenames(
          missing.map(({ name }) => name),
          extra,
          (name, other) => missing.every((each) => each.name !== name || canRead(reader, each, other)),
        );
  return { missing, mistyped, misshaped, extra, renames };
}

function canRead(reader: CheckpointReader, expected: Expected, name: string): boolean {
  try {
    return fits(reader, expected, name);
  } catch {
    // A type that is not held here fits nothing.
    return false;
  }
}

const MOST_LISTED = 12;

function listed(items: readonly string[], most: number): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(', ')} and ${more} more` : items.join(', ');
}

const shapeText = (shape: readonly (number | null)[]): string => `[${shape.map((dim) => dim ?? '?').join(',')}]`;

/** What an error of a restore says: one line for each kind of difference, and what can be done. */
export function describeComparison(path: string, reader: CheckpointReader, found: Comparison, count: number): string {
  const { renames } = found;
  const lines = [
    `The saver restores ${count} tensors; the checkpoint ${path} holds ${reader.names.length}:`,
    ...differences(reader, found),
  ];
  if (renames.size > 0) {
    const [[, other]] = renames;
    lines.push(
      `To read renamed tensors under the checkpoint's names: saver.restore(session, path, { assign: 'by-suffix' }), or a saver with names of its own: new tf.train.Saver({ '${other}': variable, … }).`,
    );
  }
  return lines.join('\n');
}

/** One line for each kind of difference. */
export function differences(reader: CheckpointReader, found: Comparison, most = MOST_LISTED): string[] {
  const { missing, mistyped, misshaped, extra, renames } = found;
  const lines: string[] = [];
  const add = (title: string, items: readonly string[]) => {
    if (items.length > 0) lines.push(`  ${title} (${items.length}): ${listed(items, most)}`);
  };
  const unexplained = missing.filter(({ name }) => !renames.has(name));
  add(
    'missing from the checkpoint',
    unexplained.map(({ name }) => name),
  );
  add(
    'of another type',
    mistyped.map(
      ({ name, dtype }) => `${name} is ${reader.dtypeOf(name).name} in the checkpoint, ${dtype.name} in the graph`,
    ),
  );
  add(
    'of another shape',
    misshaped.map(({ name, shape, slice }) => {
      const wanted = slice === '' ? shape!.dims! : parseSliceSpec(slice).fullShape;
      return `${name} is ${shapeText(reader.shapeOf(name))} in the checkpoint, ${shapeText(wanted)} in the graph`;
    }),
  );
  add(
    'probably renamed',
    [...renames].map(([name, other]) => `${name} is ${other} in the checkpoint`),
  );
  const taken = new Set(renames.values());
  add(
    'in the checkpoint only',
    extra.filter((name) => !taken.has(name)),
  );
  return lines;
}
