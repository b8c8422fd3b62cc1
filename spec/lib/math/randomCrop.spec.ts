/**
 * Blocks at random places: where they come from, that they follow the seed, and that they must fit.
 */
import { expect } from 'chai';
import { float32, int32 } from '../../../graph/dtypes';
import { InvalidArgumentError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { reshape } from '../../../graph/ops/array';
import { constant, placeholder } from '../../../graph/ops/source';
import { randomCrop } from '../../../lib/math/randomCrop';
import { Session } from '../../../runtime/session';

describe('lib: randomCrop', () => {
  it('takes blocks from everywhere', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const image = reshape(constant(Int32Array.from({ length: 12 }, (_, i) => i)), [4, 3]);
      const block = randomCrop(image, [2, 3], { seed: 1 });
      expect(block.shape.dims).to.deep.equal([2, 3]);
      const session = new Session({ graph });
      const runs = Array.from({ length: 40 }, () => session.runSync(block).toArray() as number[][]);
      for (const [[first]] of runs) expect([0, 3, 6]).to.include(first);
      for (const [row, next] of runs) expect([row, next]).to.deep.equal([row, row.map((value) => value + 3)]);
      expect(new Set(runs.map(([[first]]) => first)).size).to.equal(3);
      const again = new Session({ graph });
      expect(runs.map(() => again.runSync(block).toArray())).to.deep.equal(runs);
    });
  });

  it('refuses blocks that do not fit', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const image = placeholder(float32, [null, null]);
      const size = placeholder(int32, [2]);
      const run = () =>
        new Session({ graph }).runSync(randomCrop(image, size), {
          feed: [
            [image, [[1, 2]]],
            [size, [2, 1]],
          ],
        });
      expect(run).to.throw(InvalidArgumentError, 'Need value.shape >= size, got ');
    });
  });
});
