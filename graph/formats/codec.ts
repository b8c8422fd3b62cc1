/**
 * Messages as bytes, as text and as JSON, and back; errors name the file and the place in it.
 *
 * Damaged bytes are a DataLossError, text that is wrong an InvalidArgumentError. Fields that nobody knows survive in
 * bytes; the text form and JSON have no place for them.
 */
import {
  type DescMessage,
  fromBinary,
  fromJsonString,
  type MessageShape,
  type Registry,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { fromText, toText } from '@bufbuild/protobuf/txtpb';
import { DataLossError, InvalidArgumentError } from '../errors';
import { damageOf } from './wire';

export type MessageFormat = 'binary' | 'text' | 'json';

export interface DecodeOptions {
  /** What the errors call the source; a path, mostly. */
  readonly source?: string;
  /** Default: found out from the bytes. */
  readonly format?: MessageFormat;
  /** Types of messages that are packed into an Any. */
  readonly registry?: Registry;
}

const nameOf = (schema: DescMessage) => schema.name;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** How bytes are written: JSON starts with a brace, text with the name of a field, or with a comment. */
export function formatOf(bytes: Uint8Array): MessageFormat {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1 << 12));
  if (/^\s*\{/.test(head) && /^\s*\{\s*["}]/.test(head)) return 'json';
  return /^(?:\s|#[^\n]*(?:\n|$))*[A-Za-z_]\w*\s*[:{<]/.test(head) ? 'text' : 'binary';
}

function fromBytes<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array, source: string): MessageShape<Desc> {
  const damage = damageOf(schema, bytes);
  if (damage) {
    const field = damage.field === '' ? '' : `${damage.field}: `;
    throw new DataLossError(
      `Can't parse ${source} as ${nameOf(schema)}: at offset ${damage.offset} of ${bytes.length}: ${field}${damage.text}.`,
    );
  }
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new DataLossError(`Can't parse ${source} as ${nameOf(schema)}: ${(error as Error).message}.`);
  }
}

/** The text, and how far the reader of it came when it gave up. */
function placeInText(schema: DescMessage, text: string): string {
  let last = -1;
  const tracked = new Proxy(new String(text), {
    get: (target, key) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) last = Math.max(last, Number(key));
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  try {
    fromText(schema, tracked as unknown as string);
  } catch {
    // It gave up in the same place.
  }
  const before = text.slice(0, Math.max(last, 0)).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}

function fromString<Desc extends DescMessage>(
  schema: Desc,
  text: string,
  format: 'text' | 'json',
  source: string,
  registry: Registry | undefined,
): MessageShape<Desc> {
  try {
    return format === 'json' ? fromJsonString(schema, text, { registry }) : fromText(schema, text, { registry });
  } catch (error) {
    const place = format === 'text' ? ` at ${placeInText(schema, text)}` : '';
    throw new InvalidArgumentError(
      `Can't parse ${source} as the ${format} form of ${nameOf(schema)}${place}: ${(error as Error).message}.`,
    );
  }
}

/** The message that bytes or a text hold. DataLossError or InvalidArgumentError when they hold none. */
export function decodeMessage<Desc extends DescMessage>(
  schema: Desc,
  data: Uint8Array | string,
  options: DecodeOptions = {},
): MessageShape<Desc> {
  const source = options.source ?? 'the data';
  if (typeof data === 'string') {
    const format = options.format ?? (/^\s*\{/.test(data) ? 'json' : 'text');
    if (format === 'binary')
      throw new InvalidArgumentError(`The binary form of ${nameOf(schema)} is bytes, not a text.`);
    return fromString(schema, data, format, source, options.registry);
  }
  // Subclasses, such as Node's Buffer, cut pieces in ways of their own.
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const format = options.format ?? formatOf(bytes);
  if (format === 'binary') return fromBytes(schema, bytes, source);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new InvalidArgumentError(`Can't parse ${source} as the ${format} form of ${nameOf(schema)}: it is no UTF-8.`);
  }
  return fromString(schema, text, format, source, options.registry);
}

/** A message as bytes, or as the UTF-8 of its text or JSON. */
export function encodeMessage<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  format: MessageFormat,
  registry?: Registry,
): Uint8Array {
  if (format === 'binary') return toBinary(schema, message);
  const text =
    format === 'json'
      ? toJsonString(schema, message, { registry, prettySpaces: 2 })
      : toText(schema, message, { registry });
  return new TextEncoder().encode(text);
}
