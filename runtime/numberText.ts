/**
 * Numbers as C's printf writes them, which is how TensorFlow's kernels print values.
 */

/** An exponent with a sign and at least two digits. */
function exponentText(exponent: number): string {
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `e${exponent < 0 ? '-' : '+'}${digits}`;
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? null : value > 0 ? 'inf' : '-inf';
}

/** `toFixed` and `toExponential` lose the sign of a negative zero. */
function signed(value: number, text: string): string {
  return Object.is(value, -0) || (value < 0 && !text.startsWith('-')) ? `-${text}` : text;
}

/** `%.<precision>e` */
export function formatE(value: number, precision: number): string {
  const text = special(value);
  if (text !== null) return text;
  const [mantissa, exponent] = value.toExponential(precision).split('e');
  return signed(value, `${mantissa}${exponentText(Number(exponent))}`);
}

/** `%.<precision>f` */
export function formatF(value: number, precision: number): string {
  const text = special(value);
  if (text !== null) return text;
  // toFixed gives up above 1e21; such doubles are whole numbers.
  const fixed =
    Math.abs(value) < 1e21
      ? value.toFixed(precision)
      : `${BigInt(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
  return signed(value, fixed);
}

/** `%.<precision>g` */
export function formatG(value: number, precision: number): string {
  const text = special(value);
  if (text !== null) return text;
  if (value === 0) return signed(value, '0');
  const significant = Math.max(1, precision);
  const [mantissa, exponentPart] = value.toExponential(significant - 1).split('e');
  const exponent = Number(exponentPart);
  const strip = (digits: string) => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits);
  if (exponent < -4 || exponent >= significant) return `${strip(mantissa)}${exponentText(exponent)}`;
  return strip(value.toFixed(Math.max(0, significant - 1 - exponent)));
}

/** A float32 as TensorFlow prints it: six significant digits where they read back as the same number, else nine. */
export function float32Text(value: number): string {
  const short = formatG(value, 6);
  return Math.fround(Number(short)) === value || special(value) !== null ? short : formatG(value, 9);
}

/** A float64 as TensorFlow prints it: fifteen significant digits where they read back as the same number, else seventeen. */
export function float64Text(value: number): string {
  const short = formatG(value, 15);
  return Number(short) === value || special(value) !== null ? short : formatG(value, 17);
}
