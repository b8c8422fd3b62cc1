/**
 * How nodes of files name their inputs: `a` and `a:1` in a graph, `argument` and `node:output:0` in a function, `^a` for
 * a control input.
 */
import type { NodeDef } from './protos/generated/node_def_pb';

/** An input of a node as written. */
export interface WrittenInput {
  readonly text: string;
  readonly node: string;
  /** The output argument, in functions. */
  readonly argument: string | null;
  readonly index: number;
}

export interface WrittenInputs {
  readonly data: readonly WrittenInput[];
  readonly controls: readonly string[];
  /** Whether a control input stands before one that is not. */
  readonly isMixed: boolean;
}

/** Reads `name` or `name:index`; what has another form is a name that no node has. */
export function parseInput(text: string): WrittenInput {
  const colon = text.lastIndexOf(':');
  const index = colon > 0 && /^\d+$/.test(text.slice(colon + 1)) ? Number(text.slice(colon + 1)) : null;
  if (index === null) return { text, node: text, argument: null, index: 0 };
  return { text, node: text.slice(0, colon), argument: null, index };
}

/** Reads `argument`, `argument:index` or `node:output:index`. */
export function parseFunctionInput(text: string): WrittenInput {
  const parts = text.split(':');
  if (parts.length === 3 && /^\d+$/.test(parts[2]))
    return { text, node: parts[0], argument: parts[1], index: Number(parts[2]) };
  return parseInput(text);
}

export function inputsOf({ input }: NodeDef, parse: (text: string) => WrittenInput): WrittenInputs {
  const data: WrittenInput[] = [];
  const controls: string[] = [];
  let isMixed = false;
  for (const text of input) {
    if (text.startsWith('^')) controls.push(text.slice(1));
    else {
      isMixed ||= controls.length > 0;
      data.push(parse(text));
    }
  }
  return { data, controls, isMixed };
}
