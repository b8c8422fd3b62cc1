/**
 * What holds for the GraphDef of every golden program: it says what the listing of the graph says, its functions are
 * named as TensorFlow names them (spec/golden/function_defs), and a graph imported from it writes the same bytes again.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { toText } from '@bufbuild/protobuf/txtpb';
import { expect } from 'chai';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { importGraphDef } from '../../graph/formats/importGraphDef';
import type { AttrValue } from '../../graph/formats/protos/generated/attr_value_pb';
import type { FunctionDef } from '../../graph/formats/protos/generated/function_pb';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import type { NodeDef } from '../../graph/formats/protos/generated/node_def_pb';
import { tensorFromProto, tensorToProto } from '../../graph/formats/tensorProto';
import { Graph } from '../../graph/graph';
import { listGraph } from '../../graph/print';
import { GraphDefText } from './graphDefText';
import { expectLegal } from './legal';
import { expectSameLines } from './lines';

const libraries = new Map<string, Map<string, string>>();

/** The texts of the programs of an area that have functions. */
function librariesOf(area: string): Map<string, string> {
  let found = libraries.get(area);
  if (!found) {
    const path = join(__dirname, '..', 'golden', 'function_defs', `${area}.txt`);
    const programs = existsSync(path) ? readFileSync(path, 'utf8').split(/^## /m).slice(1) : [];
    found = new Map(
      programs.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).trimEnd()]),
    );
    libraries.set(area, found);
  }
  return found;
}

/** The listing of a graph without what the names of nodes and inputs in functions say. */
function expectSameNodes(graph: Graph, text: GraphDefText): void {
  const lines = listGraph(graph).split('\n');
  const start = lines.findIndex((line) => line.startsWith('function '));
  const own = start < 0 ? lines : lines.slice(0, start);
  expect(text.nodeLines()).to.deep.equal(own.join('') === '' ? [] : own);
  // Reading the functions' nodes finds the functions that they use.
  const bodies: string[][] = [];
  for (const line of start < 0 ? [] : lines.slice(start)) {
    if (line.startsWith('function ')) bodies.push([]);
    else
      bodies.at(-1)!.push(line.replace(/^ {2}\S+ = (\w+\[.*\])\([^()]*\)( @\S+)?$/, '$1$2').replace(/undefined$/, ''));
  }
  expect(text.functionNodes()).to.deep.equal(bodies);
}

const byName = <T extends { readonly name: string }>(nodes: readonly T[]): T[] =>
  [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Maps have no order. */
const byKey = <T>(map: { readonly [key: string]: T }): { [key: string]: T } =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

const sortedNodes = (nodes: readonly NodeDef[]): NodeDef[] =>
  byName(nodes).map((node) => ({
    ...node,
    // TensorFlow's importer places colocated nodes anew.
    device: isColocated(node) ? '' : node.device,
    attr: byKey(Object.fromEntries(Object.entries(node.attr).map(([key, attr]) => [key, oneForm(attr)]))),
  }));

const isColocated = ({ attr }: NodeDef) => attr._class !== undefined;

/** Values can be written in several ways: a repeated one once, or as a list, or as bytes. */
const oneForm = (attr: AttrValue): AttrValue =>
  attr.value.case === 'tensor'
    ? { ...attr, value: { case: 'tensor', value: tensorToProto(tensorFromProto(attr.value.value, 'a value')) } }
    : attr;

const sortedFunction = (func: FunctionDef) => ({
  ...func,
  name: func.signature!.name,
  attr: byKey(func.attr),
  argAttr: Object.fromEntries(
    Object.entries(func.argAttr).map(([key, attrs]) => [key, { ...attrs, attr: byKey(attrs.attr) }]),
  ),
  nodeDef: sortedNodes(func.nodeDef),
  ret: byKey(func.ret),
  controlRet: byKey(func.controlRet),
});

/**
 * Nodes by name: a loop reads what its gradient made later, so it comes later in a graph that is imported. Functions by
 * name: TensorFlow's library has no order.
 */
export function sorted(def: GraphDef): GraphDef {
  const { library } = def;
  const functions = library?.function.map(sortedFunction);
  return { ...def, node: sortedNodes(def.node), library: library && { ...library, function: byName(functions!) } };
}

function expectSameAgain(def: GraphDef): void {
  const copy = new Graph();
  copy.asDefault(() => importGraphDef(def, { name: '' }));
  expectLegal(copy);
  expectSameGraphDef(graphToProto(copy), def);
}

/** Fails unless both say the same, in whatever order. */
export function expectSameGraphDef(a: GraphDef, b: GraphDef): void {
  const [got, want] = [a, b].map(sorted);
  if (Buffer.compare(toBinary(GraphDefSchema, got), toBinary(GraphDefSchema, want)) === 0) return;
  expectSameLines(toText(GraphDefSchema, got).split('\n'), toText(GraphDefSchema, want).split('\n'));
  expect.fail('the same text, but not the same bytes');
}

/** Fails unless the GraphDef of a program is as it must be. */
export function expectGraphDef(graph: Graph, area: string, name: string): void {
  const def = graphToProto(graph);
  const text = new GraphDefText(def);
  expectSameNodes(graph, text);
  expectSameLines(text.functionLines(), librariesOf(area).get(name)?.split('\n') ?? []);
  expectSameAgain(def);
}
