/**
 * The float32 logarithm, sine and cosine as the C library of Linux computes them: glibc's logf and sincosf, which are those
 * of Arm's optimized-routines (MIT, or Apache-2.0 with LLVM exception): polynomials in double precision, rounded once.
 *
 * Correctly rounded functions would differ from them in one result out of a hundred; with these, normal random numbers
 * are TensorFlow's bit for bit. Only the ranges that Box–Muller needs are handled: logarithms of normal positive numbers
 * and angles from 0 to 2π.
 */

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** 1/c for a c near the middle of each of the sixteen intervals that [0.7, 1.4) is cut into, and log(c). */
export const LOG_INVERSES = Float64Array.of(
  1.398907162146528,
  1.3403141896637998,
  1.286432210124115,
  1.2367150214269895,
  1.1906977166711752,
  1.1479821020556429,
  1.1082251448272158,
  1.0711297413057381,
  1.036437278977283,
  1,
  0.9492859795739057,
  0.8951049428609004,
  0.8476821620351103,
  0.8050314851692001,
  0.7664671008843108,
  0.731428603316328,
);
export const LOG_CENTRES = Float64Array.of(
  -0.33569133332882284,
  -0.2929040563774074,
  -0.2518726580937369,
  -0.21245868807117255,
  -0.17453945183745634,
  -0.1380057072319758,
  -0.10275976698545139,
  -0.06871392447020525,
  -0.0357891387398228,
  0,
  0.05204517742929496,
  0.11081431298787942,
  0.1652495223695143,
  0.21687389031699977,
  0.2659635028121397,
  0.3127556664073557,
);

/** log(1 + r) = r + r²·(L1 + r·(L2 + r·L3)) within an interval. */
export const L1 = -0.4999997485802103;
export const L2 = 0.333456765744066;
export const L3 = -0.25089342214237154;

/** The bits of 0.7 or so, where the intervals begin. */
export const LOG_OFFSET = 0x3f330000;

/** The logarithm of a positive float32 that is not subnormal, as glibc's logf. */
export function logFloat32(x: number): number {
  float[0] = x;
  const representation = bits[0];
  if (representation === 0x3f800000) return 0;
  const offset = representation - LOG_OFFSET;
  const interval = (offset >> 19) & 15;
  // x = 2^(offset >> 23) * z, with z near 1.
  bits[0] = representation - (offset & -0x800000);
  const r = float[0] * LOG_INVERSES[interval] - 1;
  const r2 = r * r;
  const base = LOG_CENTRES[interval] + (offset >> 23) * Math.LN2;
  const high = (L3 * r2 + (L2 * r + L1)) * r2;
  return Math.fround(high + (base + r));
}

const HALF_PI = Math.PI / 2;
const QUADRANTS_PER_RADIAN = 2 / Math.PI;

/** Sine and cosine of an angle within a quadrant's half from zero: odd and even polynomials. */
export const S1 = -0.16666654943701084;
export const S2 = 0.008332178146138854;
export const S3 = -0.00019517298981385725;
export const C1 = -0.49999999725108224;
export const C2 = 0.041666623324344516;
export const C3 = -0.001388676379437604;
export const C4 = 2.4390450703564542e-5;

/** Writes sine and cosine of a float32 angle in [0, 2π] to `out` at `at` and `at + 1`, as glibc's sincosf. */
export function sincosFloat32(angle: number, out: Float32Array, at: number): void {
  const quadrant = Math.floor(angle * QUADRANTS_PER_RADIAN + 0.5);
  const x = angle - quadrant * HALF_PI;
  const x2 = x * x;
  const x4 = x2 * x2;
  const x3 = x2 * x;
  const sine = x + x3 * S1 + x3 * x2 * (S2 + x2 * S3);
  const cosine = 1 + x2 * C1 + x4 * C2 + x4 * x2 * (C3 + x2 * C4);
  out[at] = quadrant & 1 ? (quadrant & 2 ? -cosine : cosine) : quadrant & 2 ? -sine : sine;
  out[at + 1] = quadrant & 1 ? (quadrant & 2 ? sine : -sine) : quadrant & 2 ? -cosine : cosine;
}
