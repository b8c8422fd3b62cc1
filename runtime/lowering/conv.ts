/**
 * Lowerings: convolutions with two spatial dimensions and their gradients, channels last.
 */

import type { convOps } from '../../graph/ops/conv';
import {
  conv2dBackpropFilterBlasCalls,
  conv2dBackpropInputBlasCalls,
  conv2dBlasCalls,
  conv2dBlasWorkspace,
} from '../backends/wasm/conv/blas';
import {
  backpropInputTakesEpilogue,
  type ConvSpec,
  conv2dBackpropFilterCalls,
  conv2dBackpropFilterWorkspace,
  conv2dBackpropInputCalls,
  conv2dBackpropInputWorkspace,
  conv2dCalls,
  conv2dWorkspace,
} from '../backends/wasm/conv/conv';
import { positionsOf } from '../backends/wasm/conv/convSpec';
import { identityAccess } from '../ir/access';
import type { Routine, Value } from '../ir/value';
import { type LowerContext, type LoweringTable, routine } from './lowering';
import { windowsOf } from './windows';

const MIN_BLAS_CONVOLUTION = 1 << 20;

const isFloat = ({ dtype }: Value) => dtype.name === 'float32' || dtype.name === 'float64';

/** The sizes of a convolution; null for what the routines do not do: groups, other formats, shapes that do not fit. */
export function specOf(
  c: LowerContext,
  value: Value,
  input: readonly number[],
  filter: readonly number[],
  outChannels = filter[3],
): ConvSpec | null {
  if (!isFloat(value) || filter.length !== 4 || input.length !== 4 || filter.includes(0)) return null;
  const windows = windowsOf(c, input, filter, c.attr('dilations'));
  if (!windows || input[3] !== filter[2]) return null;
  const { height, width } = windows;
  return {
    dtype: value.dtype.name as 'float32' | 'float64',
    batch: input[0],
    inHeight: input[1],
    inWidth: input[2],
    inChannels: input[3],
    outHeight: height.output,
    outWidth: width.output,
    outChannels,
    filterHeight: filter[0],
    filterWidth: filter[1],
    strideHeight: height.stride,
    strideWidth: width.stride,
    dilationHeight: height.dilation,
    dilationWidth: width.dilation,
    padTop: height.padBefore,
    padLeft: width.padBefore,
  };
}

/** The shape of a convolution's output. */
export const outputOf = ({ batch, outHeight, outWidth, outChannels }: ConvSpec) => [
  batch,
  outHeight,
  outWidth,
  outChannels,
];

/** Multiplications of a convolution. */
function productsOf({
  batch,
  outHeight,
  outWidth,
  outChannels,
  filterHeight,
  filterWidth,
  inChannels,
}: ConvSpec): number {
  return batch * outHeight * outWidth * outChannels * filterHeight * filterWidth * inChannels;
}

/** Whether BLAS computes it, from patches written as matrices: where a few channels make narrow matrices it does not pay. */
function usesBlas(c: LowerContext, spec: ConvSpec): boolean {
  return productsOf(spec) >= MIN_BLAS_CONVOLUTION && c.blas();
}

/** The call of a routine over dense inputs. */
function call(
  c: LowerContext,
  name: string,
  spec: ConvSpec,
  inputs: readonly Value[],
  shape: readonly number[],
  parts: Pick<Routine, 'workspaceBytes' | 'calls' | 'withEpilogue'>,
): Value {
  const { batch, outChannels, filterHeight, filterWidth, inChannels } = spec;
  const text = `${batch}×${spec.inHeight}×${spec.inWidth}×${inChannels} * ${filterHeight}×${filterWidth}×${inChannels}×${outChannels}`;
  const [result] = c.b.routine(
    {
      inputs: inputs.map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({ name, text, flops: 2 * productsOf(spec), ...parts }),
    },
    [{ dtype: inputs[0].dtype, shape }],
  );
  return result;
}

export const convLowerings: LoweringTable<typeof convOps> = {
  Conv2D: routine((c) => {
    const [input, filter] = c.inputs;
    const spec = specOf(c, input, input.shape, filter.shape);
    if (!spec) return null;
    const blas = usesBlas(c, spec);
    return call(c, 'conv2d', spec, [input, filter], outputOf(spec), {
      workspaceBytes: blas ? conv2dBlasWorkspace(spec) : conv2dWorkspace(spec),
      calls: ({ inputs: [x, w], outputs: [output], workspace }) =>
        (blas ? conv2dBlasCalls : conv2dCalls)(spec, { input: x, filter: w, output, workspace }),
      withEpilogue: blas
        ? undefined
        : {
            rows: positionsOf(spec),
            columns: spec.outChannels,
            scratchRows: 0,
            workspaceBytes: conv2dWorkspace(spec),
            calls: ({ inputs: [x, w], outputs: [output], workspace }, epilogue) =>
              conv2dCalls(spec, { input: x, filter: w, output, workspace }, epilogue),
          },
    });
  }),
  Conv2DBackpropInput: routine((c) => {
    const [, filter, outGradient] = c.inputs;
    const shape = c.integers(0);
    const spec = shape?.length === 4 ? specOf(c, filter, shape, filter.shape) : null;
    if (!spec || outputOf(spec).join() !== outGradient.shape.join()) return null;
    const blas = usesBlas(c, spec);
    const given = blas ? c.b.transpose(filter, [3, 0, 1, 2]) : filter;
    return call(c, 'conv2d input gradient', spec, [given, outGradient], shape!, {
      workspaceBytes: blas ? conv2dBlasWorkspace(spec) : conv2dBackpropInputWorkspace(spec),
      calls: ({ inputs: [w, dy], outputs: [inGradient], workspace }) =>
        (blas ? conv2dBackpropInputBlasCalls : conv2dBackpropInputCalls)(spec, {
          filter: w,
          outGradient: dy,
          inGradient,
          workspace,
        }),
      withEpilogue:
        blas || !backpropInputTakesEpilogue(spec)
          ? undefined
          : {
              rows: spec.batch * spec.inHeight * spec.inWidth,
              columns: spec.inChannels,
              scratchRows: 0,
              workspaceBytes: conv2dBackpropInputWorkspace(spec),
              calls: ({ inputs: [w, dy], outputs: [inGradient], workspace }, epilogue) =>
                conv2dBackpropInputCalls(spec, { filter: w, outGradient: dy, inGradient, workspace }, epilogue),
            },
    });
  }),
  Conv2DBackpropFilter: routine((c) => {
    const [input, , outGradient] = c.inputs;
    const shape = c.integers(1);
    const spec = shape?.length === 4 ? specOf(c, input, input.shape, shape) : null;
    if (!spec || outputOf(spec).join() !== outGradient.shape.join()) return null;
    const blas = usesBlas(c, spec);
    return call(c, 'conv2d filter gradient', spec, [input, outGradient], shape!, {
      workspaceBytes: blas ? conv2dBlasWorkspace(spec) : conv2dBackpropFilterWorkspace(spec),
      calls: ({ inputs: [x, dy], outputs: [filterGradient], workspace }) =>
        (blas ? conv2dBackpropFilterBlasCalls : conv2dBackpropFilterCalls)(spec, {
          input: x,
          outGradient: dy,
          filterGradient,
          workspace,
        }),
    });
  }),
};
