/**
 * Graphs as JSON: exact both ways, and refused, with the place named, when somebody has changed them to what is no graph.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { applyOp } from '../../graph/applyOp';
import { type AttrValue, FunctionReference, sameAttr } from '../../graph/attributes';
import { decodeAttr, encodeAttr } from '../../graph/attrState';
import { cond } from '../../graph/controlFlow/cond';
import { allDTypes, bool, float32, float64, int32, int64, string } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { graphFromJSON, graphFromState, type LoadedVariable } from '../../graph/loadState';
import { NdArray } from '../../graph/ndarray';
import { add, multiply } from '../../graph/ops/binary';
import { matmul } from '../../graph/ops/matmul';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import { listGraph } from '../../graph/print';
import { setRandomSeed } from '../../graph/seeds';
import { scalarShape, TensorShape, unknownShape } from '../../graph/shape';
import { type GraphJson, stateFromJSON, stateToJSON } from '../../graph/stateJson';
import '../../graph/ops/index';
import { thrownBy } from '../support/inGraph';
import { expectRoundTrip } from '../support/legal';

/** A graph with something of everything. */
function rich(): Graph {
  const graph = new Graph();
  return graph.asDefault(() => {
    setRandomSeed(5);
    const x = placeholder(float32, [2, null], { name: 'x' });
    const p = placeholder(bool, [], { name: 'p' });
    const y = cond(
      p,
      () => multiply(x, 2),
      () => identity(x),
    );
    graph.device('/cpu:0', () =>
      graph.controlDependencies([noOp({ name: 'n' })], () => matmul(y, constant([[1], [2]]), { name: 'm' })),
    );
    const handle = applyOp('VarHandleOp', { dtype: float32, shape: scalarShape, shared_name: 'v' }, 'v').output;
    graph.addToCollection('losses', x);
    graph.addToCollection('variables', { name: 'v:0', handle });
    return graph;
  });
}

const written = (graph: Graph) => JSON.parse(JSON.stringify(stateToJSON(graph.state)));

describe('a graph as JSON', () => {
  it('comes back as it was', () => {
    const graph = rich();
    expectRoundTrip(graph);
    const copy = graphFromJSON(written(graph));
    expect(copy.seed).to.equal(5);
    expect(copy.getTensorByName('m:0').shape.toString()).to.equal('(2, 1)');
    expect(copy.getCollection('losses')).to.deep.equal([copy.getTensorByName('x:0')]);
    const [variable] = copy.getCollection<LoadedVariable>('variables');
    expect([variable.name, variable.dtype, String(variable.shape)]).to.deep.equal(['v:0', float32, '()']);
    expect(variable.handle).to.equal(copy.getTensorByName('v:0'));
    expect(stateFromJSON(written(graph))).to.deep.equal(graph.state);
    expect(listGraph(graphFromState(graph.state))).to.equal(listGraph(graph));
  });

  it('can be built on', () => {
    const copy = graphFromJSON(written(rich()));
    copy.asDefault(() => {
      const sum = add(copy.getTensorByName('m:0'), 1, { name: 'm' });
      expect(sum.name).to.equal('m_1:0');
      expect(copy.getTensorByName('m:0').consumers()).to.deep.equal([sum.op]);
      expect(copy.functions.size).to.equal(2);
    });
  });

  it('keeps the order of ops that were given later inputs, and seeds that are bigints', () => {
    const graph = new Graph();
    graph.seed = 2n ** 60n;
    graph.asDefault(() => {
      const [first, second] = [noOp({ name: 'first' }), noOp({ name: 'second' })];
      graph.updateOp(first, { addControlInputs: [second] });
    });
    expectRoundTrip(graph);
    expect(graphFromJSON(written(graph)).seed).to.equal(2n ** 60n);
  });

  it('is refused where it is no such JSON at all', () => {
    expect(thrownBy(() => graphFromJSON(null))).to.equal(
      'ValueError: Invalid graph: the graph must be an object, got null.',
    );
    expect(thrownBy(() => graphFromJSON({}))).to.match(
      /^ValueError: Invalid graph: format must be "sluice graph", got undefined\.$/,
    );
    expect(thrownBy(() => graphFromJSON({ ...written(rich()), version: 2 }))).to.match(
      /^ValueError: Invalid graph: version must be 1, got 2\.$/,
    );
  });
});

