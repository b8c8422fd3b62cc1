/**
 * What each op is called with in ops.spec.ts: a table for ops with shapes of their own (the files inputs*.ts), one rule for
 * elementwise ops, and for ops that cannot be run from plain arrays the reason.
 */
import type { RegisteredOp } from '../../graph/registry';
import { eachType, type Maker, pairs, type Range, unaryShapes } from './generate';
import { arrayInputs } from './inputsArray';
import { indexInputs } from './inputsIndex';
import { layoutInputs } from './inputsLayout';
import { mathInputs } from './inputsMath';
import { modelInputs } from './inputsModels';
import { nnInputs } from './inputsNn';
import { summaryInputs } from './inputsSummary';
import { textInputs } from './inputsText';

const reasons: Readonly<Record<string, string>> = {
  Const: 'has no inputs',
  NoOp: 'has no outputs',
  Placeholder: 'is fed',
  PlaceholderWithDefault: 'is fed',
  Assert: 'has no outputs; errors of runs are compared by their op specs',
  Print: 'prints',
  PrintV2: 'prints',
  StatelessRandomGetAlg: 'depends on the device',
  MaxPoolGradGradWithArgmax: 'has no kernel for CPUs',
  ImageSummary: 'compresses pictures in its own way; their pixels are compared with a golden',
  Switch: 'yields a dead tensor: see flow.spec.ts',
  Merge: 'takes what is alive: see flow.spec.ts',
  Enter: 'leads into a loop: see flow.spec.ts',
  Exit: 'leads out of a loop: see flow.spec.ts',
  NextIteration: 'belongs to a loop: see flow.spec.ts',
  LoopCond: 'belongs to a loop: see flow.spec.ts',
  ControlTrigger: 'has no outputs',
  SaveV2: 'works on files: see checkpoints.spec.ts',
  RestoreV2: 'works on files: see checkpoints.spec.ts',
  Restore: 'works on files: see checkpoints.spec.ts',
  RestoreSlice: 'works on files: see checkpoints.spec.ts',
  MergeV2Checkpoints: 'works on files: see checkpoints.spec.ts',
  TopK: 'is gone from graphs of version 7 on',
};

/** Why the op is not compared here, or null. */
export function reasonToSkip({ name, def }: RegisteredOp): string | null {
  const args = [...def.inputs, ...def.outputs];
  const kinds = args.map((arg) => arg.dtype?.name);
  if (args.some((arg) => arg.isRef)) return 'works on a reference: see flow.spec.ts';
  if (kinds.includes('resource')) return 'works on a resource';
  if (kinds.includes('variant')) return 'works on a variant';
  if (def.attrs.some((attr) => attr.kind === 'func')) return 'calls functions';
  if (def.attrByName.has('seed2')) return 'draws random numbers: see random.spec.ts';
  return reasons[name] ?? null;
}

const positive: Range = { low: 0.1, high: 6 };
const unit: Range = { low: -0.99, high: 0.99 };

/** Where functions are defined, or where their values can be compared. */
const ranges: Readonly<Record<string, readonly Range[]>> = {
  Acosh: [{ low: 1, high: 9 }],
  Atanh: [unit, { special: true }],
  Erfinv: [unit],
  Ndtri: [{ low: 0.01, high: 0.99 }],
  Digamma: [positive],
  Lgamma: [positive, { low: -4.9, high: -0.1 }],
  Polygamma: [{ low: 1, high: 4 }],
  Zeta: [{ low: 1.2, high: 6 }],
  LeftShift: [{ low: 0, high: 7 }],
  RightShift: [{ low: 0, high: 7 }],
  // Beside zeros and NaNs, TensorFlow's vectors and its remainders of vectors have results of their own.
  InvGrad: [{}],
  ReciprocalGrad: [{}],
  RsqrtGrad: [{}],
  SqrtGrad: [{}],
  Pow: [
    { low: 0, high: 4 },
    { low: 0.2, high: 3, special: true },
  ],
};
const usual: readonly Range[] = [{}, { special: true }];

/** Elementwise ops: all inputs of one dtype; two inputs broadcast, except with gradients, which have the input's shape. */
export function elementwise({ name, def }: RegisteredOp): Maker | null {
  const { inputs } = def;
  const attr = inputs[0]?.typeAttr ?? null;
  if (inputs.length === 0 || inputs.length > 2) return null;
  if (inputs.some((arg) => arg.numberAttr || arg.typeListAttr || arg.typeAttr !== attr)) return null;
  const free = def.attrs.filter((one) => one.name !== attr && one.defaultValue === undefined);
  if (free.length > 0) return null;
  const shapes = inputs.length === 1 ? unaryShapes.map((shape) => [shape]) : pairs;
  const rows = (ranges[name] ?? usual).flatMap((range) => shapes.map((shape) => ({ range, shape })));
  return eachType(attr ?? '', rows, (make, dtype, { range, shape }) => {
    const dims = name.endsWith('Grad') ? shape.map(() => shape[0]) : shape;
    const values = inputs.map((arg, i) => [arg.name, make.array(arg.dtype ?? dtype, dims[i], range)]);
    return { inputs: Object.fromEntries(values) };
  });
}

export const table: Readonly<Record<string, Maker>> = {
  ...mathInputs,
  ...arrayInputs,
  ...layoutInputs,
  ...textInputs,
  ...summaryInputs,
  ...indexInputs,
  ...nnInputs,
  ...modelInputs,
};
