/**
 * Models that were converted for tfjs: fused nodes, quantised weights, signatures, and files that are damaged. Published
 * models are compared with tfjs by `npm run test:models`.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { GraphTypeError, ValueError } from '../../../graph/errors';
import { gradients } from '../../../graph/gradients';
import * as tf from '../../../lib/index';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { expectClose } from '../../support/close';
import { expectLegal } from '../../support/legal';
import { f32 } from '../../support/opCase';
import {
  attr,
  FLOAT,
  floats,
  ints,
  node,
  placeholder,
  quantised,
  texts,
  tfjsModel,
  type Weight,
  weightNode,
} from '../../support/tfjsModels';

const load = tf.io.loadGraphModel;

/** What loading fails with. */
async function failure(source: Parameters<typeof load>[0]): Promise<Error> {
  try {
    await load(source);
  } catch (error) {
    return error as Error;
  }
  return expect.fail('it was loaded');
}

/** x @ w + b, then an activation. */
function dense(fused: readonly string[], more: readonly Weight[] = [], attrs = {}) {
  const args = fused.flatMap((step) => ({ BiasAdd: ['b'], Prelu: ['alpha'] })[step] ?? []);
  return tfjsModel(
    [
      placeholder('x', -1, 2),
      weightNode('w'),
      ...args.map((name) => weightNode(name)),
      node('y', '_FusedMatMul', ['x', 'w', ...args], {
        T: FLOAT,
        num_args: attr.int(args.length),
        fused_ops: attr.texts(...fused),
        ...attrs,
      }),
    ],
    [floats('w', [2, 2], [1, -2, 3, 4]), floats('b', [2], [0.5, -1]), ...more],
  );
}

