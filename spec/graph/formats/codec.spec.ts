import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import fc from 'fast-check';
import { DataLossError, InvalidArgumentError, ValueError } from '../../../graph/errors';
import { decodeMessage, encodeMessage, formatOf } from '../../../graph/formats/codec';
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import { importGraphDef } from '../../../graph/formats/importGraphDef';
import { AttrValueSchema } from '../../../graph/formats/protos/generated/attr_value_pb';
import { GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import { TensorProtoSchema } from '../../../graph/formats/protos/generated/tensor_pb';
import { VersionDefSchema } from '../../../graph/formats/protos/generated/versions_pb';
import { Graph } from '../../../graph/graph';
import '../../../graph/ops/index';
import { whileLoop } from '../../../graph/controlFlow/whileLoop';
import { float32 } from '../../../graph/dtypes';
import { add, multiply } from '../../../graph/ops/binary';
import { less } from '../../../graph/ops/compare';
import { constant, placeholder } from '../../../graph/ops/source';

/** A graph with a loop, strings, and a constant that is stored as bytes. */
function example(): Graph {
  const graph = new Graph();
  graph.asDefault(() => {
    const x = placeholder(float32, [2, null], { name: 'x' });
    constant(['a', 'ü', new Uint8Array([0xff, 0])] as never, { name: 'text' });
    constant(
      Int32Array.from({ length: 100 }, (_, i) => i),
      { name: 'many' },
    );
    whileLoop(
      (i) => less(i, 3),
      (i, y) => [add(i, 1), multiply(y, x)],
      [constant(0, { name: 'zero' }), x],
      { name: 'loop', shapeInvariants: null } as never,
    );
  });
  return graph;
}

const bytes = toBinary(GraphDefSchema, graphToProto(example()));

describe('the wire format', () => {
  it('keeps fields that nobody knows', () => {
    const known = toBinary(VersionDefSchema, create(VersionDefSchema, { producer: 5 }));
    const writer = new BinaryWriter()
      .raw(known)
      .tag(99, WireType.Varint)
      .uint32(7)
      .tag(100, WireType.LengthDelimited)
      .string('later');
    const message = fromBinary(VersionDefSchema, writer.finish());
    expect(toBinary(VersionDefSchema, message)).to.deep.equal(
      new BinaryWriter()
        .raw(known)
        .tag(99, WireType.Varint)
        .uint32(7)
        .tag(100, WireType.LengthDelimited)
        .string('later')
        .finish(),
    );
  });

  it('keeps 64-bit integers exact', () => {
    for (const format of ['binary', 'text', 'json'] as const) {
      const message = create(AttrValueSchema, { value: { case: 'i', value: -(2n ** 63n) + 1n } });
      const again = decodeMessage(AttrValueSchema, encodeMessage(AttrValueSchema, message, format), { format });
      expect(again.value.value).to.equal(-9223372036854775807n);
    }
  });

  for (const format of ['binary', 'text', 'json'] as const) {
    it(`reads what it writes as ${format}, and finds the form out`, () => {
      const def = graphToProto(example());
      const written = encodeMessage(GraphDefSchema, def, format);
      expect(formatOf(written)).to.equal(format);
      expect(toBinary(GraphDefSchema, decodeMessage(GraphDefSchema, written))).to.deep.equal(bytes);
      const graph = new Graph();
      graph.asDefault(() => importGraphDef(decodeMessage(GraphDefSchema, written), { name: '' }));
      expect(toBinary(GraphDefSchema, graphToProto(graph))).to.deep.equal(bytes);
    });
  }
});

describe('bad input', () => {
  const parse = (data: Uint8Array | string) => decodeMessage(GraphDefSchema, data, { source: 'g.pb' });

  it('that is cut off is a DataLossError with the place', () => {
    expect(() => decodeMessage(GraphDefSchema, bytes.subarray(0, 200), { source: 'g.pb', format: 'binary' })).to.throw(
      DataLossError,
      /^Can't parse g\.pb as GraphDef: at offset \d+ of 200: node\[\d+\].*: it claims \d+ bytes, where \d+ are left\.$/,
    );
  });

  it('with a length bomb is refused before anything is allocated', () => {
    const bomb = new BinaryWriter().tag(1, WireType.LengthDelimited).uint32(0xfffffff0).finish();
    expect(() => parse(bomb)).to.throw(DataLossError, 'it claims 4294967280 bytes, where 0 are left');
  });

  it('with a message that does not end with the one it is in is refused', () => {
    // A node of 3 bytes that holds a name of 10.
    const inner = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .uint32(3)
      .tag(1, WireType.LengthDelimited)
      .uint32(10);
    const longer = inner.raw(new Uint8Array(20)).finish();
    expect(() => parse(longer)).to.throw(DataLossError, 'node[0].name: it claims 10 bytes, where 1 are left');
  });

  it('that nests too deep is refused', () => {
    let nested: Uint8Array<ArrayBufferLike> = new Uint8Array();
    for (let i = 0; i < 400; i++) {
      const variant = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(nested).finish();
      nested = new BinaryWriter().tag(15, WireType.LengthDelimited).bytes(variant).finish();
    }
    expect(() => decodeMessage(TensorProtoSchema, nested, { format: 'binary' })).to.throw(
      DataLossError,
      'nested more than 100 deep',
    );
  });

  it('in text names line and column', () => {
    expect(() => parse('node {\n  name: "a"\n  nome: "b"\n}')).to.throw(
      InvalidArgumentError,
      /^Can't parse g\.pb as the text form of GraphDef at line 3, column \d+: .*unknown field "nome"/,
    );
    expect(() => parse('node { name: "a" '.repeat(3))).to.throw(InvalidArgumentError, /g\.pb.*line 1, column \d+/);
  });

  it('in JSON names the field', () => {
    expect(() => parse('{"node": [{"name": 3}]}')).to.throw(
      InvalidArgumentError,
      /^Can't parse g\.pb as the json form of GraphDef: .*name/,
    );
    expect(() => parse('{"node": [')).to.throw(
      InvalidArgumentError,
      /^Can't parse g\.pb as the json form of GraphDef: /,
    );
  });

  it('with a huge shape and no data takes no memory', () => {
    const text = `node { name: "a" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "value" value {
      tensor { dtype: DT_FLOAT tensor_shape { dim { size: 1000000 } dim { size: 1000000 } } float_val: 1 } } } }`;
    const graph = new Graph();
    expect(() => graph.asDefault(() => importGraphDef(parse(text)))).to.throw(
      ValueError,
      "Node 'a': attr 'value' claims more elements than the file holds values for",
    );
    expect(graph.operations.length).to.equal(0);
  });

  it('with a shape that overflows is refused', () => {
    const text = `node { name: "a" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "value" value {
      tensor { dtype: DT_FLOAT tensor_shape { dim { size: 4611686018427387904 } dim { size: 4 } } } } } }`;
    expect(() => new Graph().asDefault(() => importGraphDef(parse(text)))).to.throw(
      ValueError,
      'has a shape that no value can have',
    );
  });

  it('makes a graph or an error, and never half of one, whatever bytes are flipped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
        (flips) => {
          const damaged = bytes.slice();
          for (const [at, mask] of flips) damaged[at] ^= mask;
          const graph = new Graph();
          try {
            graph.asDefault(() =>
              importGraphDef(decodeMessage(GraphDefSchema, damaged, { format: 'binary' }), { name: '' }),
            );
          } catch (error) {
            expect((error as Error).name, (error as Error).stack).to.match(
              /^(DataLoss|Value|InvalidArgument|Type|NotImplemented|Unimplemented)Error$/,
            );
            expect([graph.operations.length, graph.functions.size]).to.deep.equal([0, 0]);
            expect(graph.uniqueName('x', false)).to.equal('x');
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('makes a graph or an error, wherever the file is cut', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        const graph = new Graph();
        try {
          graph.asDefault(() =>
            importGraphDef(decodeMessage(GraphDefSchema, bytes.subarray(0, length), { format: 'binary' })),
          );
        } catch (error) {
          expect((error as Error).name).to.match(/^(DataLoss|Value)Error$/);
          expect(graph.operations.length).to.equal(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
