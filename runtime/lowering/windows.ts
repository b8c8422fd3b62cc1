/**
 * Windows of convolutions and pooling with two spatial dimensions, channels last, as the WebAssembly routines take them.
 */
import { makeWindow, type Window } from '../kernels/window';
import { attempt } from './attempt';
import type { LowerContext } from './lowering';

export interface Windows {
  readonly height: Window;
  readonly width: Window;
}

/** The windows over an input of that shape; null for other data formats, and for sizes that the op refuses. */
export function windowsOf(
  c: LowerContext,
  input: readonly number[],
  size: readonly number[],
  dilations: readonly number[] = [1, 1, 1, 1],
): Windows | null {
  const strides = c.attr<readonly number[]>('strides');
  const format = c.op.attrs.data_format ?? 'NHWC';
  if (input.length !== 4 || format !== 'NHWC' || strides[0] !== 1 || strides[3] !== 1) return null;
  if (dilations[0] !== 1 || dilations[3] !== 1 || input.includes(0)) return null;
  const pads = (c.op.attrs.explicit_paddings as readonly number[] | undefined) ?? [];
  const window = (axis: number): Window | null =>
    attempt(() =>
      makeWindow(input[axis], c.attr('padding'), {
        size: size[axis - 1],
        stride: strides[axis],
        dilation: dilations[axis],
        pads: pads.length === 0 ? [0, 0] : [pads[2 * axis], pads[2 * axis + 1]],
      }),
    );
  const [height, width] = [window(1), window(2)];
  return height && width && height.output > 0 && width.output > 0 ? { height, width } : null;
}
