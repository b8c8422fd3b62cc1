/**
 * What a strided slice means: begin, end, stride and the masks, applied to a shape.
 *
 * Shape rules, values known while building and kernels share it. Dimensions, begin and end may be unknown (null) while
 * building; at run time all are known. Complaints have TensorFlow's texts.
 */
import type { Attrs } from './attributes';
import type { Dimension } from './shape';

/** Bit i of each mask speaks of item i of the specification. */
export interface SliceMasks {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrink: number;
}

export interface SliceSpec {
  /** Null where not known while building; the same for `end`. */
  readonly begin: readonly number[] | null;
  readonly end: readonly number[] | null;
  readonly strides: readonly number[];
  readonly masks: SliceMasks;
}

/** One axis of the input: where it starts, the step, and how many elements are taken. */
export interface SlicedAxis {
  readonly begin: number;
  readonly stride: number;
  readonly size: Dimension;
}

export interface ResolvedSlice {
  /** One for each axis of the input, in order. */
  readonly axes: readonly SlicedAxis[];
  /** The shape of the result: shrunk axes gone, new ones of size 1 in place. */
  readonly shape: readonly Dimension[];
}

/** The masks of a StridedSlice node and its relatives. */
export function sliceMasks(attrs: Attrs): SliceMasks {
  const mask = (name: string) => Number(attrs[name]);
  return {
    begin: mask('begin_mask'),
    end: mask('end_mask'),
    ellipsis: mask('ellipsis_mask'),
    newAxis: mask('new_axis_mask'),
    shrink: mask('shrink_axis_mask'),
  };
}

const has = (mask: number, item: number): boolean => ((mask >> item) & 1) === 1;

/** The items spread over the axes of the input: an item index per axis, or null for axes an ellipsis covers. */
interface Spread {
  readonly items: readonly (number | null)[];
  /** For each dimension of the result the axis that it comes from, or null for a new one. Shrunk axes are absent. */
  readonly result: readonly (number | null)[];
}

function spread(rank: number, { strides, masks }: SliceSpec, fail: (message: string) => never): Spread {
  const ellipses = strides.filter((_, item) => has(masks.ellipsis, item)).length;
  if (ellipses > 1) fail('Multiple ellipses in slice spec not allowed');
  const real = strides.filter((_, item) => !has(masks.ellipsis, item) && !has(masks.newAxis, item)).length;
  const covered = Math.max(0, rank - real);
  const items: (number | null)[] = [];
  const result: (number | null)[] = [];
  const cover = () => {
    for (let i = 0; i < covered; i++) {
      result.push(items.length);
      items.push(null);
    }
  };
  strides.forEach((_, item) => {
    if (has(masks.ellipsis, item)) cover();
    else if (has(masks.newAxis, item)) result.push(null);
    else {
      if (items.length === rank) {
        if (rank === 0) fail('Attempting to slice scalar input.');
        fail(`Index out of range using input dim ${items.length}; input has only ${rank} dims`);
      }
      if (!has(masks.shrink, item)) result.push(items.length);
      items.push(item);
    }
  });
  if (ellipses === 0) cover();
  return { items, result };
}

/** Applies a slice to a shape; `fail` gets the complaint. */
export function resolveSlice(
  shape: readonly Dimension[],
  spec: SliceSpec,
  fail: (message: string) => never,
): ResolvedSlice {
  const { items, result } = spread(shape.length, spec, fail);
  const axes = shape.map((dim, axis) => sliceAxis(dim, axis, items[axis], spec, fail));
  return { axes, shape: result.map((axis) => (axis === null ? 1 : axes[axis].size)) };
}

function sliceAxis(
  dim: Dimension,
  axis: number,
  item: number | null,
  spec: SliceSpec,
  fail: (message: string) => never,
): SlicedAxis {
  if (item === null) return { begin: 0, stride: 1, size: dim };
  const { masks } = spec;
  const stride = spec.strides[item];
  if (stride === 0) fail(`strides[${axis}] must be non-zero`);
  const isShrunk = has(masks.shrink, item);
  if (dim === null) return { begin: 0, stride, size: isShrunk ? 1 : null };
  if (isShrunk && stride <= 0) fail('only stride 1 allowed on non-range indexing.');
  if (isShrunk) return shrunkAxis(dim, axis, spec.begin?.[item] ?? null, fail);
  const [fromStart, toEnd] = [has(masks.begin, item), has(masks.end, item)];
  const [first, beyond] = stride > 0 ? [0, dim] : [dim - 1, -1];
  if (!spec.begin || !spec.end)
    return { begin: 0, stride, size: fromStart && toEnd ? length(first, beyond, stride) : null };
  const [low, high] = stride > 0 ? [0, dim] : [-1, dim - 1];
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + dim : at, low), high);
  const begin = fromStart ? first : clamp(spec.begin[item]);
  return { begin, stride, size: length(begin, toEnd ? beyond : clamp(spec.end[item]), stride) };
}

function shrunkAxis(dim: number, axis: number, begin: number | null, fail: (message: string) => never): SlicedAxis {
  if (begin === null) return { begin: 0, stride: 1, size: 1 };
  const at = begin < 0 ? begin + dim : begin;
  if (at < 0 || at >= dim) fail(`slice index ${at} of dimension ${axis} out of bounds.`);
  return { begin: at, stride: 1, size: 1 };
}

/** How many steps lead from `begin` up to, not including, `end`. */
function length(begin: number, end: number, stride: number): number {
  return Math.max(0, Math.ceil((end - begin) / stride));
}
