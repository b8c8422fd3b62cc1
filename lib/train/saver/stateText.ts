/**
 * The text form of the message CheckpointState, as TensorFlow writes it and as people may have edited it.
 */
import { create } from '@bufbuild/protobuf';
import { DataLossError } from '../../../graph/errors';
import {
  type CheckpointState,
  CheckpointStateSchema,
} from '../../../graph/formats/protos/generated/checkpoint_state_pb';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  "'": "\\'",
  '\\': '\\\\',
};

/** In quotes; bytes that are no printable ASCII in octal. */
function quote(text: string): string {
  let quoted = '';
  for (const byte of encoder.encode(text)) {
    const letter = String.fromCharCode(byte);
    if (escapes[letter]) quoted += escapes[letter];
    else quoted += byte >= 32 && byte < 127 ? letter : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `"${quoted}"`;
}

const double = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : `${value}`;

/** One field a line. */
export function formatCheckpointState(state: CheckpointState): string {
  return [
    ...(state.modelCheckpointPath === '' ? [] : [`model_checkpoint_path: ${quote(state.modelCheckpointPath)}`]),
    ...state.allModelCheckpointPaths.map((path) => `all_model_checkpoint_paths: ${quote(path)}`),
    ...state.allModelCheckpointTimestamps.map((time) => `all_model_checkpoint_timestamps: ${double(time)}`),
    ...(state.lastPreservedTimestamp === 0
      ? []
      : [`last_preserved_timestamp: ${double(state.lastPreservedTimestamp)}`]),
    '',
  ].join('\n');
}

/** A token: a comment or space, a name, a number, a quoted text, or one sign. */
const TOKEN =
  /(?:\s+|#[^\n]*)|([A-Za-z_]\w*)|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|("(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|([\s\S])/y;

const named: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11 };

function unquote(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, octal, hex, other, plain] of text
    .slice(1, -1)
    .matchAll(/\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 255);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (other !== undefined) bytes.push(named[other] ?? other.charCodeAt(0));
    else bytes.push(...encoder.encode(plain));
  }
  return Uint8Array.from(bytes);
}

interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

function* tokensOf(text: string): Generator<Token, Token> {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const [, name, number, quoted, sign] = TOKEN.exec(text)!;
    if (name !== undefined) yield { kind: 'name', text: name, at };
    else if (number !== undefined) yield { kind: 'number', text: number, at };
    else if (quoted !== undefined) yield { kind: 'text', text: quoted, at };
    else if (sign !== undefined && !/[;,]/.test(sign)) yield { kind: 'sign', text: sign, at };
  }
  return { kind: 'end', text: '', at: text.length };
}

/** Reads the text; DataLossError, with the file and the offset, for what is no CheckpointState. */
export function parseCheckpointState(path: string, bytes: Uint8Array): CheckpointState {
  const fail = (at: number, what: string) => new DataLossError(`${path}: ${what} at offset ${at}`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw fail(0, 'the text is not UTF-8');
  }
  const tokens = [...tokensOf(text)];
  const state = create(CheckpointStateSchema);
  let next = 0;
  const peek = (): Token => tokens[next] ?? { kind: 'end', text: '', at: text.length };
  const strings = (): string => {
    if (peek().kind !== 'text') throw fail(peek().at, 'a text in quotes is missing');
    const { at } = peek();
    let joined: Uint8Array = new Uint8Array();
    while (peek().kind === 'text') joined = Uint8Array.from([...joined, ...unquote(tokens[next++].text)]);
    try {
      return decoder.decode(joined);
    } catch {
      throw fail(at, 'the path is not UTF-8');
    }
  };
  const number = (): number => {
    if (peek().kind !== 'number') throw fail(peek().at, 'a number is missing');
    return Number(tokens[next++].text);
  };
  while (next < tokens.length) {
    const { kind, text: field, at } = tokens[next++];
    if (kind !== 'name') throw fail(at, `'${field}' stands where the name of a field is expected`);
    if (peek().text !== ':') throw fail(peek().at, `a colon is missing after '${field}'`);
    next++;
    if (field === 'model_checkpoint_path') state.modelCheckpointPath = strings();
    else if (field === 'all_model_checkpoint_paths') state.allModelCheckpointPaths.push(strings());
    else if (field === 'all_model_checkpoint_timestamps') state.allModelCheckpointTimestamps.push(number());
    else if (field === 'last_preserved_timestamp') state.lastPreservedTimestamp = number();
    else throw fail(at, `Message type "tensorflow.CheckpointState" has no field named "${field}"`);
  }
  return state;
}
