/**
 * Comparing values: the tolerances of all specs, per dtype, in one place.
 */
import { expect } from 'chai';
import { NdArray } from '../../graph/ndarray';

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export const tolerances: Readonly<Record<'float32' | 'float64' | 'gradient', Tolerance>> = {
  float32: { absolute: 1e-6, relative: 1e-5 },
  float64: { absolute: 1e-12, relative: 1e-10 },
  gradient: { absolute: 1e-6, relative: 1e-5 },
};

/** Whether two numbers are close; NaN equals NaN and infinities equal themselves. */
export function isClose(got: number, want: number, { absolute, relative }: Tolerance): boolean {
  if (Number.isNaN(want) || Number.isNaN(got)) return Number.isNaN(want) && Number.isNaN(got);
  if (!Number.isFinite(want) || !Number.isFinite(got)) return got === want;
  return Math.abs(got - want) <= absolute + relative * Math.abs(want);
}

/** Compares dtype and shape, then values: floats within the tolerance, everything else exactly. */
export function expectClose(got: NdArray, want: NdArray, tolerance?: Tolerance): void {
  expect(got.dtype.name, 'dtype').to.equal(want.dtype.name);
  expect([...got.shape], 'shape').to.deep.equal([...want.shape]);
  const bound = tolerance ?? tolerances[got.dtype.name === 'float64' ? 'float64' : 'float32'];
  for (let i = 0; i < want.data.length; i++) {
    const [g, w] = [got.data[i], want.data[i]];
    const same =
      typeof w === 'number' && got.dtype.isFloating
        ? isClose(g as number, w, bound)
        : g instanceof Uint8Array
          ? Buffer.compare(g, w as Uint8Array) === 0
          : g === w;
    if (!same) expect.fail(`element ${i} is ${g}, expected ${w}\n  got  ${got}\n  want ${want}`);
  }
}

/** Nested arrays of numbers as NdArray.toArray gives them: as many, each within 1e-5 of its size, or of 1. */
export function expectNearly(got: unknown, want: unknown): void {
  const flat = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flat) : [value as number]);
  const [values, wanted] = [flat(got), flat(want)];
  expect(values.length).to.equal(wanted.length);
  values.forEach((value, i) => expect(value).to.be.closeTo(wanted[i], 1e-5 * Math.max(1, Math.abs(wanted[i]))));
}