describe('tf.io.loadGraphModel', () => {
  const x = f32([
    [1, 2],
    [-3, 1],
  ]);
  // x @ w + b = [[7.5, 5], [0.5, 9]] and, without the bias, [[7, 6], [0, 10]]

  const activations: readonly (readonly [string[], number[][], Weight[], object])[] = [
    [
      ['BiasAdd'],
      [
        [7.5, 5],
        [0.5, 9],
      ],
      [],
      {},
    ],
    [
      [],
      [
        [7, 6],
        [0, 10],
      ],
      [],
      {},
    ],
    [
      ['BiasAdd', 'Relu6'],
      [
        [6, 5],
        [0.5, 6],
      ],
      [],
      {},
    ],
    [
      ['BiasAdd', 'Sigmoid'],
      [
        [7.5, 5],
        [0.5, 9],
      ].map((row) => row.map((v) => 1 / (1 + Math.exp(-v)))),
      [],
      {},
    ],
  ];
  for (const [fused, want, weights, attrs] of activations) {
    it(`writes a product with ${fused.join(' and ') || 'nothing'} out`, async () => {
      const model = await load(dense(fused, weights, attrs));
      expectLegal(model.graph);
      expectClose(model.predict(x).y, f32(want));
      expect(model.graph.operations.map((op) => op.type)).to.not.include('_FusedMatMul');
    });
  }

  it('knows LeakyRelu with its slope, and Prelu with slopes of its own', async () => {
    const negative = f32([[-1, -1]]);
    const leaky = await load(dense(['BiasAdd', 'LeakyRelu'], [], { leakyrelu_alpha: attr.float(0.5) }));
    expectClose(leaky.predict(negative).y, f32([[-1.75, -1.5]]));
    const prelu = await load(dense(['BiasAdd', 'Prelu'], [floats('alpha', [2], [2, -1])]));
    expectClose(prelu.predict(negative).y, f32([[-7, 3]]));
    expectClose(
      prelu.predict(x).y,
      f32([
        [7.5, 5],
        [0.5, 9],
      ]),
    );
  });

  it('writes convolutions out, depthwise ones too', async () => {
    const conv = { T: FLOAT, strides: attr.ints(1, 1, 1, 1), padding: attr.text('SAME') };
    const model = await load(
      tfjsModel(
        [
          placeholder('x', 1, 2, 2, 1),
          weightNode('w'),
          weightNode('b'),
          node('c', '_FusedConv2D', ['x', 'w', 'b'], { ...conv, fused_ops: attr.texts('BiasAdd', 'Relu') }),
          node('y', 'FusedDepthwiseConv2dNative', ['c', 'w', 'b'], { ...conv, fused_ops: attr.texts('BiasAdd') }),
        ],
        [floats('w', [1, 1, 1, 1], [-2]), floats('b', [1], [1])],
      ),
    );
    const image = f32([1, 0, -1, 3]).reshape([1, 2, 2, 1]);
    expectClose(model.predict(image).y, f32([1, -1, -5, 1]).reshape([1, 2, 2, 1]));
  });

  it('says which fused nodes it cannot write out', async () => {
    expect((await failure(dense(['BiasAdd', 'Swish']))).message).to.match(
      /Node 'y' fuses BiasAdd and Swish into a MatMul: Swish is not known\. What is read: BiasAdd/,
    );
  });

  it('keeps names that fused nodes would take', async () => {
    const base = dense(['BiasAdd']);
    const nodes = (base.model.modelTopology as { node: object[] }).node;
    nodes.push(node('y/MatMul', 'Neg', ['y'], { T: FLOAT }));
    const model = await load(base);
    expect(model.graph.findOperation('y/MatMul')?.type).to.equal('Neg');
    expect(model.graph.findOperation('y/MatMul_1')?.type).to.equal('MatMul');
    expectClose(
      model.predict(x, ['y/MatMul'])['y/MatMul'],
      f32([
        [-7.5, -5],
        [-0.5, -9],
      ]),
    );
  });

  it('reads quantised weights', async () => {
    const sum = (a: string, b: string, name: string) => node(name, 'AddV2', [a, b], { T: FLOAT });
    const model = await load(
      tfjsModel(
        [weightNode('a'), weightNode('b'), weightNode('c'), sum('a', 'b', 'ab'), sum('ab', 'c', 'y')],
        [
          quantised('a', Uint8Array.of(0, 128, 255), {
            dtype: 'uint8',
            scale: 0.5,
            min: -3,
            original_dtype: 'float32',
          }),
          quantised('b', Uint16Array.of(0, 1, 65535), { dtype: 'uint16', scale: 0.25, min: 1 }),
          // 1, -2, the least of all halves
          quantised('c', Uint16Array.of(0x3c00, 0xc000, 0x0001), { dtype: 'float16' }),
        ],
      ),
    );
    expectClose(model.predict({}).y, f32([-3 + 1 + 1, 61 + 1.25 - 2, 124.5 + 16384.75 + 2 ** -24]));
  });

  it('gives constants the dtypes of the graph: int64, doubles, strings', async () => {
    const model = await load(
      tfjsModel(
        [weightNode('n', 'DT_INT64'), weightNode('d', 'DT_DOUBLE'), weightNode('s', 'DT_STRING')],
        [ints('n', [2], [1, -7]), floats('d', [1], [0.5]), texts('s', ['ü', ''])],
      ),
    );
    const values = model.predict({}, ['n', 'd', 's']);
    expect(values.n.dtype).to.equal(tf.int64);
    expect(values.n.toArray()).to.deep.equal([1n, -7n]);
    expect(values.d.dtype).to.equal(tf.float64);
    expect(values.s.toArray()).to.deep.equal(['ü', '']);
  });

  it('follows the signature, wherever it stands', async () => {
    const signature = {
      inputs: { image: { name: 'x:0', dtype: 'DT_FLOAT', tensorShape: {} } },
      outputs: { scores: { name: 'y:0', dtype: 'DT_FLOAT', tensorShape: {} } },
    };
    for (const more of [{ signature }, { userDefinedMetadata: { signature } }]) {
      const model = await load({ ...dense(['BiasAdd']), ...tfjsModelWith(dense(['BiasAdd']), more) });
      expect(Object.keys(model.inputs)).to.deep.equal(['image']);
      expectClose(
        model.predict({ image: x }).scores,
        f32([
          [7.5, 5],
          [0.5, 9],
        ]),
      );
      expect(() => model.predict({ imago: x })).to.throw(/The model has no input 'imago'\. Did you mean/);
    }
    const bad = tfjsModelWith(dense(['BiasAdd']), { signature: { outputs: { scores: { name: 'z:0' } } } });
    expect((await failure(bad)).message).to.match(
      /The signature's 'scores' is the tensor 'z:0', which the graph does not have\./,
    );
  });

  it('adds to a graph that is there, under a scope, and has gradients', async () => {
    const graph = new tf.Graph();
    await load(dense(['BiasAdd', 'Prelu'], [floats('alpha', [2], [2, -1])]), { graph, name: 'first' });
    const model = await load(dense(['BiasAdd', 'Relu']), { graph, name: 'second' });
    expect(model.outputs['second/y'].name).to.equal('second/y:0');
    const [dx] = graph.asDefault(() => gradients(model.outputs['second/y'], model.inputs['second/x']));
    expectClose(
      new tf.Session({ graph }).runSync(dx as tf.Tensor, { feed: [['second/x:0', x]] }),
      f32([
        [-1, 7],
        [-1, 7],
      ]),
    );
  });

  it('reads a folder, and nothing outside of it', async () => {
    const { model, weights } = dense(['BiasAdd']);
    const fileSystem = memoryDisk({
      'models/a/model.json': JSON.stringify(model),
      'models/a/weights.bin': weights['weights.bin'],
    });
    const loaded = await load('models/a/model.json', { fileSystem });
    expectClose(
      loaded.predict(x).y,
      f32([
        [7.5, 5],
        [0.5, 9],
      ]),
    );
    for (const path of ['../weights.bin', '/etc/passwd', 'a/../../x', 'C:\\x']) {
      const hostile = { ...model, weightsManifest: [{ paths: [path], weights: [] }] };
      const disk = memoryDisk({ 'models/a/model.json': JSON.stringify(hostile) });
      await expectRejection(load('models/a/model.json', { fileSystem: disk }), /which is not beside it/);
    }
  });

  it('says what is wrong with a model', async () => {
    const base = dense(['BiasAdd']);
    const weightOf = (change: object) => [
      { paths: ['weights.bin'], weights: [{ name: 'w', shape: [2, 2], dtype: 'float32', ...change }] },
    ];
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ modelTopology: null }, /modelTopology must be the graph/],
      [{ format: 'layers-model' }, /This is a tfjs layers model/],
      [{ format: 'other' }, /format must be graph-model/],
      [{ modelTopology: { node: 3 } }, /modelTopology is no GraphDef/],
      [{ weightsManifest: {} }, /weightsManifest must be a list/],
      [
        { weightsManifest: weightOf({ shape: [-1] }) },
        /weightsManifest\[0\]\.weights\[0\]\.shape\[0\] must be a whole number/,
      ],
      [{ weightsManifest: weightOf({ shape: [1e9, 1e9] }) }, /must be a shape of fewer elements/],
      [{ weightsManifest: weightOf({ dtype: 'int7' }) }, /dtype must be one of float32/],
      [
        { weightsManifest: weightOf({ quantization: { dtype: 'uint4' } }) },
        /quantization\.dtype must be uint8, uint16 or float16/,
      ],
      [
        { weightsManifest: weightOf({ shape: [2] }) },
        /weights\.bin hold 16 bytes more than the weights of the model, from offset 8 on/,
      ],
      [
        { weightsManifest: weightOf({ shape: [7] }) },
        /The weight 'w' needs 28 bytes at offset 0, but weights\.bin hold 24 bytes/,
      ],
      [{ weightsManifest: weightOf({ dtype: 'string', shape: [100] }) }, /The weight 'w' needs 400 bytes at offset 0/],
      [
        { weightsManifest: [{ paths: ['gone.bin'], weights: [] }] },
        /The weight file 'gone\.bin' was not given\. Given: weights\.bin/,
      ],
    ];
    for (const [change, message] of wrong) {
      const error = await failure(tfjsModelWith(base, change));
      expect(error.message).to.match(message);
      expect(error).to.be.instanceOf(tf.errors.OpError);
    }
    expect((await failure({ ...base, model: '{' })).message).to.match(/The model is no JSON/);
  });

  it('fails with an error of its own on any damaged file', async () => {
    const { model, weights } = dense(['BiasAdd', 'Prelu'], [floats('alpha', [2], [2, -1])]);
    const text = JSON.stringify(model);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
        const damaged = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        try {
          const loaded = await load({ model: damaged, weights });
          expectLegal(loaded.graph);
        } catch (error) {
          expect(isOurs(error), String(error)).to.equal(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** An error that says what is wrong, and no accident of our code. */
const isOurs = (error: unknown): boolean =>
  error instanceof tf.errors.OpError || error instanceof ValueError || error instanceof GraphTypeError;

function tfjsModelWith(base: ReturnType<typeof tfjsModel>, change: object) {
  return { ...base, model: { ...base.model, ...change } };
}

function memoryDisk(files: Readonly<Record<string, string | Uint8Array>>): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  for (const [path, content] of Object.entries(files)) {
    disk.makeDirectory('models/a');
    const file = disk.openWrite(path);
    file.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    file.close();
  }
  return disk;
}

async function expectRejection(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error?.message).to.match(message);
}
