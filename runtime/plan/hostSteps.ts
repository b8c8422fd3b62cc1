/**
 * Calls of plain kernels in a program: ops that are not compiled, and checks that call one only to let it throw. Says where the
 * executor finds each input, and in which slot it puts each output.
 */
import { bool } from '../../graph/dtypes';
import type { Expression } from '../ir/expression';
import { scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import type { KernelContext } from '../kernel';
import { ResourceHandle } from '../values';
import type { ProgramBuilder } from './builder';
import { hostShapes } from './hostShapes';
import type { HostStep } from './lowered';
import type { Step } from './plan';
import type { Source, Symbolic } from './symbols';
import type { VariableUses } from './variableUses';

export class HostSteps {
  readonly all: HostStep[] = [];

  constructor(
    readonly builder: ProgramBuilder,
    readonly variables: VariableUses,
    /** Slots that are taken; each feed has one. */
    public slots: number,
  ) {}

  /** Lets the plain kernel of a step run. */
  call(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] {
    const { op } = step;
    const memory: Value[] = [];
    const sources = inputs.map((symbol) => sourceOf(symbol, memory));
    const shapes = hostShapes(op, inputs);
    const outputs = op.outputs.map(({ dtype }, i) => {
      const slot = this.slots++;
      const dims = shapes?.[i];
      return dims && scalarTypeOf(dtype) !== null
        ? ({ kind: 'value', value: this.builder.input(dtype, dims), slot } as const)
        : ({ kind: 'host', dtype, slot } as const);
    });
    const handles = inputs.flatMap((symbol) =>
      symbol.kind === 'const' && symbol.array instanceof ResourceHandle ? [symbol.array] : [],
    );
    const slots = outputs.map(({ slot }) => slot);
    this.all.push({ step, context, inputs: sources, outputs: slots, isGuard: false });
    this.builder.host({
      op,
      inputs: memory,
      outputs: outputs.map((symbol) => (symbol.kind === 'value' ? symbol.value : null)),
      variables: this.variables.touch(op, handles),
      step: this.all.length - 1,
    });
    return outputs;
  }

  /** Lets the plain kernel of a step throw if `isWrong` holds for an element of `value` when the plan runs. */
  guard(step: Step, context: KernelContext, symbols: readonly Symbolic[], isWrong: Expression, value: Value): void {
    const { builder } = this;
    const tests = builder.map(bool, value.shape, [value], isWrong);
    const all = value.shape.map(() => true);
    const memory: Value[] = [builder.reduce(tests, all, 'any')];
    const inputs = symbols.map((symbol) => sourceOf(symbol, memory));
    this.all.push({ step, context, inputs, outputs: [], isGuard: true });
    builder.host({ op: step.op, inputs: memory, outputs: [], variables: [], step: this.all.length - 1 });
  }
}

/** Where the executor finds the array of a symbol; dense values are collected in `memory`. */
export function sourceOf(symbol: Symbolic, memory: Value[]): Source {
  switch (symbol.kind) {
    case 'const':
      return { kind: 'array', array: symbol.array };
    case 'host':
      return { kind: 'slot', slot: symbol.slot };
    case 'optional':
      return { kind: 'optional', components: symbol.components?.map((part) => sourceOf(part, memory)) ?? null };
    case 'value': {
      if (symbol.slot !== null) return { kind: 'slot', slot: symbol.slot };
      let index = memory.indexOf(symbol.value);
      if (index < 0) index = memory.push(symbol.value) - 1;
      return { kind: 'memory', index, dtype: symbol.value.dtype, shape: symbol.value.shape };
    }
  }
}
