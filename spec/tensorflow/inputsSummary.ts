/**
 * What summary ops are called with; pictures, whose bytes are each side's own, are compared by spec/ops/summary.spec.ts.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { eachType, type Maker, unaryShapes } from './generate';

const { float32, float64, string } = dtypes;
const text = (value: string | string[]) => NdArray.from(value, string);

export const summaryInputs: Readonly<Record<string, Maker>> = {
  ScalarSummary: eachType('T', unaryShapes, (make, dtype, shape) => ({
    inputs: { tags: make.array(string, shape), values: make.array(dtype, shape, { special: true }) },
  })),
  HistogramSummary: eachType(
    'T',
    unaryShapes.flatMap((shape) => [3, 1e-9, 1e15].map((high) => ({ shape, high }))),
    (make, dtype, { shape, high }) => {
      const range = dtype === float32 || dtype === float64 ? { low: -high / 7, high } : {};
      return { inputs: { tag: text('tag'), values: make.array(dtype, shape, range) } };
    },
  ),
  AudioSummaryV2: (make) =>
    [[2, 5], [1, 4, 2], [0, 4, 2], [2, 0], [4]].flatMap((shape) =>
      [8000, 11025.5, 0.3, 0].map((rate) => ({
        inputs: { tag: text('tag'), tensor: make.array(float32, shape), sample_rate: NdArray.from(rate) },
        attrs: { max_outputs: shape[0] === 1 ? 1 : 3 },
      })),
    ),
  TensorSummaryV2: eachType('T', unaryShapes, (make, dtype, shape) => ({
    inputs: {
      tag: text('tag'),
      tensor: make.array(dtype, shape, { special: true }),
      serialized_summary_metadata: text('\n\u0006\n\u0004text'),
    },
  })),
  MergeSummary: () =>
    [[''], ['\n\u0003\n\u0001a', '\n\u0003\n\u0001b'], ['\n\u0003\n\u0001a', '\n\u0003\n\u0001a'], ['x']].map(
      (list) => ({
        inputs: { inputs: list.map((one) => text(one)) },
      }),
    ),
};
