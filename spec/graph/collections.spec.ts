/**
 * Collections of a graph.
 */
import { expect } from 'chai';
import { GraphKeys } from '../../graph/collections';
import { addToCollection, addToCollections, getCollection, getCollectionRef } from '../../graph/framework';
import { noOp } from '../../graph/ops/source';
import { thrownBy, withGraph } from '../support/inGraph';

describe('collections', () => {
  it(
    'keep what is added, in order and as often, and give copies',
    withGraph((graph) => {
      addToCollection('key', 12);
      addToCollection('other', 'foo');
      addToCollection('key', 34);
      addToCollection('key', 12);
      expect(getCollection('key')).to.deep.equal([12, 34, 12]);
      expect(getCollection('nothing')).to.deep.equal([]);
      getCollection<number>('key').push(99);
      expect(graph.getCollection('key')).to.deep.equal([12, 34, 12]);
      expect(graph.getAllCollectionKeys()).to.deep.equal(['key', 'other']);
    }),
  );

  it(
    'belong to their graph',
    withGraph((graph) => {
      addToCollection('key', 1);
      withGraph((other) => {
        expect(getCollection('key')).to.deep.equal([]);
        other.addToCollection('key', 2);
      })();
      expect(graph.getCollection('key')).to.deep.equal([1]);
    }),
  );

  it(
    'take one value into several at once, each only once',
    withGraph((graph) => {
      addToCollections(['a', 'b', 'a'], 1);
      addToCollections(new Set(['b', 'c']), 2);
      addToCollections('word', 3);
      expect(graph.getAllCollectionKeys().map((key) => [key, graph.getCollection(key)])).to.deep.equal([
        ['a', [1]],
        ['b', [1, 2]],
        ['c', [2]],
        ['word', [3]],
      ]);
    }),
  );

  it(
    'are filtered by a pattern at the start of names; what has no name is left out',
    withGraph(() => {
      const [inside, other] = [noOp({ name: 'a/b' }), noOp({ name: 'xa' })];
      for (const item of [inside, other, 3, 'a', null]) addToCollection('k', item);
      expect(getCollection('k', 'a')).to.deep.equal([inside]);
      expect(getCollection('k', 'a/')).to.deep.equal([inside]);
      expect(getCollection('k', '.*a')).to.deep.equal([inside, other]);
      expect(getCollection('k', 'b|x')).to.deep.equal([other]);
      expect(getCollection('k', '')).to.deep.equal([inside, other]);
      expect(getCollection('k', null)).to.have.length(5);
      expect(thrownBy(() => getCollection('k', '('))).to.match(
        /^ValueError: Scope '\(' is not a valid regular expression/,
      );
    }),
  );

  it(
    'are there once somebody holds their list, which is live',
    withGraph((graph) => {
      const list = getCollectionRef<number>('q');
      expect(graph.getAllCollectionKeys()).to.deep.equal(['q']);
      list.push(1);
      addToCollection('q', 2);
      expect([list, getCollection('q')]).to.deep.equal([
        [1, 2],
        [1, 2],
      ]);
      graph.clearCollection('q');
      graph.clearCollection('nothing');
      expect([graph.getAllCollectionKeys(), getCollection('q')]).to.deep.equal([[], []]);
    }),
  );

  it(
    'have strings as names',
    withGraph((graph) => {
      expect(thrownBy(() => graph.addToCollection(3 as never, 1))).to.match(/^TypeError: expected string/);
      expect(thrownBy(() => graph.addToCollections(['a', 3 as never], 1))).to.match(/^TypeError: expected string/);
      expect(graph.getAllCollectionKeys()).to.deep.equal([]);
    }),
  );

  it('have standard names', () => {
    expect(GraphKeys.GLOBAL_VARIABLES).to.equal(GraphKeys.VARIABLES);
    expect([GraphKeys.UPDATE_OPS, GraphKeys.LOSSES, GraphKeys.TABLE_INITIALIZERS]).to.deep.equal([
      'update_ops',
      'losses',
      'table_initializer',
    ]);
    const { VARIABLES: _alias, ...distinct } = GraphKeys;
    expect(new Set(Object.values(distinct)).size).to.equal(Object.keys(distinct).length);
  });
});
