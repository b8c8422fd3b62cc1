/**
 * Twins of TensorFlow's golden programs: `goldenCases('dropout', { dropout_number_rate: () => … })` builds each program in a
 * fresh graph and compares its text, results and collections with spec/golden/graphs/<area>.txt, line by line.
 *
 * spec/golden/README.md describes the text. A program of the file without a twin fails, unless it is listed in `absent` with the reason.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { DType } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import { Operation } from '../../graph/operation';
import '../../graph/ops/index';
import { listGraph } from '../../graph/print';
import { TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import { expectGraphDef } from './graphDefCase';
import { expectCreationSites, expectLegal, expectRoundTrip } from './legal';
import { expectSameLines } from './lines';

/** The programs of a golden file by name, without their `## name` line. */
export function readGoldens(area: string): Map<string, string> {
  const text = readFileSync(join(__dirname, '..', 'golden', 'graphs', `${area}.txt`), 'utf8');
  const programs = text.split(/^## /m).filter((part) => part.trim() !== '');
  return new Map(
    programs.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).trimEnd()]),
  );
}

function resultLines(result: unknown): string[] {
  if (result === null || result === undefined) return ['> none'];
  if (result instanceof Tensor) return [`> ${result.name} ${result.dtype.name} ${result.shape}`];
  if (result instanceof Operation) return [`> ^${result.name}`];
  if (result instanceof IndexedSlices) {
    const parts = [result.values, result.indices, result.denseShape];
    return [`> slices(${parts.map((part) => part?.name ?? 'none').join(', ')})`];
  }
  if (result instanceof TensorShape) return [`> ${result}`];
  if (result instanceof DType) return [`> ${result.name}`];
  if (typeof result === 'string') return [`> ${JSON.stringify(result)}`];
  if (typeof result === 'boolean' || typeof result === 'number') return [`> ${result}`];
  if (Array.isArray(result)) return result.flatMap(resultLines);
  if ('handle' in (result as object)) {
    const variable = result as { name: string; dtype: DType; shape: TensorShape };
    return [`> ${variable.name} variable ${variable.dtype.name} ${variable.shape}`];
  }
  return Object.keys(result as object)
    .sort()
    .flatMap((key) => resultLines((result as Record<string, unknown>)[key]));
}

function collectionLines(graph: Graph): string[] {
  return graph
    .getAllCollectionKeys()
    .filter((key) => !key.startsWith('__'))
    .sort()
    .flatMap((key) => {
      const names = graph
        .getCollection<{ name?: string }>(key)
        .flatMap((item) => (typeof item?.name === 'string' ? [item.name] : []));
      return names.length > 0 ? [`% ${key}: ${names.join(', ')}`] : [];
    });
}

/** The text of what `build` adds to a fresh graph; `check` sees the graph. */
export function programText(build: () => unknown, check?: (graph: Graph) => void): string {
  const graph = new Graph();
  return graph.asDefault(() => {
    const results = resultLines(build());
    const listing = listGraph(graph);
    expectLegal(graph);
    expectRoundTrip(graph);
    expectCreationSites(graph);
    check?.(graph);
    return [...(listing === '' ? [] : [listing]), ...results, ...collectionLines(graph)].join('\n');
  });
}

/** Takes over the golden's `?` where the twin has any integer in the same place. */
function withDrawnSeeds(got: string, want: string): string {
  const [gotLines, wantLines] = [got.split('\n'), want.split('\n')];
  return gotLines
    .map((line, i) => {
      if (!wantLines[i]?.includes('?')) return line;
      const pattern = wantLines[i].replace(/[.*+^${}()|[\]\\]/g, '\\$&').replaceAll('?', '-?\\d+');
      return new RegExp(`^${pattern}$`).test(line) ? wantLines[i] : line;
    })
    .join('\n');
}

let isCollecting = false;

/** All twins collected so far: a spec file says what it has only when it is required for the first time. */
const collected = new Map<string, () => unknown>();

/** The twins that the spec files which `load` requires have, by `area/program`; their specs are not run. */
export function collectTwins(load: () => void): ReadonlyMap<string, () => unknown> {
  isCollecting = true;
  try {
    load();
  } finally {
    isCollecting = false;
  }
  return new Map(collected);
}

/** One spec per program, and one that says which programs of the file have no twin. */
export function goldenCases(
  area: string,
  twins: Readonly<Record<string, () => unknown>>,
  absent: Readonly<Record<string, string>> = {},
): void {
  if (isCollecting) {
    for (const [name, build] of Object.entries(twins)) collected.set(`${area}/${name}`, build);
    return;
  }
  const goldens = readGoldens(area);
  describe(`graphs equal to TensorFlow's: ${area}`, () => {
    for (const [name, build] of Object.entries(twins)) {
      it(name, () => {
        const want = goldens.get(name);
        if (want === undefined) return expect.fail(`${area}.txt has no program ${name}`);
        let built: Graph | undefined;
        const text = programText(build, (graph) => {
          built = graph;
        });
        expectSameLines(withDrawnSeeds(text, want).split('\n'), want.split('\n'));
        expectGraphDef(built!, area, name);
      });
    }
    it('has a twin for every program', () => {
      expect([...goldens.keys()].filter((name) => !(name in twins) && !(name in absent))).to.deep.equal([]);
    });
  });
}
