/**
 * Guessing which variable became which, when a graph was built again under other scopes or with other numbers.
 */

/** A name without the numbers that make names unique: `dense_2/kernel` is `dense/kernel`. */
const withoutNumbers = (name: string): string => name.replace(/_\d+(?=\/|$)/g, '');

/** The numbers of a name's parts, 0 where there is none: names made again one after the other are ordered by them. */
const numbersOf = (name: string): number[] => name.split('/').map((part) => Number(/_(\d+)$/.exec(part)?.[1] ?? 0));

function byNumbers(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const at = left.findIndex((number, i) => number !== right[i]);
  if (at >= 0) return left[at] - (right[at] ?? -1);
  return a < b ? -1 : 1;
}

function groupBy(names: readonly string[], key: (name: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(key(name), [...(groups.get(key(name)) ?? []), name]);
  return groups;
}

/** The last `count` parts of a name. */
const lastParts = (name: string, count: number): string => name.split('/').slice(-count).join('/');

/**
 * For missing names, those of the checkpoint that probably mean the same. Names that differ in numbers only go first, in the
 * order of their numbers when there are several: what was built again is numbered on. Then names that agree in their last
 * parts, as many as possible, and only one of each. `fits` tells whether the one could be read as the other.
 */
export function suggestRenames(
  missing: readonly string[],
  extra: readonly string[],
  fits: (name: string, other: string) => boolean,
): Map<string, string> {
  const found = new Map<string, string>();
  const taken = new Set<string>();
  const pair = (key: (name: string) => string) => {
    const others = groupBy(
      extra.filter((name) => !taken.has(name)),
      key,
    );
    for (const [group, names] of groupBy(
      missing.filter((name) => !found.has(name)),
      key,
    )) {
      const ordered = [...names].sort(byNumbers);
      const candidates = [...(others.get(group) ?? [])].sort(byNumbers);
      if (candidates.length !== ordered.length || !ordered.every((name, i) => fits(name, candidates[i]))) continue;
      ordered.forEach((name, i) => {
        found.set(name, candidates[i]);
        taken.add(candidates[i]);
      });
    }
  };
  pair(withoutNumbers);
  const depth = Math.max(0, ...[...missing, ...extra].map((name) => name.split('/').length));
  for (let count = depth; count >= 1; count--) {
    pair((name) => lastParts(name, count));
    pair((name) => lastParts(withoutNumbers(name), count));
  }
  return new Map(missing.flatMap((name) => (found.has(name) ? [[name, found.get(name)!]] : [])));
}
