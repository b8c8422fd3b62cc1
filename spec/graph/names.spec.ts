/**
 * Names of operations and scopes: how they are made unique, which are valid, and what scopes do to them.
 */
import { expect } from 'chai';
import { float32 } from '../../graph/dtypes';
import { getCurrentNameScope, nameScope } from '../../graph/framework';
import { Graph } from '../../graph/graph';
import { add } from '../../graph/ops/binary';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import { namesOf, thrownBy, withGraph } from '../support/inGraph';

const ROOT_PATTERN = String.raw`^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$`;
const SCOPE_PATTERN = String.raw`^[A-Za-z0-9_.\\/>-]*$`;
const notRoot = (name: string) =>
  `ValueError: '${name}' is not a valid root scope name. A root scope name has to match the following pattern: ${ROOT_PATTERN}`;
const notScope = (name: string) =>
  `ValueError: '${name}' is not a valid scope name. A scope name has to match the following pattern: ${SCOPE_PATTERN}`;
const notNode = (name: string) =>
  `ValueError: \`${name}\` is not a valid node name. Accepted names conform to Regex /re.compile('${ROOT_PATTERN.replaceAll('\\', '\\\\')}')/`;

describe('unique names', () => {
  it('counts up, and only looks when not marking', () => {
    const graph = new Graph();
    const peek = (name: string) => graph.uniqueName(name, false);
    expect([peek('foo'), peek('foo'), graph.uniqueName('foo')]).to.deep.equal(['foo', 'foo', 'foo']);
    expect([peek('foo'), graph.uniqueName('foo'), peek('foo'), graph.uniqueName('foo')]).to.deep.equal([
      'foo_1',
      'foo_1',
      'foo_2',
      'foo_2',
    ]);
    expect([peek('foo_1'), graph.uniqueName('foo_1'), graph.uniqueName('foo_1')]).to.deep.equal([
      'foo_1_1',
      'foo_1_1',
      'foo_1_2',
    ]);
    expect(graph.uniqueName('foo_1_1')).to.equal('foo_1_1_1');
  });

  it('steps over names that were taken out of order', () => {
    const graph = new Graph();
    expect(['foo_2', 'foo', 'foo', 'foo'].map((name) => graph.uniqueName(name))).to.deep.equal([
      'foo_2',
      'foo',
      'foo_1',
      'foo_3',
    ]);
  });

  it('compares without regard to case but keeps the spelling', () => {
    const graph = new Graph();
    const asked = ['foo_2', 'foo', 'foo', 'foo', 'Foo', 'FOO_1'];
    expect(asked.map((name) => graph.uniqueName(name))).to.deep.equal([
      'foo_2',
      'foo',
      'foo_1',
      'foo_3',
      'Foo_4',
      'FOO_1_1',
    ]);
  });

  it('marks no scope that a slash in a name implies', () => {
    const graph = new Graph();
    const asked = ['foo/bar', 'foo/bar', 'foo', '', 'foo/', 'foo/'];
    expect(asked.map((name) => graph.uniqueName(name))).to.deep.equal([
      'foo/bar',
      'foo/bar_1',
      'foo',
      '',
      'foo/',
      'foo/_1',
    ]);
  });

  it('prefixes the current scope', () => {
    const graph = new Graph();
    graph.nameScope('s', () => {
      expect([graph.uniqueName('a'), graph.uniqueName('a'), graph.currentScope]).to.deep.equal(['s/a', 's/a_1', 's']);
    });
    expect(graph.uniqueName('a')).to.equal('a');
  });
});

