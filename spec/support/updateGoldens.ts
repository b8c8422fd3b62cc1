/**
 * TensorFlow's values of the update steps of optimizers, as rows for ops on resource variables and on references.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOp, type OpArguments } from '../../graph/applyOp';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { i32, opCase } from './opCase';

interface Golden {
  readonly op: string;
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly attrs: Readonly<Record<string, boolean>>;
  readonly slots: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly gradient: string;
  readonly indices: readonly number[] | null;
  readonly state: readonly number[][];
  readonly grads: readonly number[][];
  readonly want: readonly number[][];
}

const goldens = JSON.parse(
  readFileSync(join(__dirname, '..', 'golden', 'values', 'training.json'), 'utf8'),
) as Golden[];

/** Stores values in variables, runs steps one after the other, and reads the variables. */
export type AfterSteps = (
  initial: readonly Tensor[],
  ...steps: ((...variables: Tensor[]) => Operation | Tensor)[]
) => Tensor[];

/** A row for each golden whose op has a name here. */
export function updateRows(nameOf: (op: string) => string | null, afterSteps: AfterSteps): void {
  for (const {
    op: recorded,
    dtype,
    shape,
    attrs,
    slots,
    parameters,
    gradient,
    indices,
    state,
    grads,
    want,
  } of goldens) {
    const op = nameOf(recorded);
    if (op === null) continue;
    const arrays = (values: readonly number[][], dims: readonly number[]) =>
      values.map((value) => NdArray.from(value, asDType(dtype)).reshape(dims));
    const gradShape = indices ? [indices.length, ...shape.slice(1)] : shape;
    const title = [
      `${dtype} [${shape}]`,
      ...Object.entries(attrs).map(([name, value]) => `${name}=${value}`),
      `lr_power=${parameters.lr_power}`,
    ].filter((part) => !part.includes('undefined'));
    opCase(op, title.join(' '), {
      inputs: [...arrays(state, shape), ...arrays(grads, gradShape), ...(indices ? [i32([...indices])] : [])],
      build: (...inputs) => {
        const values = inputs.slice(0, state.length);
        const steps = grads.map((_, k) => (...variables: Tensor[]) => {
          const named = Object.fromEntries(['var', ...slots].map((name, i) => [name, variables[i]]));
          const rows: OpArguments = indices ? { indices: inputs.at(-1) } : {};
          return applyOp(op, { ...named, ...parameters, ...attrs, ...rows, [gradient]: inputs[state.length + k] });
        });
        return afterSteps(values, ...steps);
      },
      want: arrays(want, shape),
      // A unit or two in the last place: TensorFlow's float32 reciprocal roots are approximations.
      tolerance: dtype === 'float32' ? { absolute: 2e-7, relative: 5e-7 } : undefined,
    });
  }
}
