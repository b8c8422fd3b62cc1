/**
 * GraphDefs of all golden programs, both ways: what TensorFlow writes is imported and written again here, and what sluice
 * writes is imported and written again there. Either must come back as it was.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect } from 'chai';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { importGraphDef } from '../../graph/formats/importGraphDef';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { Graph } from '../../graph/graph';
import '../../graph/ops/index';
import { collectTwins } from '../support/golden';
import { expectSameGraphDef } from '../support/graphDefCase';
import { expectLegal } from '../support/legal';
import { python } from './wire';

const folder = join(__dirname, '..');

function build(program: () => unknown): GraphDef {
  const graph = new Graph();
  graph.asDefault(program);
  return graphToProto(graph);
}

/** Types of values that TensorFlow notes for its own passes, and finds again itself, are not written here. */
function withoutFullTypes(def: GraphDef): GraphDef {
  for (const node of [def.node, ...(def.library?.function ?? []).map(({ nodeDef }) => nodeDef)].flat())
    node.experimentalType = undefined;
  return def;
}

const parse = (data: string): GraphDef => withoutFullTypes(fromBinary(GraphDefSchema, Buffer.from(data, 'base64')));

interface Answer {
  readonly imported: Readonly<Record<string, string | { readonly error: string }>>;
  readonly programs: Readonly<Record<string, string>>;
}

describe('GraphDefs both ways', function () {
  this.timeout(600_000);
  const twins = collectTwins(() => {
    const files = readdirSync(folder, { encoding: 'utf8', recursive: true });
    for (const file of files)
      if (/(^|[\\/.])golden\w*\b.*\.spec\.ts$/.test(file) && !/tensorflow/.test(file)) require(join(folder, file));
  });
  const ours = new Map<string, GraphDef>();
  let answer: Answer;

  before(() => {
    for (const [name, program] of twins) ours.set(name, build(program));
    const graphs = Object.fromEntries(
      Array.from(ours, ([name, def]) => [name, Buffer.from(toBinary(GraphDefSchema, def)).toString('base64')]),
    );
    const run = spawnSync(python(), ['-W', 'ignore', '-B', join(__dirname, 'graph_defs.py')], {
      input: JSON.stringify({ graphs }),
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
    answer = JSON.parse(run.stdout);
  });

  for (const name of twins.keys()) {
    it(`${name}: sluice, TensorFlow`, () => {
      const back = answer.imported[name];
      if (typeof back !== 'string') return expect.fail(back.error);
      expectSameGraphDef(parse(back), ours.get(name)!);
    });

    it(`${name}: TensorFlow, sluice`, () => {
      const def = parse(answer.programs[name]);
      const graph = new Graph();
      graph.asDefault(() => importGraphDef(def, { name: '' }));
      expectLegal(graph);
      expectSameGraphDef(graphToProto(graph), def);
    });
  }
});
