/**
 * The verifier of kernels: each way of being illegal is an InternalError that names the op, and a legal kernel passes.
 */
import { expect } from 'chai';
import { bool, type DType, float32, int32 } from '../../../graph/dtypes';
import { InternalError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { constant as constantOp } from '../../../graph/ops/source';
import { apply, type Expression, index, random } from '../../../runtime/ir/expression';
import type { Access, Buffer, Kernel, LoopKernel, Phase, RoutineKernel } from '../../../runtime/ir/kernel';
import { verifyKernels } from '../../../runtime/ir/verify';

let buffers = 0;
const buffer = (elements: number, kind: 'arena' | 'input', dtype: DType = float32): Buffer => ({
  id: buffers++,
  dtype,
  elements,
  place: { kind },
});
const access = (of: Buffer, strides: readonly number[], offset = 0): Access => ({ buffer: of, offset, strides });
const load = (at: number): Expression => ({ kind: 'load', type: 'f32', access: at });

/** A loop over [4, 8] that reads the first access and writes the second. */
function loop(changes: Partial<LoopKernel> = {}): LoopKernel {
  const ops = [new Graph().asDefault(() => constantOp(1, { name: 'culprit' }).op)];
  return {
    kind: 'loop',
    domain: [4, 8],
    reduced: [false, false],
    accesses: [access(buffer(32, 'input'), [8, 1]), access(buffer(32, 'arena'), [8, 1])],
    phases: [store(apply('neg', load(0)))],
    streams: [],
    ops,
    ...changes,
  };
}

const store = (expression: Expression, to = 1): Phase => ({
  stores: [{ access: to, expression }],
  reductions: [],
  rowStores: [],
});

const verify = (...kernels: Kernel[]) => verifyKernels({ kernels, results: [], inputs: new Map() });

function expectIllegal(changes: Partial<LoopKernel>, text: RegExp): void {
  expect(() => verify(loop(changes)))
    .to.throw(InternalError, text)
    .with.property('message')
    .that.matches(/culprit/);
}

const accesses = (read: Access, write: Access = access(buffer(32, 'arena'), [8, 1])) => [read, write];

describe('the verifier of kernels', () => {
  it('passes a legal kernel, views that run backwards, and empty domains', () => {
    verify(loop());
    verify(loop({ accesses: accesses(access(buffer(32, 'input'), [-8, -1], 31)) }));
    verify(loop({ domain: [4, 0], accesses: accesses(access(buffer(0, 'input'), [8, 1])) }));
  });

  it('rejects accesses that leave their buffer, at either end', () => {
    expectIllegal(
      { accesses: accesses(access(buffer(31, 'input'), [8, 1])) },
      /from 0 to 31 in a buffer of 31 elements/,
    );
    expectIllegal({ accesses: accesses(access(buffer(32, 'input'), [8, 1], 1)) }, /from 1 to 32/);
    expectIllegal({ accesses: accesses(access(buffer(32, 'input'), [-8, 1], 23)) }, /from -1 to 30/);
    const write = access(buffer(16, 'arena'), [8, 1]);
    expectIllegal({ accesses: accesses(access(buffer(32, 'input'), [8, 1]), write) }, /in a buffer of 16 elements/);
  });

  it('rejects accesses and domains of the wrong rank', () => {
    expectIllegal({ accesses: accesses(access(buffer(32, 'input'), [1])) }, /one stride per axis/);
    expectIllegal({ domain: [4, 1] }, /axis of length 1/);
    expectIllegal({ reduced: [false] }, /reduced or not/);
  });

  it('rejects ill-typed expressions', () => {
    const whole: Expression = { kind: 'const', type: 'i32', value: 1 };
    const illTyped: readonly Expression[] = [
      { kind: 'apply', type: 'f32', fn: 'add', args: [load(0), whole] },
      { kind: 'apply', type: 'f32', fn: 'add', args: [load(0)] },
      { kind: 'apply', type: 'f32', fn: 'select', args: [load(0), load(0), load(0)] },
      { kind: 'apply', type: 'f32', fn: 'and', args: [load(0), load(0)] },
      { kind: 'apply', type: 'f32', fn: 'cast', args: [{ kind: 'apply', type: 'i32', fn: 'exp', args: [whole] }] },
    ];
    for (const expression of illTyped)
      expect(() => verify(loop({ phases: [store(expression)] })), JSON.stringify(expression)).to.throw(
        InternalError,
        /ill-typed expression/,
      );
  });

  it('rejects loads and stores of another type than their buffer', () => {
    expectIllegal({ accesses: accesses(access(buffer(32, 'input', int32), [8, 1])) }, /a load of another type/);
    const write = access(buffer(32, 'arena', bool), [8, 1]);
    expectIllegal({ accesses: accesses(access(buffer(32, 'input'), [8, 1]), write) }, /a store of another type/);
  });

  it('rejects what does not exist: accesses, arguments, axes, streams, reductions of later phases', () => {
    expectIllegal({ phases: [store(load(7))] }, /no access 7/);
    expectIllegal({ phases: [store({ kind: 'arg', type: 'f32', input: 0 })] }, /an argument that was not replaced/);
    expectIllegal({ phases: [store({ kind: 'apply', type: 'f32', fn: 'cast', args: [index(2)] })] }, /no axis 2/);
    expectIllegal({ phases: [store(random(0))] }, /no stream 0/);
    const sum = { id: 3, combiner: 'sum', type: 'f32', expression: load(0) } as const;
    const total: Expression = { kind: 'acc', type: 'f32', reduction: 3 };
    const reduces: Phase = { stores: [], reductions: [sum], rowStores: [] };
    verify(loop({ reduced: [false, true], phases: [reduces, store(total)] }));
    expectIllegal({ reduced: [false, true], phases: [store(total), reduces] }, /reduction 3 is not done/);
  });

  it('rejects epilogues that meet elements in another order, or of what they or their routine write', () => {
    const [result, input] = [buffer(128, 'arena'), buffer(32, 'input')];
    const own = access(result, [16, 1]);
    const epilogue = loop({ domain: [8, 16], accesses: [own, access(buffer(128, 'arena'), [16, 1])] });
    const withEpilogue = { rows: 8, columns: 16, scratchRows: 0, workspaceBytes: 0, calls: () => [] };
    const routine = { name: 'matmul', text: '', workspaceBytes: 0, flops: 0, calls: () => [], withEpilogue };
    const kernel = (changes: Partial<LoopKernel>, others: Partial<RoutineKernel> = {}): RoutineKernel => ({
      kind: 'routine',
      routine,
      inputs: [{ buffer: input, offset: 0 }],
      outputs: [result],
      streams: [],
      epilogue: { ...epilogue, ...changes },
      ops: epilogue.ops,
      ...others,
    });
    const illegal = (changes: Partial<LoopKernel>, text: RegExp, others?: Partial<RoutineKernel>) =>
      expect(() => verify(kernel(changes, others))).to.throw(InternalError, text);
    verify(kernel({}));
    verify(kernel({ accesses: [own, own] }));
    illegal({ domain: [16, 8] }, /another domain/);
    illegal({ reduced: [false, true] }, /reduces/);
    illegal({ phases: [store(load(0)), store(load(0))] }, /reduces/);
    illegal({ accesses: [access(result, [16, 0]), access(buffer(128, 'arena'), [16, 1])] }, /elsewhere/);
    illegal({ accesses: [own, access(buffer(128, 'arena'), [1, 8])] }, /elsewhere/);
    illegal({ accesses: [own, access(buffer(127, 'arena'), [16, 1])] }, /in a buffer of 127 elements/);
    illegal({}, /takes none/, { routine: { ...routine, withEpilogue: undefined } });
    const output = epilogue.accesses[1].buffer;
    illegal({}, /writes what its routine reads/, { inputs: [{ buffer: output, offset: 0 }] });
  });

  it('rejects reads of what nobody has written, and results that nobody writes', () => {
    const unwritten = buffer(32, 'arena');
    expectIllegal({ accesses: accesses(access(unwritten, [8, 1])) }, /reads a buffer before it is written/);
    const writer = loop({ accesses: accesses(access(buffer(32, 'input'), [8, 1]), access(unwritten, [8, 1])) });
    verify(writer, loop({ accesses: accesses(access(unwritten, [8, 1])) }));
    expect(() => verifyKernels({ kernels: [], results: [unwritten], inputs: new Map() })).to.throw(
      InternalError,
      /never written/,
    );
  });
});
