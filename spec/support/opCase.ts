/**
 * One row per case of an op: `opCase` builds the op, runs it and checks dtype, shape and value; then its gradients
 * against central differences in float64.
 *
 *     opCase('MatMul', 'plain', {
 *       inputs: [f32([[1, 2]]), f32([[3], [4]])],
 *       build: (a, b) => matmul(a, b),
 *       want: f32([[11]]),          // or a list of arrays for several outputs, or a function of the inputs
 *     });
 *     opCase('MatMul', 'gradient', { inputs: [f64(...), f64(...)], build, gradient: true });
 *
 * - Every case is built three times: inputs as constants, as placeholders with unknown dimensions, and as placeholders of
 *   unknown rank (skip the latter two with `staticOnly`, when the op needs known values to be built). Static shapes must
 *   be compatible with the shapes at run time.
 * - Values are computed by the default backend, and once more per row by backend 'plain'; both must be as wanted, or equal.
 *   Constants are folded while compiling, and what lowerings need to know is not known when it is fed; so each row is run
 *   once more with constants over which only the numbers are fed: its floats, or its first input.
 * - `gradient: true` differentiates with respect to all float64 inputs; `gradient: [0, 2]` to those. `want` may then be absent.
 * - `fails` is a RegExp that the error must match, while building with constants or while running with placeholders.
 * - `op` must be present in the graph (or in a function of it). `covers` names further ops that the case exercises;
 *   for a gradient row, the gradient rules of `op` and of `covers` count as checked.
 */
