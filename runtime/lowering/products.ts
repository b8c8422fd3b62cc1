/**
 * Matrix products, batches and sums of them, as routines of a program: by BLAS where there is one and the product is large
 * enough, else by WebAssembly.
 */

import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import type { KernelCall } from '../backends/wasm/kernelCall';
import { blasMatmulCalls } from '../backends/wasm/matmul/blas';
import { blasEpilogueCalls, blasScratchBytes, blasScratchRows } from '../backends/wasm/matmul/blasEpilogue';
import type { Epilogue } from '../backends/wasm/matmul/epilogue';
import {
  type MatmulSpec,
  matmulCalls,
  matmulScratchRows,
  matmulTakesEpilogue,
  matmulWorkspace,
} from '../backends/wasm/matmul/matmul';
import type { AxisMap } from '../ir/access';
import type { Routine, RoutineAddresses, Value } from '../ir/value';
import type { LowerContext } from './lowering';

/** Multiplications below which a call of BLAS costs more than it saves. */
export const MIN_BLAS_PRODUCT = 32768;

const NOWHERE = { a: 0, b: 0, c: 0 };

interface Walk {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Maps the axes of an operand to those of the routine: batch, rows, columns. */
function operandOf(value: Value) {
  const rank = value.shape.length;
  const maps = value.shape.map((_, axis): AxisMap => ({ axis: axis + 3 - rank, step: 1, start: 0 }));
  return { value, maps };
}

/** [batch, m, k] · [batch, k, n], or [m, k] · [k, n]. */
export function product(c: LowerContext, left: Value, right: Value): Value {
  return sumOfProducts(c, [[left, right]]);
}

type Product = readonly [Value, Value];

/** How one product of a sum is computed. */
interface Term {
  readonly spec: MatmulSpec;
  readonly accumulate: boolean;
  readonly isBlas: boolean;
}

/** The sum of products of one shape: the first one is computed, the others are added to it in their order. */
function sumOfProducts(c: LowerContext, products: readonly Product[]): Value {
  const [[left, right]] = products;
  const { dtype } = left;
  const m = left.shape[left.shape.length - 2];
  const n = right.shape[right.shape.length - 1];
  const batch = left.shape.length === 3 ? left.shape[0] : 1;
  const shape = left.shape.length === 3 ? [batch, m, n] : [m, n];
  const matrix = ({ strides: [batchStride, rowStride, columnStride] }: Walk) => ({
    batchStride,
    rowStride,
    columnStride,
  });
  const [result] = c.b.routine(
    {
      inputs: products.flatMap((operands) => operands.map(operandOf)),
      strided: true,
      products,
      make: (walks) => {
        const terms = products.map(([{ shape: of }], i): Term => {
          const k = of[of.length - 1];
          const [a, b] = [matrix(walks[2 * i]), matrix(walks[2 * i + 1])];
          const dense = { batchStride: m * n, rowStride: n, columnStride: 1 };
          const spec = { dtype: dtype.name as 'float32' | 'float64', batch, m, n, k, a, b, c: dense };
          // Vectors times matrices wait for memory, not for arithmetic.
          const isLarge = m > 1 && n > 1 && m * n * k >= MIN_BLAS_PRODUCT;
          const isBlas = isLarge && c.blas() && blasMatmulCalls(spec, NOWHERE) !== null;
          return { spec, accumulate: i > 0, isBlas };
        });
        return routineOf(terms);
      },
    },
    [{ dtype, shape }],
  );
  return result;
}

function routineOf(terms: readonly Term[]): Routine {
  const { batch, m, n, k } = terms[0].spec;
  const [hasBlas, depth] = [terms.some(({ isBlas }) => isBlas), terms.reduce((sum, { spec }) => sum + spec.k, 0)];
  const times = terms.length > 1 ? `sum of ${terms.length} like ` : '';
  const workspaceOf = (hasEpilogue: boolean) =>
    Math.max(...terms.map((t) => (t.isBlas ? 0 : matmulWorkspace(t.spec, hasEpilogue, t.accumulate))));
  const callsOf = ({ inputs, outputs: [z], workspace }: RoutineAddresses, epilogue: Epilogue | null) =>
    terms.flatMap(({ spec, accumulate, isBlas }, i): readonly KernelCall[] => {
      const addresses = { a: inputs[2 * i], b: inputs[2 * i + 1], c: z, workspace };
      const last = i === terms.length - 1 ? epilogue : null;
      return (
        (isBlas ? blasMatmulCalls(spec, addresses, accumulate) : null) ?? matmulCalls(spec, addresses, last, accumulate)
      );
    });
  const withEpilogue: Routine['withEpilogue'] = {
    rows: batch * m,
    columns: n,
    scratchRows: terms.length > 1 ? 0 : matmulScratchRows(terms[0].spec),
    workspaceBytes: workspaceOf(true),
    calls: callsOf,
  };
  return {
    name: 'matmul',
    text: `${times}${batch > 1 ? `${batch}×` : ''}${m}×${k}·${k}×${n}${hasBlas ? ', blas' : ''}`,
    workspaceBytes: workspaceOf(false),
    flops: 2 * batch * m * n * depth,
    work: (2 * batch * m * n * depth) / terms.length,
    calls: (addresses) => callsOf(addresses, null),
    withEpilogue: hasBlas
      ? blasWithEpilogue(terms)
      : terms.every(({ spec }) => matmulTakesEpilogue(spec))
        ? withEpilogue
        : undefined,
  };
}

/** BLAS computes products as a whole: it stops for an epilogue only if that spares storing the result. */
function blasWithEpilogue([{ spec }, ...others]: readonly Term[]): Routine['withEpilogue'] {
  const scratchRows = blasScratchRows(spec);
  if (others.length > 0 || scratchRows === 0) return undefined;
  return {
    rows: spec.m,
    columns: spec.n,
    scratchRows,
    onlyUnstored: true,
    workspaceBytes: blasScratchBytes(spec),
    calls: ({ inputs: [a, b], outputs: [c], workspace }, epilogue) =>
      blasEpilogueCalls(spec, { a, b, c, workspace }, epilogue),
  };
}

/** The products that a value sums, where nothing but `op` needs them by themselves, and their operands are no larger than they are. */
function productsOf(value: Value, op: Operation, tensor: Tensor): readonly Product[] {
  const { definition } = value;
  if (definition.kind !== 'result' || tensor.consumers().some((consumer) => consumer !== op)) return [];
  const products = definition.call.products ?? [];
  const isSmall = ([{ shape: left }, { shape: right }]: Product) => {
    const [m, n, k] = [left[left.length - 2], right[right.length - 1], left[left.length - 1]];
    return m > 1 && n > 1 && k * (m + n) <= m * n;
  };
  return products.every(isSmall) ? products : [];
}

/**
 * The inputs of a sum of tensors, with products among them summed as they are computed, as the gradients of weights that a
 * recurrent cell uses over and over: one value of them, and the other inputs.
 */
export function withSummedProducts(c: LowerContext): readonly Value[] {
  const { inputs, op } = c;
  const found = inputs.map((value, i) => productsOf(value, op, op.inputs[i]));
  const products = found.flat();
  if (products.length < 2) return inputs;
  return [sumOfProducts(c, products), ...inputs.filter((_, i) => found[i].length === 0)];
}
