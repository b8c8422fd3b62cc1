/**
 * Lowerings: maximum and average pooling over two spatial dimensions, and their gradients, channels last.
 */

import type { poolOps } from '../../graph/ops/pool';
import {
  averagePoolCalls,
  averagePoolGradientCalls,
  maxPoolCalls,
  maxPoolGradientCalls,
  type PoolSpec,
} from '../backends/wasm/pool/pool';
import { identityAccess } from '../ir/access';
import type { Routine, Value } from '../ir/value';
import { type LowerContext, type LoweringTable, routine } from './lowering';
import { windowsOf } from './windows';

function specOf(c: LowerContext, value: Value, shape: readonly number[]): PoolSpec | null {
  const size = c.attr<readonly number[]>('ksize');
  if (value.dtype.name !== 'float32' && value.dtype.name !== 'float64') return null;
  if (shape.length !== 4 || size[0] !== 1 || size[3] !== 1) return null;
  const windows = windowsOf(c, shape, size.slice(1));
  if (!windows) return null;
  const { height, width } = windows;
  return {
    dtype: value.dtype.name,
    batch: shape[0],
    inHeight: shape[1],
    inWidth: shape[2],
    channels: shape[3],
    outHeight: height.output,
    outWidth: width.output,
    windowHeight: height.size,
    windowWidth: width.size,
    strideHeight: height.stride,
    strideWidth: width.stride,
    padTop: height.padBefore,
    padLeft: width.padBefore,
  };
}

const outputOf = ({ batch, outHeight, outWidth, channels }: PoolSpec) => [batch, outHeight, outWidth, channels];

function call(
  c: LowerContext,
  name: string,
  spec: PoolSpec,
  inputs: readonly Value[],
  shape: readonly number[],
  calls: Routine['calls'],
): Value {
  const { batch, outHeight, outWidth, channels, windowHeight, windowWidth } = spec;
  const text = `${batch}×${spec.inHeight}×${spec.inWidth}×${channels}, ${windowHeight}×${windowWidth}`;
  const flops = batch * outHeight * outWidth * channels * windowHeight * windowWidth;
  const [result] = c.b.routine(
    {
      inputs: inputs.map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({ name, text, flops, workspaceBytes: 0, calls }),
    },
    [{ dtype: inputs[0].dtype, shape }],
  );
  return result;
}

export const poolLowerings: LoweringTable<typeof poolOps> = {
  MaxPool: routine((c) => {
    const [input] = c.inputs;
    const spec = specOf(c, input, input.shape);
    return (
      spec &&
      call(c, 'max pool', spec, [input], outputOf(spec), ({ inputs: [x], outputs: [output] }) =>
        maxPoolCalls(spec, { input: x, output }),
      )
    );
  }),
  MaxPoolGrad: routine((c) => {
    const [input, output, grad] = c.inputs;
    const spec = specOf(c, input, input.shape);
    const shape = spec && outputOf(spec).join();
    if (!spec || output.shape.join() !== shape || grad.shape.join() !== shape) return null;
    return call(c, 'max pool gradient', spec, [input, grad], input.shape, ({ inputs: [x, dy], outputs: [dx] }) =>
      maxPoolGradientCalls(spec, { input: x, outGradient: dy, inGradient: dx }),
    );
  }),
  AvgPool: routine((c) => {
    const [input] = c.inputs;
    const spec = specOf(c, input, input.shape);
    return (
      spec &&
      call(c, 'average pool', spec, [input], outputOf(spec), ({ inputs: [x], outputs: [output] }) =>
        averagePoolCalls(spec, { input: x, output }),
      )
    );
  }),
  AvgPoolGrad: routine((c) => {
    const shape = c.integers(0);
    const grad = c.inputs[1];
    const spec = shape && specOf(c, grad, shape);
    if (!spec || outputOf(spec).join() !== grad.shape.join()) return null;
    return call(c, 'average pool gradient', spec, [grad], shape, ({ inputs: [dy], outputs: [dx] }) =>
      averagePoolGradientCalls(spec, { outGradient: dy, inGradient: dx }),
    );
  }),
};
