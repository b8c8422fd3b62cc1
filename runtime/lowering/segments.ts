/**
 * Values whose axes are cut into segments that are put elsewhere, forwards or backwards: mirrored borders, rolled axes.
 */
import type { AxisMap } from '../ir/access';
import type { Piece, Value } from '../ir/value';
import type { LowerContext } from './lowering';

/** `size` elements from `from` on, every `step`-th (1 or −1), put at `to`. */
export interface Segment {
  readonly size: number;
  readonly from: number;
  readonly step: 1 | -1;
  readonly to: number;
}

/** An axis as it is. */
export const whole = (size: number): Segment => ({ size, from: 0, step: 1, to: 0 });

/** Axes that are cut at once: each piece is a kernel, and they multiply. */
const MOST_AXES = 2;

/** The value with the segments of each axis put together; they cover all of the result. */
export function rearranged({ b }: LowerContext, value: Value, axes: readonly (readonly Segment[])[]): Value {
  const isCut = (segments: readonly Segment[], axis: number) =>
    segments.length !== 1 || segments[0].size !== value.shape[axis] || segments[0].step !== 1;
  const cut = axes.flatMap((segments, axis) => (isCut(segments, axis) ? [axis] : []));
  let result = value;
  for (let at = 0; at < cut.length; at += MOST_AXES) {
    const now = new Set(cut.slice(at, at + MOST_AXES));
    result = put(
      b,
      result,
      axes.map((segments, axis) => (now.has(axis) ? segments : [whole(result.shape[axis])])),
    );
  }
  return result;
}

function put(b: LowerContext['b'], value: Value, axes: readonly (readonly Segment[])[]): Value {
  const shape = axes.map((segments) => segments.reduce((sum, { size }) => sum + size, 0));
  const choices = axes.reduce<readonly (readonly Segment[])[]>(
    (chosen, segments) => chosen.flatMap((before) => segments.map((segment) => [...before, segment])),
    [[]],
  );
  const pieces = choices.map((segments): Piece => {
    const maps = segments.map(
      ({ size, from, step }, axis): AxisMap =>
        size === 1 ? { axis: -1, step: 0, start: from } : { axis, step, start: from },
    );
    return {
      operand: { value, maps },
      shape: segments.map(({ size }) => size),
      start: segments.map(({ to }) => to),
      step: shape.map(() => 1),
    };
  });
  return b.assemble(value.dtype, shape, null, pieces);
}
