/**
 * Tensors as text, as Assert, Print and StringFormat show them.
 */
import type { NdArray } from '../graph/ndarray';
import { float32Text, float64Text } from './numberText';

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  "'": "\\'",
  '\\': '\\\\',
};

/** A byte that is shown as it is: printable ASCII. */
function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

function escapedChar(char: string, isPlain: boolean): string {
  return escapes[char] ?? (isPlain ? char : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Text with C escapes for what cannot be printed; UTF-8 stays. */
function escaped(value: string | Uint8Array): string {
  if (typeof value === 'string') {
    return Array.from(value, (char) =>
      escapedChar(char, char.charCodeAt(0) >= 0x80 || isPrintable(char.charCodeAt(0))),
    ).join('');
  }
  return Array.from(value, (byte) => escapedChar(String.fromCharCode(byte), isPrintable(byte))).join('');
}

function elementText(value: NdArray, index: number, quoted: boolean): string {
  const element = value.data[index];
  if (typeof element === 'string' || element instanceof Uint8Array)
    return quoted ? `"${escaped(element)}"` : escaped(element);
  if (value.dtype.name === 'float32') return float32Text(element as number);
  if (value.dtype.name === 'float64') return float64Text(element as number);
  return String(element);
}

/** The first `limit` elements in nested brackets: `[1 2][3...]...`, without the outermost brackets. -1 is all. */
export function summarizeFirst(value: NdArray, limit: number): string {
  const { shape } = value;
  const count = limit < 0 ? value.size : Math.min(limit, value.size);
  let next = 0;
  const walk = (axis: number): string => {
    if (next >= count) return '';
    let text = '';
    if (axis >= shape.length - 1) {
      for (let i = 0; i < (shape[axis] ?? 1); i++) {
        if (next >= count) return axis === 0 || shape.length === 0 ? text : `${text}...`;
        text += `${i > 0 ? ' ' : ''}${elementText(value, next++, false)}`;
      }
      return text;
    }
    for (let i = 0; i < shape[axis]; i++) {
      const opened = next < count;
      text += `${opened ? '[' : ''}${walk(axis + 1)}${opened ? ']' : ''}`;
    }
    return text;
  };
  return `${walk(0)}${value.size > count ? '...' : ''}`;
}

/** The first and last `edge` entries of each dimension, over several lines, as numpy prints arrays. -1 is all. */
export function summarizeEdges(value: NdArray, edge: number): string {
  const { shape } = value;
  const ends = edge < 0 ? Number.MAX_SAFE_INTEGER : Math.min(edge, value.size);
  const walk = (axis: number, offset: number, size: number): string => {
    if (axis === shape.length) return elementText(value, offset, true);
    const length = shape[axis];
    const inner = length === 0 ? 0 : size / length;
    const gap = axis === shape.length - 1 ? ' ' : `${'\n'.repeat(shape.length - 1 - axis)}${' '.repeat(axis + 1)}`;
    const head = Array.from({ length: Math.min(ends, length) }, (_, i) => walk(axis + 1, offset + i * inner, inner));
    const tailStart = Math.max(ends, length - ends);
    const tail = Array.from(
      { length: Math.max(0, length - tailStart) },
      (_, i) => `${gap}${walk(axis + 1, offset + (tailStart + i) * inner, inner)}`,
    );
    return `[${head.join(gap)}${length > 2 * ends ? `${gap}...` : ''}${tail.join('')}]`;
  };
  return walk(0, 0, value.size);
}
