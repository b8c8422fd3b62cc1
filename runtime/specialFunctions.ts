/**
 * Special functions of real numbers, to nearly the precision of a double: error functions and their inverses, the
 * logarithm of Gamma and its derivatives, and Hurwitz's zeta function. Pure numbers; kernels are runtime/kernels/special.ts.
 */

const { abs, exp, floor, log, sqrt, PI } = Math;

/** Σ c[k]·T_k(u) with the first coefficient halved, by Clenshaw's recurrence. */
function chebyshev(coefficients: readonly number[], u: number): number {
  let b0 = 0;
  let b1 = 0;
  for (let k = coefficients.length - 1; k > 0; k--) {
    const next = 2 * u * b0 - b1 + coefficients[k];
    b1 = b0;
    b0 = next;
  }
  return u * b0 - b1 + coefficients[0] / 2;
}

/**
 * Chebyshev coefficients of log(erfc(z)/t) + z² over t = 2/(2 + z) in (0, 1], the argument being 2t − 1. They were found by
 * interpolating that function at 64 Chebyshev nodes with 50 digits.
 */
const ERFC = [
  -1.3026537197817094, 0.6419697923564902, 0.019476473204185836, -0.009561514786808632, -0.0009465953444820369,
  0.00036683949785276145, 0.00004252332480690777, -0.000020278578112534242, -0.0000016242900046470254,
  0.000001303655835580523, 1.5626441722066142e-8, -8.523809591492654e-8, 6.529054439048851e-9, 5.059343495551469e-9,
  -9.91364156493033e-10, -2.2736512229318357e-10, 9.646791102015527e-11, 2.394038083039115e-12, -6.886027526497553e-12,
  8.944879273090726e-13, 3.130921399342958e-13, -1.1270822361367252e-13, 3.810905255189232e-16, 7.106097613609237e-15,
  -1.5230282014571043e-15, -9.457494571291233e-17, 1.210237189224279e-16, -2.816663087747177e-17,
];

const TWO_OVER_ROOT_PI = 2 / sqrt(PI);

/** The complementary error function. */
export function erfc(x: number): number {
  if (x < 0.5) return x > -0.5 ? 1 - erf(x) : 2 - erfc(-x);
  if (!(x < 28)) return x >= 28 ? 0 : x;
  const t = 2 / (2 + x);
  return t * exp(-x * x + chebyshev(ERFC, 2 * t - 1));
}

/** The error function. */
export function erf(x: number): number {
  if (!(abs(x) < 0.5)) return x > 0 ? 1 - erfc(x) : x < 0 ? erfc(-x) - 1 : x;
  // e^(-x²)·Σ (2x²)^k·x/(1·3·…·(2k + 1)): all terms have one sign.
  let term = x;
  let sum = x;
  for (let k = 1; abs(term) > 1e-18 * abs(sum); k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * exp(-x * x) * sum;
}

/** The x with erfc(x) = y: a rational first guess (Abramowitz and Stegun, 26.2.22), then Halley's method. NaN outside of [0, 2]. */
export function erfcInverse(y: number): number {
  if (!(y > 0 && y < 2)) return y === 0 ? Infinity : y === 2 ? -Infinity : NaN;
  if (y > 1) return -erfcInverse(2 - y);
  const t = sqrt(-2 * log(y / 2));
  let x = ((2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481)) - t) * -Math.SQRT1_2;
  for (let i = 0; i < 3; i++) {
    const error = (erfc(x) - y) / (TWO_OVER_ROOT_PI * exp(-x * x));
    x += error / (1 - x * error);
  }
  return x;
}

/** The x with erf(x) = y. NaN outside of [-1, 1]. */
export function erfInverse(y: number): number {
  if (!(abs(y) < 0.5)) return y < 0 ? -erfcInverse(1 + y) : erfcInverse(1 - y);
  let x = y / TWO_OVER_ROOT_PI;
  for (let i = 0; i < 4; i++) {
    const error = (erf(x) - y) / (TWO_OVER_ROOT_PI * exp(-x * x));
    x -= error / (1 + x * error);
  }
  return x;
}

/** The quantile function of the normal distribution. */
export const normalQuantile = (p: number): number => -Math.SQRT2 * erfcInverse(2 * p);

/** B_2, B_4, …: Bernoulli numbers. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** From here on eight terms of the asymptotic series suffice; smaller arguments are shifted up. */
const FAR = 10;

/** sin(πx), exact at integers and halves. */
function sinPi(x: number): number {
  const rest = x - 2 * floor(x / 2);
  if (rest === 0 || rest === 1) return 0;
  return rest === 0.5 ? 1 : rest === 1.5 ? -1 : Math.sin(PI * rest);
}

/** log |Γ(x)|; infinite at 0, -1, -2, …. */
export function logGamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (abs(x) === Infinity) return Infinity;
  if (x < 0.5) return x <= 0 && floor(x) === x ? Infinity : log(PI / abs(sinPi(x))) - logGamma(1 - x);
  let [z, product] = [x, 1];
  for (; z < FAR; z++) product *= z;
  let [series, power] = [0, 1 / z];
  BERNOULLI.forEach((b, k) => {
    series += (b * power) / ((2 * k + 2) * (2 * k + 1));
    power /= z * z;
  });
  return (z - 0.5) * log(z) - z + 0.5 * log(2 * PI) + series - log(product);
}

/** The logarithmic derivative of Γ; NaN at 0, -1, -2, …. */
export function digamma(x: number): number {
  if (x === Infinity || Number.isNaN(x)) return x;
  if (x <= 0) return floor(x) === x || x === -Infinity ? NaN : digamma(1 - x) - PI / Math.tan(PI * (x - floor(x)));
  let [z, sum] = [x, 0];
  for (; z < FAR; z++) sum -= 1 / z;
  let power = 1 / (z * z);
  sum += log(z) - 0.5 / z;
  BERNOULLI.forEach((b, k) => {
    sum -= (b * power) / (2 * k + 2);
    power /= z * z;
  });
  return sum;
}

/** Hurwitz's zeta function Σ (q + k)^-x over k ≥ 0. Infinite at its poles, NaN where it is not defined. */
export function zeta(x: number, q: number): number {
  if (x === 1) return Infinity;
  if (!(x > 1) || Number.isNaN(q)) return NaN;
  if (q <= 0) {
    if (q === floor(q)) return Infinity;
    if (x !== floor(x)) return NaN;
  }
  let [z, sum] = [q, 0];
  for (; z < FAR; z++) sum += z ** -x;
  // Euler and Maclaurin's remainder of the sum.
  sum += z ** (1 - x) / (x - 1) + 0.5 * z ** -x;
  let term = (x * z ** (-x - 1)) / 2;
  BERNOULLI.forEach((b, k) => {
    sum += b * term;
    term *= ((x + 2 * k + 1) * (x + 2 * k + 2)) / ((2 * k + 3) * (2 * k + 4) * z * z);
  });
  return sum;
}

/** The n-th derivative of digamma; NaN unless n is a whole number ≥ 0. */
export function polygamma(n: number, x: number): number {
  if (n !== floor(n) || n < 0) return NaN;
  if (n === 0) return digamma(x);
  return (n % 2 === 0 ? -1 : 1) * exp(logGamma(n + 1)) * zeta(n + 1, x);
}