/** A place in the JSON, what is put there, and the complaint. */
const tampered: readonly (readonly [path: string, value: unknown, complaint: string | RegExp])[] = [
  ['nodes[0].name', 3, 'nodes[0].name must be a string, got 3.'],
  ['nodes[0].name', 'b d', 'nodes[0].name must be a valid name of a node, got "b d".'],
  ['nodes[1].name', 'x', 'nodes[1].name must be a name that was not there before, got "x".'],
  ['nodes[0].op', 'Nope', 'nodes[0].op must be a registered type of op, got "Nope".'],
  ['nodes[0].device', '/nowhere', /^nodes\[0\]: x has a device that cannot be read/],
  ['nodes[0].attrs', [], 'nodes[0].attrs must be an object, got [].'],
  ['nodes[0].attrs.dtype', { type: 'floot' }, 'nodes[0].attrs.dtype.type must be the name of a dtype, got "floot".'],
  [
    'nodes[0].attrs.dtype',
    { kind: 'float32' },
    /^nodes\[0\]\.attrs\.dtype must be an object with one key of type, shape,/,
  ],
  ['nodes[0].attrs.dtype', undefined, 'nodes[0]: x No argument found for attr dtype for Placeholder'],
  [
    'nodes[0].attrs.dtype',
    { type: 'int32' },
    /^nodes\[0\]: x has outputs of the dtypes \(float32\), where its signature says \(int32\)$/,
  ],
  ['nodes[0].attrs.extra', { int: 1 }, 'nodes[0]: x has an attribute extra that its signature does not know'],
  ['nodes[0].attrs.shape', { shape: [2, -1] }, 'nodes[0].attrs.shape.shape[1] must be a dimension or null, got -1.'],
  ['nodes[0].outputs[0].shape', [3, 3], /^nodes\[0\]: x has a shape \(3, 3\) of x:0, where \(2, None\) is inferred/],
  ['nodes[0].outputs', [], /^nodes\[2\]\.inputs\[1\] must be an output of a node that is there, got "x"\.$/],
  ['nodes[2].inputs[0]', 'x', /^nodes\[2\]: cond/],
  ['nodes[2].inputs[1]', 'x:7', 'nodes[2].inputs[1] must be an output of a node that is there, got "x:7".'],
  ['nodes[2].inputs[1]', '', 'nodes[2].inputs[1] must be an output of a node that is there, got "".'],
  ['nodes[2].inputs', 'x', 'nodes[2].inputs must be a list, got "x".'],
  [
    'nodes[2].attrs.then_branch.func.name',
    'none',
    /^nodes\[2\]: cond has an attribute then_branch that names a function, none, which is not/,
  ],
  ['nodes[3].inputs[0]', 'm', /there is a cycle: cond\/Identity → m → cond\/Identity/],
  [
    'nodes[4].controlInputs',
    ['nn'],
    `nodes[4].controlInputs[0] must be the name of a node that is there Did you mean 'n'?, got "nn".`,
  ],
  [
    'nodes[5].attrs.value.tensor.values',
    [1],
    'nodes[5].attrs.value.tensor.values must be a list of 2 elements, got [1].',
  ],
  [
    'nodes[5].attrs.value.tensor.values[0]',
    'one',
    'nodes[5].attrs.value.tensor.values[0] must be a number, got "one".',
  ],
  [
    'nodes[5].attrs.value.tensor.dtype',
    'resource',
    'nodes[5].attrs.value.tensor.dtype must be a dtype that constants can have, got "resource".',
  ],
  ['functions[0].outputs[0]', 'gone', 'functions[0].outputs[0] must be an output of a node that is there, got "gone".'],
  [
    'functions[0].nodes[0].outputs[0].dtype',
    'int32',
    /^functions\[0\]\.nodes\[0\]: .* has outputs of the dtypes \(int32\)/,
  ],
  ['functions[1].name', 'other', /names a function, cond_false_2, which is not in the library/],
  [
    'collections[0].members[0]',
    { tensor: 'gone:0' },
    'collections[0].members[0].tensor must be an output of a node that is there, got "gone:0".',
  ],
  ['collections[0].members[0]', { what: 1 }, /^collections\[0\]\.members\[0\] must be an op, a tensor, a variable/],
  [
    'collections[1].members[0].handle',
    'x:0',
    'collections[1].members[0].handle must be the handle of a variable, got "x:0".',
  ],
  ['seed', 'abc', 'seed must be an integer or null, got "abc".'],
  ['seedlessOps', -1, 'seedlessOps must be a count, got -1.'],
  ['nodes', {}, 'nodes must be a list, got {}.'],
];

