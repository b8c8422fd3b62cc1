/**
 * Loops and small arithmetic that kernels share, written with FunctionBuilder. Counters are i32; nothing here knows of memory
 * layouts or element types.
 */
import type { FunctionBuilder, Local } from './functionBuilder';

/** Something that leaves one i32 on the stack: a local, or a constant. */
export type Operand = Local | number;

export function push(f: FunctionBuilder, value: Operand): FunctionBuilder {
  return typeof value === 'number' ? f.i32(value) : f.get(value);
}

/**
 * Runs `body` while `hasMore`, which pushes a condition. It is asked at the end of an iteration, and once ahead of the first: an
 * optimizing compiler moves what does not change out of a loop whose body always runs, and moves code from before other loops into
 * them.
 */
export function repeat(f: FunctionBuilder, hasMore: () => void, body: () => void): void {
  hasMore();
  f.if(() =>
    f.loop((again) => {
      body();
      hasMore();
      f.brIf(again);
    }),
  );
}

/** Runs `body` while the signed count in `left` is at least `step`, then takes `step` off it. */
export function whileAtLeast(f: FunctionBuilder, left: Local, step: Operand, body: () => void): void {
  const hasMore = () => push(f.get(left), step).op('i32.ge_s');
  repeat(f, hasMore, () => {
    body();
    push(f.get(left), step).op('i32.sub').set(left);
  });
}

/** Runs `body` with `index` going from `begin` to below `end`, by `step`. */
export function forRange(
  f: FunctionBuilder,
  index: Local,
  begin: Operand,
  end: Operand,
  step: Operand,
  body: () => void,
): void {
  const hasMore = () => push(f.get(index), end).op('i32.lt_s');
  push(f, begin).set(index);
  repeat(f, hasMore, () => {
    body();
    push(f.get(index), step).op('i32.add').set(index);
  });
}

/** `target += amount`. */
export function advance(f: FunctionBuilder, target: Local, amount: Operand): void {
  push(f.get(target), amount).op('i32.add').set(target);
}

/** `target += amount · factor`. */
export function advanceBy(f: FunctionBuilder, target: Local, amount: Operand, factor: Operand): void {
  push(push(f.get(target), amount), factor)
    .op('i32.mul')
    .op('i32.add')
    .set(target);
}

/** `target` = the smaller of two signed numbers. */
export function setMinimum(f: FunctionBuilder, target: Local, a: Operand, b: Operand): void {
  push(push(push(push(f, a), b), a), b)
    .op('i32.lt_s')
    .op('select')
    .set(target);
}
