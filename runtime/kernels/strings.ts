/**
 * What kernels of strings share: their bytes, and joining them.
 */
import { type NdArray, type StringElement, toStringElement } from '../../graph/ndarray';

const encoder = new TextEncoder();
/** The bytes of a string. */
export const bytesOf = (element: StringElement): Uint8Array =>
  typeof element === 'string' ? encoder.encode(element) : element;

/** Strings one after the other; parts that are no UTF-8 may complete each other. */
function concatenated(parts: readonly StringElement[]): StringElement {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  const bytes = parts.map(bytesOf);
  const whole = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  return toStringElement(whole);
}

/** Strings with a separator between them. */
export function joined(parts: readonly StringElement[], separator: string): StringElement {
  return concatenated(parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part])));
}

export function stringData(value: NdArray): StringElement[] {
  return value.data as unknown as StringElement[];
}
