/**
 * Where a kernel reads or writes: for each axis of a value, which axis of the domain moves along it, how far and from where.
 *
 * Slices, transposes, broadcasts and reversals are accesses, never copies. An axis that no axis of the domain moves along stays
 * at its start. Accesses compose: a view of a view is a view.
 */

export interface AxisMap {
  /** The axis of the domain, or -1. */
  readonly axis: number;
  readonly step: number;
  readonly start: number;
}

export type AxisMaps = readonly AxisMap[];

const FIXED: AxisMap = { axis: -1, step: 0, start: 0 };

/** Each position of the domain reads the same position of a value of that shape. Axes of length 1 do not move. */
export function identityAccess(shape: readonly number[]): AxisMap[] {
  return shape.map((dim, axis) => (dim === 1 ? FIXED : { axis, step: 1, start: 0 }));
}

/** A value of `shape` read as if it had the shape `domain`, by TensorFlow's rules of broadcasting. */
export function broadcastAccess(shape: readonly number[], domain: readonly number[]): AxisMap[] {
  const shift = domain.length - shape.length;
  return shape.map((dim, i) => (dim === 1 ? FIXED : { axis: i + shift, step: 1, start: 0 }));
}

/** `inner` maps a value's axes to those of a middle domain, `outer` maps these to a domain: the value's axes over that domain. */
export function composeAccess(inner: AxisMaps, outer: AxisMaps): AxisMap[] {
  return inner.map((map) => {
    if (map.axis < 0) return map;
    const next = outer[map.axis];
    const start = map.start + map.step * next.start;
    return next.axis < 0 ? { axis: -1, step: 0, start } : { axis: next.axis, step: map.step * next.step, start };
  });
}

export function isIdentityAccess(maps: AxisMaps, shape: readonly number[], domain: readonly number[]): boolean {
  if (shape.length !== domain.length) return false;
  return maps.every(
    (map, i) => shape[i] === domain[i] && map.start === 0 && (shape[i] === 1 || (map.axis === i && map.step === 1)),
  );
}

/** An access as a walk through memory: the offset of the first element, and the distance in elements along each axis. */
export interface Walk {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The walk of an access to a dense, row-major value of `shape`, over a domain of that rank. */
export function walkOf(maps: AxisMaps, shape: readonly number[], rank: number): Walk {
  const strides = new Array<number>(rank).fill(0);
  let offset = 0;
  let size = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const { axis, step, start } = maps[i];
    offset += start * size;
    if (axis >= 0) strides[axis] += step * size;
    size *= shape[i];
  }
  return { offset, strides };
}

export function accessText(maps: AxisMaps): string {
  const axisText = ({ axis, step, start }: AxisMap): string => {
    if (axis < 0) return String(start);
    const scaled = step === 1 ? `i${axis}` : `${step}*i${axis}`;
    return start === 0 ? scaled : `${scaled}+${start}`;
  };
  return `[${maps.map(axisText).join(', ')}]`;
}