function put(json: unknown, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop()!;
  const target = keys.reduce<Record<string, unknown>>(
    (part, key) => part[key] as Record<string, unknown>,
    json as Record<string, unknown>,
  );
  if (value === undefined) delete target[last];
  else target[last] = value;
}

describe('JSON that was tampered with', () => {
  for (const [path, value, complaint] of tampered) {
    it(`is refused: ${path} = ${JSON.stringify(value)}`, () => {
      const json = written(rich());
      put(json, path, value);
      const text = thrownBy(() => graphFromJSON(json)).replace(/^ValueError: Invalid graph: /, '');
      if (typeof complaint === 'string') expect(text).to.equal(complaint);
      else expect(text).to.match(complaint);
    });
  }

  it('anywhere is either refused with a ValueError or still a legal graph', () => {
    const base = written(rich());
    const paths: string[] = [];
    const collect = (value: unknown, path: string): void => {
      if (path !== '') paths.push(path);
      if (typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value))
          collect(part, Array.isArray(value) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`);
      }
    };
    collect(base, '');
    const junk = fc.constantFrom<unknown>(
      undefined,
      null,
      0,
      -1,
      1.5,
      '',
      'x',
      'float32',
      'int32',
      true,
      [],
      {},
      [null],
      { shape: null },
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), junk, (path, value) => {
        const json = structuredClone(base) as GraphJson;
        put(json, path, value);
        try {
          expectRoundTrip(graphFromJSON(json));
        } catch (error) {
          expect((error as Error).name, `${path}: ${(error as Error).stack}`).to.equal('ValueError');
          expect((error as Error).message).to.match(/^Invalid graph: /);
        }
      }),
      { numRuns: 600 },
    );
  });
});

describe('attributes as JSON', () => {
  const through = (value: AttrValue, kind: 'int' | 'float' = 'float') =>
    decodeAttr(JSON.parse(JSON.stringify(encodeAttr(value, kind))), 'a');

  it('come back exactly', () => {
    const values: AttrValue[] = [
      ...allDTypes,
      new TensorShape([2, null]),
      unknownShape,
      scalarShape,
      true,
      '',
      'tëxt\u0000',
      Uint8Array.of(0, 255, 128),
      -(2n ** 63n),
      0n,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      0.1,
      [],
      [int32, [unknownShape], 'a'],
      new FunctionReference('f', { T: int32 }),
    ];
    for (const value of values) expect(sameAttr(through(value), value), String(value)).to.equal(true);
    expect(through(3, 'int')).to.equal(3);
    expect(encodeAttr(3, 'int')).to.deep.equal({ int: 3 });
    expect(encodeAttr(3n, undefined)).to.deep.equal({ int: '3' });
    expect(encodeAttr(3, undefined)).to.deep.equal({ float: 3 });
    const func = through(new FunctionReference('f', { n: 2n })) as FunctionReference;
    expect(func.attrs).to.deep.equal({ n: 2n });
  });

  it('hold arrays of every dtype exactly, few elements in sight and many as bytes', () => {
    const arrays = [
      NdArray.from([], float64),
      NdArray.from([1.1, Number.NaN, -0, Number.NEGATIVE_INFINITY], float32),
      NdArray.from([[2n ** 62n], [-5n]], int64),
      NdArray.from([true, false], bool),
      NdArray.from(['a', Uint8Array.of(255)], string),
      NdArray.from(
        Array.from({ length: 100 }, (_, i) => i * 1.7 - 3),
        float64,
      ),
      NdArray.from(
        Array.from({ length: 100 }, (_, i) => BigInt(i) ** 9n),
        int64,
      ),
      NdArray.from(
        Array.from({ length: 100 }, (_, i) => `text ${i}`),
        string,
      ),
    ];
    for (const value of arrays) expect((through(value) as NdArray).equals(value), String(value)).to.equal(true);
    expect(Object.keys((encodeAttr(arrays[5], undefined) as { tensor: object }).tensor)).to.deep.equal([
      'dtype',
      'shape',
      'bytes',
    ]);
  });

  it('come back exactly, whatever numbers and texts they hold', () => {
    const element = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    );
    fc.assert(
      fc.property(element, (value) => {
        expect(sameAttr(through(value), value)).to.equal(true);
      }),
    );
  });

  it('of huge declared sizes are refused without being made', () => {
    const huge = { tensor: { dtype: 'float32', shape: [1e6, 1e6], bytes: '' } };
    expect(thrownBy(() => decodeAttr(huge, 'a'))).to.match(
      /^ValueError: Invalid graph: a\.tensor\.bytes must be 4000000000000 bytes/,
    );
  });
});
