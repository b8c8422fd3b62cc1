/**
 * One matrix product, or a batch of them, as a routine of a program: by BLAS where there is one and the product is large
 * enough, else by WebAssembly.
 */

import type { KernelCall } from '../backends/wasm/kernelCall';
import { blasMatmulCalls } from '../backends/wasm/matmul/blas';
import { matmulCalls, matmulScratchRows, matmulTakesEpilogue, matmulWorkspace } from '../backends/wasm/matmul/matmul';
import type { AxisMap } from '../ir/access';
import type { Value } from '../ir/value';
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
  const { dtype } = left;
  const [m, k] = left.shape.slice(-2);
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
      inputs: [operandOf(left), operandOf(right)],
      strided: true,
      make: ([a, b]) => {
        const spec = {
          dtype: dtype.name as 'float32' | 'float64',
          batch,
          m,
          n,
          k,
          a: matrix(a),
          b: matrix(b),
          c: { batchStride: m * n, rowStride: n, columnStride: 1 },
        };
        // Vectors times matrices wait for memory, not for arithmetic.
        const isLarge = m > 1 && n > 1 && m * n * k >= MIN_BLAS_PRODUCT;
        const isBlas = isLarge && c.blas() && blasMatmulCalls(spec, NOWHERE) !== null;
        return {
          name: 'matmul',
          text: `${batch > 1 ? `${batch}×` : ''}${m}×${k}·${k}×${n}${isBlas ? ', blas' : ''}`,
          workspaceBytes: isBlas ? 0 : matmulWorkspace(spec),
          flops: 2 * batch * m * n * k,
          calls: ({ inputs: [x, y], outputs: [z], workspace }): readonly KernelCall[] =>
            (isBlas ? blasMatmulCalls(spec, { a: x, b: y, c: z }) : null) ??
            matmulCalls(spec, { a: x, b: y, c: z, workspace }),
          withEpilogue:
            isBlas || !matmulTakesEpilogue(spec)
              ? undefined
              : {
                  rows: batch * m,
                  columns: n,
                  scratchRows: matmulScratchRows(spec),
                  workspaceBytes: matmulWorkspace(spec, true),
                  calls: ({ inputs: [x, y], outputs: [z], workspace }, epilogue) =>
                    matmulCalls(spec, { a: x, b: y, c: z, workspace }, epilogue),
                },
        };
      },
    },
    [{ dtype, shape }],
  );
  return result;
}
