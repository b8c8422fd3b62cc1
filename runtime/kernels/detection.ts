/**
 * Plain kernels: choosing boxes, in single precision and in the order of TensorFlow's CPU kernels, ties included.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { detectionOps } from '../../graph/ops/detection';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { bracketed } from './state';

const { fround } = Math;

interface Candidate {
  readonly box: number;
  score: number;
  /** It has been compared with the boxes chosen before this one. */
  compared: number;
}

/** A heap: the highest score first, of equal ones the first box. */
class Candidates {
  readonly #heap: Candidate[] = [];

  get size(): number {
    return this.#heap.length;
  }

  static #before(a: Candidate, b: Candidate): boolean {
    return a.score > b.score || (a.score === b.score && a.box < b.box);
  }

  add(candidate: Candidate): void {
    const heap = this.#heap;
    let at = heap.push(candidate) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!Candidates.#before(candidate, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = candidate;
  }

  take(): Candidate {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && Candidates.#before(heap[child + 1], heap[child])) child++;
      if (!Candidates.#before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

/** The part of two boxes' union that both cover. */
function overlap(boxes: Float32Array, i: number, j: number): number {
  const side = (box: number, axis: number): [number, number] => {
    const [a, b] = [boxes[box * 4 + axis], boxes[box * 4 + axis + 2]];
    return a < b ? [a, b] : [b, a];
  };
  const [[top1, bottom1], [left1, right1]] = [side(i, 0), side(i, 1)];
  const [[top2, bottom2], [left2, right2]] = [side(j, 0), side(j, 1)];
  const area1 = fround(fround(bottom1 - top1) * fround(right1 - left1));
  const area2 = fround(fround(bottom2 - top2) * fround(right2 - left2));
  if (area1 <= 0 || area2 <= 0) return 0;
  const height = Math.max(fround(Math.min(bottom1, bottom2) - Math.max(top1, top2)), 0);
  const width = Math.max(fround(Math.min(right1, right2) - Math.max(left1, left2)), 0);
  const common = fround(height * width);
  return fround(common / fround(fround(area1 + area2) - common));
}

interface Rules {
  readonly most: number;
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
  readonly sigma: number;
}

function choose(boxes: Float32Array, scores: Float32Array, rules: Rules): { indices: number[]; scores: number[] } {
  const { most, iouThreshold, scoreThreshold, sigma } = rules;
  const isSoft = sigma > 0;
  const scale = isSoft ? fround(-0.5 / sigma) : 0;
  const weight = (similarity: number) =>
    isSoft || similarity <= iouThreshold ? fround(Math.exp(fround(fround(scale * similarity) * similarity))) : 0;
  const waiting = new Candidates();
  scores.forEach((score, box) => {
    if (score > scoreThreshold) waiting.add({ box, score, compared: 0 });
  });
  const chosen: { indices: number[]; scores: number[] } = { indices: [], scores: [] };
  while (chosen.indices.length < most && waiting.size > 0) {
    const next = waiting.take();
    const before = next.score;
    let isOut = false;
    // Boxes of similar scores are likely to overlap: the last ones first.
    for (let k = chosen.indices.length - 1; k >= next.compared; k--) {
      const similarity = overlap(boxes, next.box, chosen.indices[k]);
      next.score = fround(next.score * weight(similarity));
      isOut = !isSoft && similarity > iouThreshold;
      if (isOut || next.score <= scoreThreshold) break;
    }
    next.compared = chosen.indices.length;
    if (isOut) continue;
    if (next.score === before) {
      chosen.indices.push(next.box);
      chosen.scores.push(next.score);
    } else if (next.score > scoreThreshold) waiting.add(next);
  }
  return chosen;
}

function scalar(value: NdArray | undefined, name: string, fallback: number): number {
  if (!value) return fallback;
  if (value.rank > 0) throw new InvalidArgumentError(`${name} must be 0-D, got shape ${bracketed(value.shape)}`);
  return value.data[0] as number;
}

function select([boxes, scores, most, iou, score, sigma]: readonly NdArray[], c: KernelContext, iouAttr?: number) {
  if (boxes.dtype.size === 2) throw new UnimplementedError(`${c.op.type} has no kernel for ${boxes.dtype.name}.`);
  const count = scalar(most, 'max_output_size', 0);
  const iouThreshold = fround(iouAttr ?? scalar(iou, 'iou_threshold', 0.5));
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) throw new InvalidArgumentError('iou_threshold must be in [0, 1]');
  const scoreThreshold = fround(scalar(score, 'score_threshold', -3.4028234663852886e38));
  const softness = fround(scalar(sigma, 'soft_nms_sigma', 0));
  if (softness < 0) throw new InvalidArgumentError('soft_nms_sigma_val must be non-negative');
  if (boxes.rank !== 2) throw new InvalidArgumentError(`boxes must be 2-D${bracketed(boxes.shape)}`);
  if (boxes.shape[1] !== 4) throw new InvalidArgumentError(`boxes must have 4 columns${bracketed(boxes.shape)}`);
  if (scores.rank !== 1) throw new InvalidArgumentError(`scores must be 1-D${bracketed(scores.shape)}`);
  if (scores.size !== boxes.shape[0]) throw new InvalidArgumentError('scores has incompatible shape');
  if (count < 0) throw new InvalidArgumentError('output size must be non-negative');
  const rules = { most: count, iouThreshold, scoreThreshold, sigma: softness };
  const chosen = choose(boxes.data as Float32Array, scores.data as Float32Array, rules);
  const valid = chosen.indices.length;
  if (c.op.attrs.pad_to_max_output_size === true) {
    while (chosen.indices.length < count) {
      chosen.indices.push(0);
      chosen.scores.push(0);
    }
  }
  return { ...chosen, valid };
}

const indicesOnly: Kernel = (inputs, c) => NdArray.from(Int32Array.from(select(inputs, c).indices));

export const detectionKernels: KernelTable<typeof detectionOps> = {
  NonMaxSuppression: (inputs, c) =>
    NdArray.from(Int32Array.from(select(inputs, c, c.attr<number>('iou_threshold')).indices)),
  NonMaxSuppressionV2: indicesOnly,
  NonMaxSuppressionV3: indicesOnly,
  NonMaxSuppressionV4: (inputs, c) => {
    const { indices, valid } = select(inputs, c);
    return [NdArray.from(Int32Array.from(indices)), NdArray.scalar(c.outputTypes[1], valid)];
  },
  NonMaxSuppressionV5: (inputs, c) => {
    const { indices, scores, valid } = select(inputs, c);
    return [
      NdArray.from(Int32Array.from(indices)),
      NdArray.from(Float32Array.from(scores)),
      NdArray.scalar(c.outputTypes[2], valid),
    ];
  },
};
