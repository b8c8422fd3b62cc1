/**
 * Ops that need not run because what they give is known while compiling: those that pass inputs on, those whose inputs are all known
 * and small, and those that ask for shapes only.
 */
import type { DType } from '../../graph/dtypes';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { KernelContext } from '../kernel';
import { callsFunctions } from './calledFunction';
import type { LowerNote } from './lowered';
import type { Step } from './plan';
import type { Symbolic } from './symbols';

/** Larger inputs or outputs are not computed while compiling. */
const MOST_FOLDED = 4096;

const aliases = new Set(['Identity', 'StopGradient', 'PreventGradient', 'CheckedIdentity', 'PlaceholderWithDefault']);
/** Its handle is the same in every run. */
export const foldedThoughStateful: ReadonlySet<string> = new Set(['VarHandleOp']);

export interface Folded {
  readonly outcome: LowerNote['outcome'];
  readonly outputs: readonly Symbolic[];
}

/** The outputs of ops that compute nothing. */
export function foldTrivial(op: Operation, inputs: readonly Symbolic[]): Folded | null {
  const alias = (outputs: readonly Symbolic[]): Folded => ({ outcome: 'alias', outputs });
  if (aliases.has(op.type)) return alias([inputs[0]]);
  switch (op.type) {
    case 'IdentityN':
      return alias(inputs);
    case 'NoOp':
    case 'ControlTrigger':
      return alias([]);
    case 'Const':
      return { outcome: 'constant', outputs: [{ kind: 'const', array: op.attrs.value as NdArray }] };
    case 'OptionalFromValue':
      return alias([{ kind: 'optional', components: inputs }]);
    case 'OptionalNone':
      return alias([{ kind: 'optional', components: null }]);
    case 'OptionalGetValue':
      return inputs[0].kind === 'optional' && inputs[0].components ? alias(inputs[0].components) : null;
    default:
      return null;
  }
}

/** Computes an op whose inputs are all known and small. */
export function fold(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
  const { op } = step;
  const shape = foldShape(op, inputs);
  if (shape) return shape;
  if (op.def.isStateful && !foldedThoughStateful.has(op.type)) return null;
  if (inputs.length === 0 && !foldedThoughStateful.has(op.type)) return null;
  let elements = 0;
  const arrays: NdArray[] = [];
  for (const symbol of inputs) {
    if (symbol.kind !== 'const') return null;
    elements += symbol.array.size;
    arrays.push(symbol.array);
  }
  if (elements > MOST_FOLDED || callsFunctions(op)) return null;
  for (const output of op.outputs) if ((output.shape.numElements() ?? 0) > MOST_FOLDED) return null;
  let result: NdArray | readonly NdArray[];
  try {
    result = step.kernel(arrays, context);
  } catch {
    // What fails, fails when it is run.
    return null;
  }
  return (result instanceof NdArray ? [result] : result).map((array) => ({ kind: 'const', array }));
}

/** Shapes, ranks and sizes of what has a known shape. */
function foldShape(op: Operation, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
  if (!['Shape', 'ShapeN', 'Rank', 'Size'].includes(op.type)) return null;
  const shapeOf = (symbol: Symbolic): readonly number[] | null =>
    symbol.kind === 'value' ? symbol.value.shape : symbol.kind === 'const' ? symbol.array.shape : null;
  const known = (numbers: readonly number[], dtype: DType, shape: readonly number[]): Symbolic => ({
    kind: 'const',
    array: NdArray.from({ data: [...numbers], shape }, dtype),
  });
  const shapes = inputs.map(shapeOf);
  if (shapes.includes(null)) return null;
  return shapes.map((dims, i) => {
    const { dtype } = op.outputs[i];
    if (op.type === 'Rank') return known([dims!.length], dtype, []);
    if (op.type === 'Size') return known([sizeOf(dims!)], dtype, []);
    return known(dims!, dtype, [dims!.length]);
  });
}
