import { expect } from 'chai';
import { ValueError } from '../../../graph/errors';
import { zerosInitializer } from '../../../lib/initializers/constants';
import * as train from '../../../lib/train/index';
import { getVariable, variableScope } from '../../../lib/variables/variableScope';
import { initialize, saved, values, world, zeros } from '../../support/savers';

describe('tf.train.initFromCheckpoint', () => {
  it('gives variables their initial values', () => {
    const disk = saved({ 'old/a': [1, 2], 'old/b': [3], c: [4] });
    world(disk, (session) => {
      const [a, b, c, d] = variableScope('new', () => [
        zeros('a', [2]),
        zeros('b', [1]),
        zeros('c', [1]),
        zeros('d', [1]),
      ]);
      train.initFromCheckpoint('model', { 'old/a': a, 'old/b': 'new/b', c }, { fileSystem: disk });
      initialize(session);
      expect([a, b, c, d].flatMap((each) => values(session, each))).to.deep.equal([1, 2, 3, 4, 0]);
      expect(() => train.initFromCheckpoint('', { '/': 'new/' }, { fileSystem: disk })).to.throw(
        ValueError,
        'Tensor a (a in /) is not found in  checkpoint',
      );
      const refused = (map: train.AssignmentMap, message: string) =>
        expect(() => train.initFromCheckpoint('model', map, { fileSystem: disk })).to.throw(ValueError, message);
      refused({ oldd: a }, 'Tensor oldd is not found in model checkpoint {');
      refused(
        { c: a },
        "Shape of variable new/a:0 ((2,)) doesn't match with shape of tensor c ([1]) from checkpoint reader.",
      );
      refused(
        { old: 'new/' },
        "Assignment map with scope only name new should map to scope only old. Should be 'scope/': 'other_scope/'.",
      );
    });
  });
});

describe('tf.train.warmStart', () => {
  it('starts variables as those of an earlier model', () => {
    const disk = saved({ 'net/a': [1, 2], 'net/b': [3], old: [4] });
    world(disk, (session) => {
      const [a, b] = [zeros('net/a', [2]), zeros('net/b', [1])];
      const fresh = zeros('new', [1]);
      const fixed = getVariable('fixed', [1], { initializer: zerosInitializer(), trainable: false });
      train.warmStart('model', { varNameToPrevVarName: { new: 'old' }, fileSystem: disk });
      initialize(session);
      expect([a, b, fresh, fixed].flatMap((each) => values(session, each))).to.deep.equal([1, 2, 3, 4, 0]);
      const start = (options: train.WarmStartOptions) => () =>
        train.warmStart('model', { ...options, fileSystem: disk });
      start({ varsToWarmStart: 'net/' })();
      start({ varsToWarmStart: ['net/a', 'net/b'] })();
      start({ varsToWarmStart: [a] })();
      expect(start({})).to.throw(ValueError, 'Tensor new is not found in model checkpoint');
      expect(start({ varsToWarmStart: [a, 'x'] as never })).to.throw(
        ValueError,
        'it must be all `Variable` or all `str`',
      );
      expect(start({ varNameToPrevVarName: { nwe: 'old' } })).to.throw(
        ValueError,
        'that were not used: nwe.  Perhaps you misspelled them?',
      );
    });
  });
});
