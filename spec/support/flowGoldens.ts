/**
 * Programs that TensorFlow built with control flow of v1, with what it computed: spec/golden/flow/v1.json, which
 * spec/golden/flow_v1.py writes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { importGraphDef } from '../../graph/formats/importGraphDef';
import { Graph } from '../../graph/graph';
import { type Element, NdArray } from '../../graph/ndarray';

interface Values {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly values: readonly Element[];
}

interface Recorded {
  readonly name: string;
  /** A GraphDef, deflated, base64. */
  readonly graph: string;
  readonly runs: readonly {
    readonly targets: readonly string[];
    readonly feeds: Readonly<Record<string, Values>>;
    readonly fetches: readonly string[];
    readonly want: readonly Values[];
  }[];
}

export interface Run {
  readonly targets: readonly string[];
  readonly fetches: readonly string[];
  readonly feed: Readonly<Record<string, NdArray>>;
  readonly want: readonly NdArray[];
}

const arrayOf = ({ dtype, shape, values }: Values): NdArray =>
  NdArray.from([...values], asDType(dtype)).reshape([...shape]);

function load({ graph: definition, runs }: Recorded): { readonly graph: Graph; readonly runs: readonly Run[] } {
  const graph = new Graph();
  graph.asDefault(() => importGraphDef(inflateSync(Buffer.from(definition, 'base64')), { name: '' }));
  const read = runs.map(({ targets, fetches, feeds, want }) => ({
    targets,
    fetches,
    feed: Object.fromEntries(Object.entries(feeds).map(([key, value]) => [key, arrayOf(value)])),
    want: want.map(arrayOf),
  }));
  return { graph, runs: read };
}

const recorded = JSON.parse(
  readFileSync(join(__dirname, '..', 'golden', 'flow', 'v1.json'), 'utf8'),
) as readonly Recorded[];

/** Each can be loaded into a graph of its own. */
export const programs = recorded.map((program) => ({ name: program.name, load: () => load(program) }));