import { expect } from 'chai';
import { convertToTensor } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import { type ArrayLike, NdArray } from '../../graph/ndarray';
import { constant, placeholder } from '../../graph/ops/source';
import { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { expectClose, isClose, type Tolerance, tolerances } from './close';
import { expectLegal } from './legal';

export const f32 = (value: ArrayLike) => NdArray.from(value, dtypes.float32);
export const f64 = (value: ArrayLike) => NdArray.from(value, dtypes.float64);
export const i32 = (value: ArrayLike) => NdArray.from(value, dtypes.int32);
export const i64 = (value: ArrayLike) => NdArray.from(value, dtypes.int64);
export const u8 = (value: ArrayLike) => NdArray.from(value, dtypes.uint8);
export const bools = (value: ArrayLike) => NdArray.from(value, dtypes.bool);
export const strings = (value: ArrayLike) => NdArray.from(value, dtypes.string);

export interface OpCase {
  readonly inputs: readonly NdArray[];
  readonly build: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly want?: NdArray | readonly NdArray[];
  readonly gradient?: boolean | readonly number[];
  readonly fails?: RegExp;
  readonly covers?: readonly string[];
  readonly staticOnly?: boolean;
  readonly tolerance?: Tolerance;
  /** Step of the central differences. */
  readonly step?: number;
}

/** Ops that some value row, and ops whose gradient rule some gradient row, has exercised: read by coverage.spec.ts. */
export const coveredValues = new Set<string>();
export const coveredGradients = new Set<string>();

type Feeding = 'constants' | 'unknown dimensions' | 'unknown rank';

interface Built {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly feed: readonly (readonly [Tensor, NdArray])[];
}

function buildCase(row: OpCase, feeding: Feeding): Built {
  const graph = new Graph();
  return graph.asDefault(() => {
    const inputs = row.inputs.map((value) => {
      if (feeding === 'constants') return constant(value);
      return placeholder(value.dtype, feeding === 'unknown rank' ? null : value.shape.map(() => null));
    });
    const built = row.build(...inputs);
    const outputs = built instanceof Tensor ? [built] : [...built];
    const feed = feeding === 'constants' ? [] : inputs.map((tensor, i) => [tensor, row.inputs[i]] as const);
    return { graph, inputs, outputs, feed };
  });
}

function opTypes(graph: Graph): Set<string> {
  const all = [graph, ...graph.functions.values()].flatMap((part) => part.operations.map((op) => op.type));
  return new Set(all);
}

function checkValues(op: string, row: OpCase, feeding: Feeding): void {
  const { graph, inputs, outputs, feed } = buildCase(row, feeding);
  for (const type of [op, ...(row.covers ?? [])]) expect([...opTypes(graph)], 'ops of the graph').to.include(type);
  expectLegal(graph);
  const compiled = new Session({ graph }).runSync(outputs, { feed }) as NdArray[];
  checkOutputs(row, outputs, compiled);
  if (feeding === 'constants' && !row.fails && inputs.length > 0) {
    const all = inputs.map((tensor, i) => [tensor, row.inputs[i]] as const);
    const floats = all.filter(([{ dtype }]) => dtype.isFloating || dtype.isComplex);
    const numbers = floats.length > 0 ? floats : all.slice(0, 1);
    checkOutputs(row, outputs, new Session({ graph }).runSync(outputs, { feed: numbers }) as NdArray[]);
  }
  if (feeding !== (row.staticOnly ? 'constants' : 'unknown dimensions')) return;
  const plain = new Session({ graph, config: { backend: 'plain' } }).runSync(outputs, { feed }) as NdArray[];
  checkOutputs(row, outputs, plain);
  if (row.want !== undefined || isChance(graph)) return;
  compiled.forEach((value, i) => expectClose(value, plain[i], row.tolerance));
}

/** Whether some op may give other values each time. */
const isChance = (graph: Graph): boolean =>
  [graph, ...graph.functions.values()].some((part) => part.operations.some((op) => op.def.isStateful));

function checkOutputs(row: OpCase, outputs: readonly Tensor[], got: readonly NdArray[]): void {
  got.forEach((value, i) => {
    expect(
      outputs[i].shape.isCompatibleWith(value.shape),
      `static shape ${outputs[i].shape} of a value of shape [${value.shape}]`,
    ).to.equal(true);
    expect(value.dtype.name, 'dtype at run time').to.equal(outputs[i].dtype.name);
  });
  if (row.want === undefined) return;
  const want = row.want instanceof NdArray ? [row.want] : row.want;
  expect(got.length, 'number of outputs').to.equal(want.length);
  got.forEach((value, i) => expectClose(value, want[i], row.tolerance));
}

/** A fixed, uneven weighting of the outputs, so that errors in single elements cannot cancel. */
function weights(shape: readonly number[]): NdArray {
  const value = NdArray.zeros(dtypes.float64, shape);
  for (let i = 0; i < value.data.length; i++) value.data[i] = Math.sin(i * 1.7 + 0.3) + 1.2;
  return value;
}

function differentiated(row: OpCase): number[] {
  if (Array.isArray(row.gradient)) return [...row.gradient];
  return row.inputs.flatMap((value, i) => (value.dtype === dtypes.float64 ? [i] : []));
}

function checkGradients(row: OpCase, feeding: Feeding): void {
  const { graph, inputs, outputs, feed } = buildCase(row, feeding);
  const session = new Session({ graph });
  const floats = outputs.filter((tensor) => tensor.dtype === dtypes.float64);
  expect(floats.length, 'float64 outputs to differentiate').to.be.greaterThan(0);
  const which = differentiated(row);
  expect(which.length, 'float64 inputs to differentiate by').to.be.greaterThan(0);
  const base = session.runSync(floats, { feed }) as NdArray[];
  const seeds = base.map((value) => weights(value.shape));
  const symbolic = graph.asDefault(() => {
    const found = gradients(
      floats,
      which.map((i) => inputs[i]),
      { gradYs: seeds },
    );
    return found.map((gradient, k) => {
      if (gradient === null) return expect.fail(`no gradient for input ${which[k]}`);
      return gradient instanceof IndexedSlices ? convertToTensor(gradient) : gradient;
    });
  });
  expectLegal(graph);
  const analytic = session.runSync(symbolic, { feed }) as NdArray[];
  const numeric = numericGradients(row, which, seeds);
  analytic.forEach((gradient, k) => {
    expect([...gradient.shape], `shape of the gradient of input ${which[k]}`).to.deep.equal([
      ...row.inputs[which[k]].shape,
    ]);
    for (let i = 0; i < gradient.data.length; i++) {
      const [got, want] = [gradient.data[i] as number, numeric[k][i]];
      if (!isClose(got, want, row.tolerance ?? tolerances.gradient))
        expect.fail(`input ${which[k]}, element ${i}: gradient ${got}, numeric ${want}`);
    }
  });
}

function numericGradients(row: OpCase, which: readonly number[], seeds: readonly NdArray[]): number[][] {
  const { graph, inputs, outputs } = buildCase(row, 'constants');
  const session = new Session({ graph });
  const floats = outputs.filter((tensor) => tensor.dtype === dtypes.float64);
  const objective = (index: number, value: NdArray) => {
    const values = session.runSync(floats, { feed: [[inputs[index], value]] }) as NdArray[];
    return values.reduce(
      (sum, output, k) =>
        sum + (output.data as Float64Array).reduce((part, v, i) => part + v * (seeds[k].data[i] as number), 0),
      0,
    );
  };
  const step = row.step ?? 1e-5;
  return which.map((index) => {
    const original = row.inputs[index] as NdArray<'float64'>;
    return Array.from(original.data, (_, i) => {
      const [above, below] = [original.copy(), original.copy()];
      above.data[i] += step;
      below.data[i] -= step;
      return (objective(index, above) - objective(index, below)) / (2 * step);
    });
  });
}

/** Registers the specs of one row. */
export function opCase(op: string, title: string, row: OpCase): void {
  const feedings: Feeding[] = row.staticOnly ? ['constants'] : ['constants', 'unknown dimensions', 'unknown rank'];
  describe(`${op}: ${title}`, () => {
    if (row.fails) {
      for (const feeding of feedings) {
        it(`fails with ${feeding}`, () => expect(() => checkValues(op, row, feeding)).to.throw(row.fails));
      }
      return;
    }
    coveredValues.add(op);
    for (const type of row.covers ?? []) coveredValues.add(type);
    for (const feeding of feedings) it(`computes with ${feeding}`, () => checkValues(op, row, feeding));
    if (row.gradient === undefined || row.gradient === false) return;
    coveredGradients.add(op);
    for (const type of row.covers ?? []) coveredGradients.add(type);
    for (const feeding of feedings) it(`differentiates with ${feeding}`, () => checkGradients(row, feeding));
  });
}
