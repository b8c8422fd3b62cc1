/**
 * Einstein sums in compiled plans: those of the plain kernel without a call of it, for products, batches, diagonals, ellipses, sums
 * and outer products, and with views instead of copies where operands allow it.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, fed, table } from './compareBackends';

const einsum = (equation: string, ...inputs: tf.Tensor[]): tf.Tensor =>
  tf.getDefaultGraph().createOp('Einsum', inputs, { attrs: { equation, N: inputs.length, T: inputs[0].dtype } })
    .outputs[0];

const cases: Readonly<Record<string, readonly number[][]>> = {
  'ij,jk->ik': [
    [7, 33],
    [33, 5],
  ],
  'ij,jk->ki': [
    [7, 33],
    [33, 5],
  ],
  'ji,kj->ik': [
    [33, 7],
    [5, 33],
  ],
  'bhqd,bhkd->bhqk': [
    [2, 3, 9, 4],
    [2, 3, 7, 4],
  ],
  'bqhd,bkhd->bhqk': [
    [2, 9, 3, 4],
    [2, 7, 3, 4],
  ],
  'abc,bcd->ad': [
    [5, 3, 4],
    [3, 4, 6],
  ],
  'abc,cbd->da': [
    [5, 3, 4],
    [4, 3, 6],
  ],
  'bij,bj->bi': [
    [3, 4, 5],
    [3, 5],
  ],
  'i,i->': [[100], [100]],
  'ij,ij->': [
    [9, 11],
    [9, 11],
  ],
  'i,j->ij': [[9], [5]],
  'ai,bj->ijab': [
    [2, 3],
    [4, 5],
  ],
  'ij,ij->ij': [
    [9, 5],
    [9, 5],
  ],
  'ijk,l->li': [[3, 4, 5], [6]],
  'ii,ij->j': [
    [5, 5],
    [5, 3],
  ],
  'ii,ij->ij': [
    [5, 5],
    [5, 3],
  ],
  '...ij,jk->...ik': [
    [2, 3, 4, 5],
    [5, 6],
  ],
  '...ij,...jk->...ik': [
    [2, 1, 4, 5],
    [3, 5, 6],
  ],
  'i...,i...->...': [
    [4, 1, 5],
    [4, 3, 1],
  ],
  'i,i->ii': [[4], [4]],
  ii: [[5, 5]],
  'ii->i': [[5, 5]],
  'ij->ji': [[5, 7]],
  'ijk->kj': [[5, 7, 3]],
  'ij->': [[50, 70]],
  'i->ii': [[5]],
  'ij->iij': [[4, 3]],
  '...ii->...i': [[2, 3, 4, 4]],
  'ij,jk->ik of nothing': [
    [3, 0],
    [0, 4],
  ],
  'ij,jk->ik with no rows': [
    [0, 3],
    [3, 4],
  ],
};

describe('Einsum in compiled plans', () => {
  for (const dtype of [tf.float32, tf.float64])
    it(`is that of the plain kernel: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const feeds: (readonly [tf.Tensor, tf.NdArray])[] = [];
        const fetch = Object.entries(cases).map(([equation, shapes]) => {
          const operands = shapes.map((shape) => fed(table(shape, dtype)));
          feeds.push(...operands);
          const text = equation.split(' ')[0];
          return einsum(text === 'ii' ? 'ii->' : text, ...operands.map(([tensor]) => tensor));
        });
        return { fetch, feed: feeds };
      });
      expect(onHost).to.deep.equal([]);
    });

  it('of integers is compiled where no product is summed', () => {
    const onHost = compareBackends(() => {
      const [x, y, z] = [fed(table([6, 5], tf.int32)), fed(table([6], tf.int64)), fed(table([6, 5], tf.int64))];
      const fetch = [einsum('ij->j', x[0]), einsum('i,ij->ji', y[0], z[0]), einsum('ij,ij->i', x[0], x[0])];
      return { fetch, feed: [x, y, z] };
    }, true);
    expect(onHost).to.deep.equal(['Einsum']);
  });

  it('reads operands where they lie if groups of labels lie together', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const [x, y] = [fed(table([2, 3, 9, 4], tf.float32)), fed(table([2, 3, 7, 4], tf.float32))];
      const session = new tf.Session({ graph });
      const { kernels } = session.explain(einsum('bhqd,bhkd->bhqk', x[0], y[0]), { feed: [x, y] }).data;
      expect(kernels.map(({ kind }) => kind)).to.deep.equal(['routine']);
    });
  });
});
