/**
 * Rows: checks of values at run time, and printing.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { checkNumerics, Print, type Printable, print } from '../../graph/ops/checks';
import { constant } from '../../graph/ops/source';
import { Session } from '../../runtime/session';
import { bools, coveredValues, f32, f64, i32, opCase } from '../support/opCase';

const v2 = (tensor: TensorLike, message: string) => applyUnary('CheckNumericsV2', { tensor, message });

opCase('CheckNumerics', 'finite', {
  inputs: [f32([1, -2])],
  build: (x) => checkNumerics(x, 'msg'),
  want: f32([1, -2]),
});
opCase('CheckNumerics', 'gradient', { inputs: [f64([1, -2])], build: (x) => checkNumerics(x, 'msg'), gradient: true });
opCase('CheckNumericsV2', 'finite', { inputs: [f64([])], build: (x) => v2(x, 'msg'), want: f64([]) });
opCase('CheckNumericsV2', 'gradient', { inputs: [f64([1, -2])], build: (x) => v2(x, 'msg'), gradient: true });
for (const [values, one, two] of [
  [[1, Number.NaN], 'NaN', 'NaN'],
  [[Infinity], 'Inf', '+Inf'],
  [[-Infinity, Number.NaN], 'Inf and NaN', '-Inf and NaN'],
  [[-Infinity, Number.NaN, Infinity], 'Inf and NaN', '-Inf, +Inf, and NaN'],
] as const) {
  const text = (names: string) => new RegExp(`^msg : Tensor had ${names.replaceAll('+', '\\+')} values\n`);
  opCase('CheckNumerics', one, { inputs: [f32([...values])], build: (x) => checkNumerics(x, 'msg'), fails: text(one) });
  opCase('CheckNumericsV2', two, { inputs: [f64([...values])], build: (x) => v2(x, 'msg'), fails: text(two) });
}
opCase('Print', 'passes its input', {
  inputs: [bools([true])],
  build: (x) => Print(x, [], { firstN: 0 }),
  want: bools([true]),
});
opCase('Print', 'gradient', { inputs: [f64([1, 2])], build: (x) => Print(x, [x], { firstN: 0 }), gradient: true });

/** The lines that running an op writes; `times` runs of one session. */
function linesOf(build: () => Operation, times = 1): string[] {
  const graph = new Graph();
  const op = graph.asDefault(build);
  const lines: string[] = [];
  const session = new Session('', { graph, config: { log: (line: string) => lines.push(line) } });
  for (let i = 0; i < times; i++) session.runSync([op]);
  return lines;
}

function assertionText(data: readonly NdArray[], summarize?: number): string {
  const graph = new Graph();
  const op = graph.asDefault(() =>
    applyOp('Assert', { condition: false, data: data.map((value) => constant(value)), summarize }),
  );
  try {
    new Session('', { graph }).runSync([op]);
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
  return 'no error';
}

const cube = NdArray.from({ data: Int32Array.from({ length: 12 }, (_, i) => i), shape: [2, 2, 3] });

describe('checks', () => {
  coveredValues.add('Assert').add('PrintV2');

  it('Assert: a true condition passes, a vector is refused', () => {
    const graph = new Graph();
    const [ok, bad] = graph.asDefault(() => [
      applyOp('Assert', { condition: true, data: [1] }),
      applyOp('Assert', { condition: [false], data: [1] }),
    ]);
    expect(new Session('', { graph }).runSync([ok])).to.deep.equal([null]);
    expect(() => new Session('', { graph }).runSync([bad])).to.throw('In[0] should be a scalar: [1]');
  });

  it('Assert: shows the first elements of its data', () => {
    expect(assertionText([i32([1, 2, 3, 4])])).to.equal('assertion failed: [1 2 3...]');
    expect(assertionText([NdArray.from('a'), f32([1.5, 0.1])])).to.equal('assertion failed: [a] [1.5 0.1]');
    expect(
      assertionText([
        i32([
          [1, 2],
          [3, 4],
        ]),
      ]),
    ).to.equal('assertion failed: [[1 2][3...]...]');
    expect(assertionText([NdArray.from(['x', 'y\n'])])).to.equal('assertion failed: [x y\\n]');
    expect(assertionText([i32(3), bools(true), f32(0.1 + 0.2), f32(1e10), f32(1e-5), f64(0.1)])).to.equal(
      'assertion failed: [3] [1] [0.3] [1e+10] [1e-05] [0.1]',
    );
    expect(assertionText([f32(123456789), f64(1 / 3), f32(Number.NaN), f32(-Infinity), f32(1e6)])).to.equal(
      'assertion failed: [123456792] [0.33333333333333331] [nan] [-inf] [1e+06]',
    );
    expect(assertionText([NdArray.zeros(dtypes.float64, [2, 0])])).to.equal('assertion failed: []');
    expect(assertionText([cube])).to.equal('assertion failed: [[[0 1 2]]...]');
    expect(assertionText([cube], 7)).to.equal('assertion failed: [[[0 1 2][3 4 5]][[6...]]...]');
    expect(assertionText([cube], -1)).to.equal('assertion failed: [[[0 1 2][3 4 5]][[6 7 8][9 10 11]]]');
  });

  it('Print: message and data, firstN times', () => {
    const lines = (firstN?: number) =>
      linesOf(
        () =>
          Print(
            constant(1),
            [
              constant(
                i32([
                  [1, 2],
                  [3, 4],
                ]),
              ),
              constant('s'),
              constant(['q', 'r']),
            ],
            { message: 'hi: ', firstN },
          ).op,
        3,
      );
    expect(lines(2)).to.deep.equal(Array(2).fill('hi: [[1 2][3...]...][s][q r]'));
    expect(lines()).to.have.length(3);
    expect(linesOf(() => Print(constant(1), [constant(cube)], { summarize: 5 }).op)).to.deep.equal([
      '[[[0 1 2][3 4...]]...]',
    ]);
  });

  it('print: text, tensors, numbers and structures in Python spelling', () => {
    const lines = (...values: Printable[]) => linesOf(() => print(...values));
    const vector = () => constant(i32([1, 2, 3]));
    const graph = new Graph();
    graph.asDefault(() => expect(print('x', vector(), { name: 'p', summarize: 1 }).name).to.equal('p'));
    expect(graph.operations.map((op) => op.name)).to.deep.equal(['Const', 'p_format', 'p']);
    expect(
      linesOf(() => print('x', vector(), [constant(i32(1)), { a: constant('z') }], 5, 1.5, true, null)),
    ).to.deep.equal(['x [1 2 3] [1, {\'a\': "z"}] 5 1.5 True None']);
    expect(linesOf(() => print('x', vector(), { sep: ',', end: '!\n' }))).to.deep.equal(['x,[1 2 3]!']);
    expect(linesOf(() => print('{}', vector()))).to.deep.equal(['{} [1 2 3]']);
    expect(linesOf(() => print(constant('bare')))).to.deep.equal(['bare']);
    expect(lines({ outputStream: 'stdout' })).to.deep.equal(['']);
    expect(() => print('x', { outputStream: 'nowhere' })).to.throw(
      /Unsupported output stream or logging level 'nowhere'/,
    );
  });
});
