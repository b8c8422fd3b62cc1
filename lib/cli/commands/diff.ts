/**
 * `sluice diff A B`: what one graph has that the other has not; or, of files of arrays, which arrays differ and by how much.
 */
import type { NdArray } from '../../../graph/ndarray';
import { diff as diffGraphs } from '../../inspect/diff';
import { Report } from '../../inspect/report';
import { shapeText } from '../arrays';
import type { NamedArrays } from '../files/kind';
import { loadArrays, loadGraph, openInput } from '../files/kinds';
import { type Context, type Shared, show } from '../output';

export interface ArrayChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Of arrays of one type and shape: how many elements differ, and the largest difference of numbers. */
  readonly elements: number | null;
  readonly largest: number | null;
}

export interface ArrayDifference {
  readonly isEmpty: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ArrayChange[];
  readonly equal: number;
}

const describe = (arrays: NamedArrays, name: string) => `${arrays.dtypeOf(name)}${shapeText(arrays.shapeOf(name))}`;

/** How many elements differ, and by how much at most. NaN equals NaN. */
function compare(a: NdArray, b: NdArray): { elements: number; largest: number | null } {
  let [elements, largest] = [0, 0];
  const isNumeric = a.dtype.isNumeric && a.dtype.size !== 2;
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [a.data[i], b.data[i]];
    const isBytes = x instanceof Uint8Array && y instanceof Uint8Array;
    if (isBytes ? Buffer.compare(x, y) === 0 : Object.is(x, y) || (x as number) === (y as number)) continue;
    elements++;
    if (isNumeric) largest = Math.max(largest, Math.abs(Number(x) - Number(y)));
  }
  return { elements, largest: isNumeric && elements > 0 ? largest : null };
}

/** The only array of a file under another name. */
function renamed(arrays: NamedArrays, name: string): NamedArrays {
  const [own] = arrays.names;
  return {
    names: [name],
    dtypeOf: () => arrays.dtypeOf(own),
    shapeOf: () => arrays.shapeOf(own),
    read: () => arrays.read(own),
  };
}

/** Arrays of the same name are compared, and two that are alone whatever they are called. */
export function diffArrays(given: NamedArrays, after: NamedArrays): Report<ArrayDifference> {
  const before = given.names.length === 1 && after.names.length === 1 ? renamed(given, after.names[0]) : given;
  const [old, current] = [new Set(before.names), new Set(after.names)];
  const removed = before.names.filter((name) => !current.has(name));
  const added = after.names.filter((name) => !old.has(name));
  const shared = before.names.filter((name) => current.has(name));
  const changed = shared.flatMap((name): ArrayChange[] => {
    const [was, is] = [describe(before, name), describe(after, name)];
    if (was !== is) return [{ name, before: was, after: is, elements: null, largest: null }];
    const { elements, largest } = compare(before.read(name), after.read(name));
    return elements === 0 ? [] : [{ name, before: was, after: is, elements, largest }];
  });
  const lines = [
    ...removed.map((name) => `- ${name}  ${describe(before, name)}`),
    ...added.map((name) => `+ ${name}  ${describe(after, name)}`),
    ...changed.map((change) => `~ ${change.name}  ${changeText(change)}`),
    `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${shared.length - changed.length} equal`,
  ];
  const isEmpty = added.length + removed.length + changed.length === 0;
  const equal = shared.length - changed.length;
  const data = { isEmpty, added, removed, changed, equal };
  return new Report(data, isEmpty ? 'The arrays are the same.' : lines.join('\n'));
}

function changeText({ before, after, elements, largest }: ArrayChange): string {
  if (elements === null) return `${before} → ${after}`;
  const by = largest === null ? '' : `, by ${Number(largest.toPrecision(6))} at most`;
  return `${before}: ${elements} ${elements === 1 ? 'element differs' : 'elements differ'}${by}`;
}

export function addDiffCommand({ command, output, finding }: Context): void {
  command('diff <before> <after>', 'what one graph, or one file of arrays, has that the other has not').action(
    (before: string, after: string, options: Shared) => {
      const { kind } = openInput(before);
      const found = kind.graph
        ? diffGraphs(loadGraph(before).graph, loadGraph(after).graph)
        : diffArrays(loadArrays(before), loadArrays(after));
      show(found, options, output);
      if (!found.data.isEmpty) finding();
    },
  );
}
