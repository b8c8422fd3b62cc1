/**
 * Ops: summaries, each a serialized `Summary` proto in a string tensor. The functions users call are lib/summary/ops.ts,
 * which name the nodes and collect them; what the protos hold is runtime/kernels/summary.ts.
 */
import { defineOps, none } from '../registry';
import { scalarShape } from '../shape';

const noGradient = none('summaries are strings');
const scalar = () => [scalarShape];
const realTypes = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';

export const summaryOps = defineOps({
  ScalarSummary: {
    signature: `(tags: string, values: T) -> (summary: string)
      T: ${realTypes}`,
    shape: scalar,
    gradient: noGradient,
  },
  HistogramSummary: {
    signature: `(tag: string, values: T) -> (summary: string)
      T: ${realTypes} = float32`,
    shape: scalar,
    gradient: noGradient,
  },
  ImageSummary: {
    signature: `(tag: string, tensor: T) -> (summary: string)
      max_images: int >= 1 = 3
      T: {uint8, float32, float16, float64} = float32
      bad_color: tensor = uint8[255, 0, 0, 255]`,
    shape: scalar,
    gradient: noGradient,
  },
  AudioSummaryV2: {
    signature: `(tag: string, tensor: float32, sample_rate: float32) -> (summary: string)
      max_outputs: int >= 1 = 3`,
    shape: scalar,
    gradient: noGradient,
  },
  TensorSummaryV2: {
    signature: `(tag: string, tensor: T, serialized_summary_metadata: string) -> (summary: string)
      T: type`,
    shape: scalar,
    gradient: noGradient,
  },
  MergeSummary: {
    signature: `(inputs: N * string) -> (summary: string)
      N: int >= 1`,
    shape: scalar,
    gradient: noGradient,
  },
});