describe('name scopes', () => {
  it(
    'nest, and give the outer one back, also after an error',
    withGraph((graph) => {
      nameScope('bar', (bar) => {
        expect(bar).to.equal('bar/');
        expect(graph.uniqueName('foo')).to.equal('bar/foo');
        nameScope('baz', (baz) => {
          expect(baz).to.equal('bar/baz/');
          expect(getCurrentNameScope()).to.equal('bar/baz');
        });
        expect(() =>
          nameScope('broken', () => {
            throw new Error('mine');
          }),
        ).to.throw('mine');
        expect(getCurrentNameScope()).to.equal('bar');
        expect(nameScope('baz', (again) => again)).to.equal('bar/baz_1/');
      });
      expect(getCurrentNameScope()).to.equal('');
    }),
  );

  it(
    'share one namespace with operations',
    withGraph(() => {
      noOp({ name: 'a' });
      nameScope('a', () => expect(noOp({ name: 'x' }).name).to.equal('a_1/x'));
      nameScope('b', () => noOp({ name: 'b' }));
      expect([noOp({ name: 'b' }).name, noOp({ name: 'B' }).name]).to.deep.equal(['b_1', 'B_2']);
    }),
  );

  it(
    'are entered again by their name with a slash, from anywhere',
    withGraph(() => {
      const scope = nameScope('a', (a) => {
        noOp({ name: 'x' });
        return a;
      });
      nameScope('b', () => {
        nameScope(scope, (again) => {
          expect(again).to.equal('a/');
          expect(noOp({ name: 'x' }).name).to.equal('a/x_1');
        });
      });
      nameScope('never/opened/', (name) => {
        expect(name).to.equal('never/opened/');
        expect(noOp({ name: 'x' }).name).to.equal('never/opened/x');
      });
    }),
  );

  it(
    'lead back to the root when empty',
    withGraph(() => {
      nameScope('a', () => {
        for (const name of [null, '']) {
          nameScope(name, (root) => {
            expect(root).to.equal('');
            expect(getCurrentNameScope()).to.equal('');
          });
        }
      });
    }),
  );

  it(
    'take a default name, unless they have one, even an empty one',
    withGraph(() => {
      const values = [constant(1)];
      expect(nameScope(null, { defaultName: 'd', values }, (scope) => scope)).to.equal('d/');
      expect(nameScope(null, { defaultName: 'd' }, (scope) => scope)).to.equal('d_1/');
      expect(nameScope('own', { defaultName: 'd', values }, (scope) => scope)).to.equal('own/');
      expect(nameScope('', { defaultName: 'd', values }, (scope) => scope)).to.equal('');
      const nameless = 'ValueError: At least one of name (None) and default_name (None) must be provided.';
      expect(thrownBy(() => nameScope(null, { values }))).to.equal(nameless);
      expect(thrownBy(() => nameScope(null, { values: [] }))).to.equal(nameless);
      expect(thrownBy(() => nameScope(null, { defaultName: 3 as never, values }))).to.equal(
        "TypeError: `default_name` type (<class 'int'>) is not a string type. You likely meant to pass this into the `values` kwarg.",
      );
    }),
  );

  it('open in the graph of their values, which becomes the default one', () => {
    const [first, second] = [new Graph(), new Graph()];
    const x = first.asDefault(() => placeholder(float32, [], { name: 'x' }));
    second.asDefault(() => {
      nameScope('s', { values: [x] }, () => {
        expect(noOp().name).to.equal('s/NoOp');
        expect(noOp().graph).to.equal(first);
      });
      expect(noOp().graph).to.equal(second);
      const y = placeholder(float32, [], { name: 'y' });
      expect(thrownBy(() => nameScope('s', { values: [x, y] }))).to.equal(
        `ValueError: Tensor("y:0", shape=(), dtype=float32) must be from the same graph as Tensor("x:0", shape=(), dtype=float32) (graphs are ${second} and ${first}).`,
      );
    });
  });
});

describe('valid names', () => {
  const root = (name: string) => () => nameScope(name, (scope) => scope);
  const inner = (name: string) => () => nameScope('a', () => nameScope(name, (scope) => scope));

  it(
    'of scopes at the root',
    withGraph(() => {
      for (const name of ['.x', 'x>', 'a.b', 'A-b', 'a\\b', '0']) expect(root(name)()).to.equal(`${name}/`);
      for (const name of ['b d', '_bad', '>x', '/', '\\x', '-x', 'é', 'a:b', '^a'])
        expect(thrownBy(root(name))).to.equal(notRoot(name));
    }),
  );

  it(
    'of scopes inside others, which may start with what a root may not',
    withGraph(() => {
      nameScope('a', () => {
        const wanted = {
          _x: 'a/_x/',
          '-x': 'a/-x/',
          '/x': 'a//x/',
          '\\x': 'a/\\x/',
          'a//b': 'a/a//b/',
          '>x': 'a/>x/',
          'x//': 'x//',
        };
        for (const [name, full] of Object.entries(wanted)) expect(root(name)()).to.equal(full);
        expect(root('/')()).to.equal('/');
      });
      for (const name of ['x y', ':x', 'é']) expect(thrownBy(inner(name))).to.equal(notScope(name));
    }),
  );

  it(
    'of operations: functions of ops speak of scopes, createOp of nodes',
    withGraph((graph) => {
      const x = placeholder(float32);
      for (const name of ['b d', '_x', 'a:b', '/']) {
        expect(thrownBy(() => noOp({ name }))).to.equal(notRoot(name));
        expect(thrownBy(() => add(x, 1, { name }))).to.equal(notRoot(name));
        const shown = name === '/' ? '' : name;
        expect(thrownBy(() => graph.createOp('NoOp', [], { name }))).to.equal(notNode(shown));
      }
      expect(thrownBy(() => graph.createOp('NoOp', [], { name: '' }))).to.equal(notNode(''));
      expect(thrownBy(() => nameScope('s', () => graph.createOp('NoOp', [], { name: 'b d' })))).to.equal(
        notNode('s/b d'),
      );
    }),
  );

  it(
    'are strings',
    withGraph((graph) => {
      const words = "TypeError: expected string or bytes-like object, got 'int'";
      for (const call of [
        () => noOp({ name: 3 as never }),
        () => nameScope(3 as never),
        () => graph.nameScope(3 as never),
        () => graph.createOp('NoOp', [], { name: 3 as never }),
        () => identity(placeholder(float32), { name: 3 as never }),
      ]) {
        expect(thrownBy(call)).to.equal(words);
      }
    }),
  );

  it(
    'default to the op type, also when empty',
    withGraph(() => {
      expect(namesOf([noOp(), noOp({ name: '' }), constant(1).op, identity(constant(2)).op])).to.deep.equal([
        'NoOp',
        'NoOp_1',
        'Const',
        'Identity',
      ]);
    }),
  );

  it(
    'with a trailing slash are taken as they are, once',
    withGraph((graph) => {
      nameScope('s', () => expect(noOp({ name: 'x/' }).name).to.equal('x'));
      expect(noOp({ name: 'X/' }).name).to.equal('X');
      for (const name of ['x/', 'x']) {
        expect(thrownBy(() => noOp({ name }))).to.equal("ValueError: Duplicate node name in graph: 'x'");
      }
      expect(namesOf(graph.operations)).to.deep.equal(['x', 'X']);
    }),
  );
});
