/**
 * Colocation, and the other scopes that give an operation attributes: attribute scopes, gradient names, kernel labels,
 * containers.
 */
import { expect } from 'chai';
import { applyOp } from '../../graph/applyOp';
import { DType, float32, int32 } from '../../graph/dtypes';
import { colocateWith, container, device } from '../../graph/framework';
import type { Operation } from '../../graph/operation';
import { constant, identity, noOp } from '../../graph/ops/source';
import { scalarShape } from '../../graph/shape';
import '../../graph/ops/state';
import { inGraph, thrownBy, withGraph } from '../support/inGraph';

const nop = (name: string) => noOp({ name });

describe('colocation', () => {
  it(
    'names the group of the target, and passes on the groups it has',
    withGraph(() => {
      const a = nop('a');
      const b = colocateWith(a, () => nop('b'));
      const c = colocateWith(b, () => nop('c'));
      expect([a, b, c].map((op) => op.colocationGroups())).to.deep.equal([['loc:@a'], ['loc:@a'], ['loc:@a']]);
      expect([a, b].map((op) => op.attrs)).to.deep.equal([{}, { _class: ['loc:@a'] }]);
    }),
  );

  it(
    'takes operations, tensors and names',
    withGraph(() => {
      const x = constant(1, { name: 'x' });
      for (const target of [x, x.op, 'x', 'x:0']) {
        expect(colocateWith(target, () => noOp()).attrs).to.deep.equal({ _class: ['loc:@x'] });
      }
    }),
  );

  it(
    'adds up when nested, sorted and each group once, unless told to start anew',
    withGraph(() => {
      const [b, a] = [nop('b'), nop('a')];
      colocateWith(b, () => {
        expect(colocateWith(a, () => nop('c')).attrs._class).to.deep.equal(['loc:@a', 'loc:@b']);
        expect(colocateWith(b, () => nop('d')).attrs._class).to.deep.equal(['loc:@b']);
        expect(colocateWith(a, { ignoreExisting: true }, () => nop('e')).attrs._class).to.deep.equal(['loc:@a']);
        expect(colocateWith(null, { ignoreExisting: true }, () => nop('f')).attrs).to.deep.equal({});
        expect(nop('g').attrs._class).to.deep.equal(['loc:@b']);
      });
      expect(nop('h').attrs).to.deep.equal({});
    }),
  );

  it(
    'takes over the device of the innermost target that has one, and resets outer devices',
    withGraph(() => {
      const a = device('/cpu:0', () => nop('a'));
      const b = device('/gpu:1', () => nop('b'));
      const plain = nop('plain');
      colocateWith(a, () => {
        colocateWith(b, () => {
          expect(nop('c').device).to.equal('/device:GPU:1');
          expect(device('/job:x', () => nop('d').device)).to.equal('/device:GPU:1');
        });
        expect(colocateWith(plain, () => nop('e').device)).to.equal('/device:CPU:0');
        expect(device('/cpu:3', () => nop('f').device)).to.equal('/device:CPU:0');
      });
      device('/cpu:7', () => {
        expect(colocateWith(plain, () => nop('g').device)).to.equal('');
        expect(colocateWith(plain, () => device('/gpu:2', () => nop('h').device))).to.equal('/device:GPU:2');
        expect(colocateWith(null, { ignoreExisting: true }, () => nop('i').device)).to.equal('');
        expect(nop('j').device).to.equal('/device:CPU:7');
      });
    }),
  );

  it('refuses what is no element of the graph', () => {
    const foreign = inGraph(() => nop('n'));
    inGraph(() => {
      expect(thrownBy(() => colocateWith(null))).to.equal(
        'ValueError: Trying to reset colocation (op is None) but ignore_existing is not True',
      );
      expect(thrownBy(() => colocateWith(3))).to.equal('TypeError: Can not convert a int into a Tensor or Operation.');
      expect(thrownBy(() => colocateWith('zz'))).to.equal(
        `KeyError: "The name 'zz' refers to an Operation not in the graph."`,
      );
      expect(thrownBy(() => colocateWith(foreign))).to.equal(
        `ValueError: Operation ${foreign.nodeDef} is not an element of this graph.`,
      );
    });
  });
});

describe('attribute scopes', () => {
  it(
    'give attributes to ops that lack them, the inner scope first',
    withGraph((graph) => {
      graph.attrScope({ _a: 1n, _b: 'x' }, () => {
        const inner = graph.attrScope({ _a: 2n }, () => nop('inner'));
        const without = graph.attrScope({ _a: null }, () => nop('without'));
        expect([inner, nop('outer'), without].map((op) => op.attrs)).to.deep.equal([
          { _a: 2n, _b: 'x' },
          { _a: 1n, _b: 'x' },
          { _b: 'x' },
        ]);
      });
      graph.attrScope({ T: int32 }, () => {
        const { T } = identity(constant(1)).op.attrs;
        expect((T as DType).name).to.equal('float32');
      });
      expect(thrownBy(() => graph.attrScope(3 as never, () => {}))).to.match(
        /^TypeError: attr_map must be a dictionary/,
      );
    }),
  );

  it(
    'give way to colocation',
    withGraph((graph) => {
      const a = nop('a');
      graph.attrScope({ _class: ['loc:@b'], _x: true }, () => {
        expect(nop('c').colocationGroups()).to.deep.equal(['loc:@b']);
        expect(colocateWith(a, () => nop('d')).attrs).to.deep.equal({ _class: ['loc:@a'], _x: true });
      });
    }),
  );
});

describe('gradient names, kernel labels and containers', () => {
  it(
    'concern ops of their types only',
    withGraph((graph) => {
      const [a, b] = graph.gradientOverrideMap({ Identity: 'Mine' }, () => {
        const op = identity(constant(1)).op;
        return [op, graph.gradientOverrideMap({ Identity: 'Inner', NoOp: 'Other' }, () => identity(op.output).op)];
      });
      expect([a, b, a.inputs[0].op].map((op) => op.attrs._gradient_op_type)).to.deep.equal([
        'Mine',
        'Inner',
        undefined,
      ]);
      const labelled = graph.kernelLabelMap({ NoOp: 'v2' }, () => [
        nop('c'),
        graph.kernelLabelMap({ NoOp: '' }, () => nop('d')),
      ]);
      expect(labelled.map((op) => op.attrs)).to.deep.equal([{ _kernel: 'v2' }, { _kernel: '' }]);
    }),
  );

  it(
    'map strings to strings',
    withGraph((graph) => {
      for (const map of [3, null, { a: 2 }]) {
        expect(thrownBy(() => graph.gradientOverrideMap(map as never, () => {}))).to.equal(
          'TypeError: op_type_map must be a dictionary mapping strings to strings',
        );
        expect(thrownBy(() => graph.kernelLabelMap(map as never, () => {}))).to.equal(
          'TypeError: op_to_kernel_label_map must be a dictionary mapping strings to strings',
        );
      }
    }),
  );

  it(
    'put stateful ops into a container, unless they name one',
    withGraph(() => {
      const variable = (extra = {}): Operation =>
        applyOp('VarHandleOp', { dtype: float32, shape: scalarShape, ...extra });
      const [a, b, c, d] = container('exp', () => [
        variable(),
        variable({ container: 'own' }),
        container('', () => variable()),
        nop('d'),
      ]);
      expect([a, b, c].map((op) => op.attrs.container)).to.deep.equal(['exp', 'own', '']);
      expect(d.attrs).to.deep.equal({});
      expect(variable().attrs.container).to.equal('');
      expect(thrownBy(() => container(3 as never))).to.match(/^TypeError: expected string/);
    }),
  );
});
