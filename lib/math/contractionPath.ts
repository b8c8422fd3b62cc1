/**
 * In which order to multiply many tensors: the pair that saves most elements first.
 *
 * The choices are those of opt_einsum's greedy path, which TensorFlow uses: equal operands, then pairs with a common
 * label that can be summed, by the number of elements that the product has more than its factors; then outer products,
 * smallest first.
 */

/** One product of two operands: their positions among those that remain (the greater first), and their labels. */
export interface ContractionStep {
  readonly operands: readonly [number, number];
  readonly inputs: readonly [string, string];
  readonly output: string;
}

interface Operand {
  /** Counts operands and products in the order in which they appear. */
  readonly id: number;
  readonly labels: ReadonlySet<string>;
}

type Pair = readonly [Operand, Operand];

/** The steps that contract all operands to `output`; the last one has exactly its labels. */
export function contractionPath(
  inputs: readonly string[],
  output: string,
  sizes: ReadonlyMap<string, number>,
): ContractionStep[] {
  const pairs = choosePairs(inputs, output, sizes);
  // Operands that remain, in their order; products come last.
  const remaining = inputs.map((labels, id) => ({ id, labels }));
  return pairs.map(([first, second], i) => {
    const positions = [first, second]
      .map((id) => remaining.findIndex((operand) => operand.id === id))
      .sort((a, b) => b - a);
    const taken = positions.map((at) => remaining.splice(at, 1)[0].labels);
    const all = taken.join('');
    const needed = new Set(output + remaining.map((operand) => operand.labels).join(''));
    const kept = [...new Set(all)].filter((label) => needed.has(label)).join('');
    const result = i === pairs.length - 1 ? output : kept;
    remaining.push({ id: inputs.length + i, labels: result });
    return { operands: positions as [number, number], inputs: taken as [string, string], output: result };
  });
}

function sizeOf(labels: Iterable<string>, sizes: ReadonlyMap<string, number>): number {
  let size = 1;
  for (const label of labels) size *= sizes.get(label)!;
  return size;
}

/** Pairs of ids, in order. */
function choosePairs(
  inputs: readonly string[],
  output: string,
  sizes: ReadonlyMap<string, number>,
): [number, number][] {
  let operands: Operand[] = inputs.map((labels, id) => ({ id, labels: new Set(labels) }));
  // A label of all operands can only be summed in the last step, as if it were one of the output.
  const common = [...operands[0].labels].filter((label) => operands.every((operand) => operand.labels.has(label)));
  const outer = new Set([...output, ...common]);
  const path: [number, number][] = [];
  let next = inputs.length;
  const contract = ([a, b]: Pair, keepAll = false): void => {
    const others = operands.filter((operand) => operand !== a && operand !== b);
    const isNeeded = (label: string) =>
      keepAll || outer.has(label) || others.some((operand) => operand.labels.has(label));
    const labels = new Set([...a.labels, ...b.labels].filter(isNeeded));
    path.push([Math.min(a.id, b.id), Math.max(a.id, b.id)]);
    operands = [...others, { id: next++, labels }];
  };
  for (let pair = equalPair(operands); pair; pair = equalPair(operands)) contract(pair, true);
  for (let pair = cheapestPair(operands, outer, sizes); pair; pair = cheapestPair(operands, outer, sizes))
    contract(pair);
  while (operands.length > 1) {
    const visible = (operand: Operand) =>
      sizeOf(
        [...operand.labels].filter((label) => outer.has(label)),
        sizes,
      );
    const sorted = operands.toSorted((a, b) => visible(a) - visible(b) || a.id - b.id);
    contract([sorted[0], sorted[1]]);
  }
  return path;
}

function equalPair(operands: readonly Operand[]): Pair | null {
  for (const [i, a] of operands.entries()) {
    const b = operands
      .slice(i + 1)
      .find((other) => other.labels.size === a.labels.size && [...a.labels].every((label) => other.labels.has(label)));
    if (b) return [a, b];
  }
  return null;
}

function cheapestPair(
  operands: readonly Operand[],
  outer: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Pair | null {
  let best: Pair | null = null;
  let bestRank: readonly number[] = [];
  for (const [i, a] of operands.entries()) {
    for (const b of operands.slice(i + 1)) {
      if (![...a.labels].some((label) => b.labels.has(label) && !outer.has(label))) continue;
      const others = operands.filter((operand) => operand !== a && operand !== b);
      const isNeeded = (label: string) => outer.has(label) || others.some((operand) => operand.labels.has(label));
      const product = new Set([...a.labels, ...b.labels].filter(isNeeded));
      const cost = sizeOf(product, sizes) - sizeOf(a.labels, sizes) - sizeOf(b.labels, sizes);
      const rank = [cost, Math.max(a.id, b.id), Math.min(a.id, b.id)];
      if (best && !isLess(rank, bestRank)) continue;
      [best, bestRank] = [[a, b], rank];
    }
  }
  return best;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at] < b[at];
}
