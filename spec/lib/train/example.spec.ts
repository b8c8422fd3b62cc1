/**
 * Examples: what becomes of each kind of value, and what is refused. TensorFlow reads them in spec/tensorflow/files.spec.ts.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as tf from '../../../lib/index';

const { encodeExample, decodeExample } = tf.train;
const plain = (example: Record<string, tf.NdArray>) =>
  Object.fromEntries(Object.entries(example).map(([name, value]) => [name, [value.dtype.name, value.toArray()]]));

describe('tf.train.encodeExample and decodeExample', () => {
  it('keep lists of integers, numbers and bytes', () => {
    const bytes = encodeExample({
      label: 7n,
      flags: [true, false],
      pixels: Uint8Array.of(0, 255),
      weights: [[0.5, 1.5]],
      doubles: new Float64Array([0.1]),
      name: 'ünï',
      raw: tf.NdArray.from(Uint8Array.of(255, 0), tf.string),
      none: [],
    });
    expect(plain(decodeExample(bytes))).to.deep.equal({
      label: ['int64', [7n]],
      flags: ['int64', [1n, 0n]],
      pixels: ['int64', [0n, 255n]],
      weights: ['float32', [0.5, 1.5]],
      doubles: ['float32', [Math.fround(0.1)]],
      name: ['string', ['ünï']],
      raw: ['string', [Uint8Array.of(255, 0)]],
      none: ['float32', []],
    });
  });

  it('are the same bytes whatever the order of the names', () => {
    expect(encodeExample({ a: 1, b: 2 })).to.deep.equal(encodeExample({ b: 2, a: 1 }));
    expect(encodeExample({})).to.have.length(2);
    expect(decodeExample(new Uint8Array(0))).to.deep.equal({});
  });

  it('refuse other types, and bytes that are no Example', () => {
    const half = new tf.NdArray(tf.float16, [1], Uint16Array.of(1));
    expect(() => encodeExample({ half })).to.throw(
      tf.errors.GraphTypeError,
      "Feature 'half' is float16; examples hold",
    );
    expect(() => decodeExample(Uint8Array.of(10, 200))).to.throw(
      tf.errors.DataLossError,
      'These 2 bytes are no Example',
    );
  });

  it('with a byte changed are read or refused', () => {
    const bytes = encodeExample({ label: 7n, name: 'text', weights: [1, 2] });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = bytes.slice();
        broken[at] ^= flip;
        try {
          expect(decodeExample(broken)).to.be.an('object');
        } catch (error) {
          expect(error).to.be.instanceOf(tf.errors.DataLossError);
        }
      }),
    );
  });
});
