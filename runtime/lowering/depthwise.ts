/**
 * Lowerings: depthwise convolutions and their gradients, channels last.
 */
import type { depthwiseOps } from '../../graph/ops/depthwise';
import type { ConvSpec } from '../backends/wasm/conv/conv';
import {
  depthwiseBackpropFilterCalls,
  depthwiseBackpropInputCalls,
  depthwiseCalls,
  depthwiseWorkspace,
} from '../backends/wasm/conv/depthwise';
import { identityAccess } from '../ir/access';
import type { Routine, Value } from '../ir/value';
import { outputOf, specOf } from './conv';
import { type LowerContext, type LoweringTable, routine } from './lowering';

/** The call of a routine over dense inputs. */
function call(
  c: LowerContext,
  name: string,
  spec: ConvSpec,
  inputs: readonly Value[],
  shape: readonly number[],
  calls: Routine['calls'],
): Value {
  const { batch, inHeight, inWidth, inChannels, filterHeight, filterWidth, outChannels } = spec;
  const text = `${batch}×${inHeight}×${inWidth}×${inChannels} * ${filterHeight}×${filterWidth}×${inChannels}×${outChannels / inChannels}`;
  const flops = 2 * batch * spec.outHeight * spec.outWidth * outChannels * filterHeight * filterWidth;
  const [result] = c.b.routine(
    {
      inputs: inputs.map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({ name, text, flops, workspaceBytes: depthwiseWorkspace(spec), calls }),
    },
    [{ dtype: inputs[0].dtype, shape }],
  );
  return result;
}

/** The sizes, for an output of `outChannels` = channels × multiplier. */
function depthwiseSpec(c: LowerContext, value: Value, input: readonly number[], filter: readonly number[]) {
  return filter.length === 4 ? specOf(c, value, input, filter, filter[2] * filter[3]) : null;
}

export const depthwiseLowerings: LoweringTable<typeof depthwiseOps> = {
  DepthwiseConv2dNative: routine((c) => {
    const [input, filter] = c.inputs;
    const spec = depthwiseSpec(c, input, input.shape, filter.shape);
    return (
      spec &&
      call(
        c,
        'depthwise conv2d',
        spec,
        [input, filter],
        outputOf(spec),
        ({ inputs: [x, w], outputs: [output], workspace }) =>
          depthwiseCalls(spec, { input: x, filter: w, output, workspace }),
      )
    );
  }),
  DepthwiseConv2dNativeBackpropInput: routine((c) => {
    const [, filter, outGradient] = c.inputs;
    const shape = c.integers(0);
    const spec = shape?.length === 4 ? depthwiseSpec(c, filter, shape, filter.shape) : null;
    if (!spec || outputOf(spec).join() !== outGradient.shape.join()) return null;
    return call(
      c,
      'depthwise conv2d input gradient',
      spec,
      [filter, outGradient],
      shape!,
      ({ inputs: [w, dy], outputs: [inGradient], workspace }) =>
        depthwiseBackpropInputCalls(spec, { filter: w, outGradient: dy, inGradient, workspace }),
    );
  }),
  DepthwiseConv2dNativeBackpropFilter: routine((c) => {
    const [input, , outGradient] = c.inputs;
    const shape = c.integers(1);
    const spec = shape ? depthwiseSpec(c, input, input.shape, shape) : null;
    if (!spec || outputOf(spec).join() !== outGradient.shape.join()) return null;
    return call(
      c,
      'depthwise conv2d filter gradient',
      spec,
      [input, outGradient],
      shape!,
      ({ inputs: [x, dy], outputs: [filterGradient], workspace }) =>
        depthwiseBackpropFilterCalls(spec, { input: x, outGradient: dy, filterGradient, workspace }),
    );
  }),
};
