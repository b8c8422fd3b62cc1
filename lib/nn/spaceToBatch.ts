/**
 * Dilated windows by way of the batch: a convolution (or pooling) whose taps are `rate` apart is a dense one of every
 * `rate`-th element, so space is moved into the batch dimension, the op applied, and the result moved back.
 */
import { convertToTensor } from '../../graph/convert';
import { ValueError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import { batchToSpaceND, spaceToBatchND } from '../../graph/ops/blocks';
import { sliceAt } from '../../graph/ops/brackets';
import { composite } from '../../graph/ops/composite';
import { concat, stack } from '../../graph/ops/joining';
import { shape } from '../../graph/ops/shapes';
import type { Padding } from '../../graph/ops/window';
import { paddingAttrs } from '../../graph/ops/window';
import { constantValue } from '../../graph/staticValue';
import { Tensor } from '../../graph/tensor';

export interface DilatedOp {
  readonly input: Tensor;
  /** Distance of taps in each spatial dimension. */
  readonly rate: readonly number[];
  readonly padding: Padding;
  /**
   * Sizes of the window in each spatial dimension: read for SAME padding. An int32 vector that may go on behind them.
   */
  readonly filterShape: () => Tensor;
  readonly channelsFirst: boolean;
}

/** Pairs for each spatial dimension: known, or computed when the graph runs. */
type Pairs = readonly (readonly [number, number])[] | Tensor;

/**
 * `apply(input, padding)` with taps `rate` apart. Mirrors tf.nn.with_space_to_batch. ValueError for rates below 1.
 */
export function withSpaceToBatch(op: DilatedOp, apply: (input: Tensor, padding: Padding) => Tensor): Tensor {
  const { input, rate, padding, channelsFirst } = op;
  const dilation = convertToTensor(Int32Array.from(rate), { name: 'dilation_rate' });
  if (rate.some((step) => step < 1))
    throw new ValueError(`\`dilation_rate\` must be positive. Received: dilation_rate=[${rate.join(' ')}]`);
  if (rate.every((step) => step === 1)) return apply(input, padding);
  const first = channelsFirst ? 2 : 1;
  const base = basePaddings(op, rate.length);
  const sizes = spatialSizes(input, first, rate.length);
  const { paddings, crops } = requiredPaddings(sizes, base, dilation, rate);
  const blocks = NdArray.from(Int32Array.from(channelsFirst ? [1, ...rate] : rate));
  const [pads, cuts] = [paddings, crops].map((pairs) => withChannels(pairs, rate.length, channelsFirst));
  return batchToSpaceND(apply(spaceToBatchND(input, blocks, pads), 'VALID'), blocks, cuts);
}

/** What makes a VALID op of one with that padding. */
function basePaddings({ padding, rate, filterShape, channelsFirst }: DilatedOp, spatial: number): Pairs {
  const attrs = paddingAttrs(padding, spatial + 2);
  if (attrs.padding === 'VALID') return rate.map(() => [0, 0]);
  if (attrs.padding === 'EXPLICIT') {
    const pairs = Array.from({ length: spatial + 2 }, (_, i): [number, number] => [
      attrs.explicit_paddings[2 * i],
      attrs.explicit_paddings[2 * i + 1],
    ]);
    return channelsFirst ? pairs.slice(2) : pairs.slice(1, -1);
  }
  if (attrs.padding !== 'SAME')
    throw new ValueError(`\`padding\` must be one of 'SAME' or 'VALID'. Received: padding=${attrs.padding}`);
  const filter = filterShape();
  const known = constantValue(filter);
  if (known) {
    const sizes = Array.from(known.data as Int32Array).slice(0, spatial);
    const pairs = sizes.map((size, i): [number, number] => {
      const extra = (size - 1) * rate[i];
      return [Math.floor(extra / 2), extra - Math.floor(extra / 2)];
    });
    return convertToTensor(NdArray.from(Int32Array.from(pairs.flat())).reshape([spatial, 2]), { name: 'stack' });
  }
  const extra = sliceAt(filter, [[null, spatial]])
    .sub(1)
    .mul(Int32Array.from(rate));
  const start = extra.floordiv(2);
  return stack([start, extra.sub(start)], { axis: 1 });
}

function spatialSizes(input: Tensor, first: number, spatial: number): readonly number[] | Tensor {
  const sizes = input.shape.dims?.slice(first, first + spatial);
  if (sizes?.every((size) => size !== null)) return sizes as number[];
  const whole = shape(input);
  return stack(Array.from({ length: spatial }, (_, i) => sliceAt(whole, [first + i])));
}

const pairsConstant = (pairs: readonly (readonly number[])[], name: string): Tensor =>
  convertToTensor(NdArray.from(Int32Array.from(pairs.flat())).reshape([pairs.length, 2]), { name });

/** Paddings that also make every dimension a multiple of its rate, and the crops that take those back. */
function requiredPaddings(
  sizes: readonly number[] | Tensor,
  base: Pairs,
  dilation: Tensor,
  rate: readonly number[],
): { paddings: Tensor; crops: Tensor } {
  return composite(null, 'required_space_to_batch_paddings', [dilation], () => {
    const input = sizes instanceof Tensor ? sizes : convertToTensor(Int32Array.from(sizes), { name: 'input_shape' });
    const start = base instanceof Tensor ? base : pairsConstant(base, 'base_paddings');
    const [knownSizes, knownBase] = [constantValue(input), constantValue(start)];
    if (knownSizes && knownBase) {
      const pads = Array.from(knownBase.data as Int32Array);
      const pairs = rate.map((step, i) => {
        const [before, after] = [pads[2 * i], pads[2 * i + 1]];
        const full = Number(knownSizes.data[i]) + before + after;
        const extra = (step - (full % step)) % step;
        return { padding: [before, after + extra], crop: [0, extra] };
      });
      const paddings = pairsConstant(
        pairs.map((pair) => pair.padding),
        'paddings',
      );
      return {
        paddings,
        crops: pairsConstant(
          pairs.map((pair) => pair.crop),
          'crops',
        ),
      };
    }
    const before = sliceAt(start, [[], 0]);
    const after = sliceAt(start, [[], 1]);
    const full = input.add(before).add(after);
    const extra = dilation.sub(full.mod(dilation)).mod(dilation);
    const end = after.add(extra);
    const at = (vector: Tensor, i: number) => sliceAt(vector, [i]);
    const paddings = stack(
      rate.map((_, i) => [at(before, i), at(end, i)]),
      { name: 'paddings' },
    );
    return {
      paddings,
      crops: stack(
        rate.map((_, i) => [0, at(extra, i)]),
        { name: 'crops' },
      ),
    };
  });
}

/**
 * With a pair of zeros for the channels, where they come before the spatial dimensions. A known value becomes a
 * constant of the op.
 */
function withChannels(pairs: Tensor, spatial: number, channelsFirst: boolean): Tensor | NdArray {
  const known = constantValue(pairs);
  if (known) {
    const values = Array.from(known.data as Int32Array);
    const all = channelsFirst ? [0, 0, ...values] : values;
    return NdArray.from(Int32Array.from(all)).reshape([all.length / 2, 2]);
  }
  const part = sliceAt(pairs, [[0, spatial]]);
  const ofChannels = NdArray.from(Int32Array.of(0, 0)).reshape([1, 2]);
  return concat(channelsFirst ? [ofChannels, part] : [part], 0);
}
