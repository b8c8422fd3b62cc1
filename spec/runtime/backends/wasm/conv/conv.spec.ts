import { expect } from 'chai';
import fc from 'fast-check';
import {
  conv2dBackpropFilterBlasCalls,
  conv2dBackpropInputBlasCalls,
  conv2dBlasCalls,
  conv2dBlasWorkspace,
} from '../../../../../runtime/backends/wasm/conv/blas';
import {
  type ConvAddresses,
  type ConvSpec,
  conv2dBackpropFilterCalls,
  conv2dBackpropFilterWorkspace,
  conv2dBackpropInputCalls,
  conv2dBackpropInputWorkspace,
  conv2dCalls,
  conv2dWorkspace,
} from '../../../../../runtime/backends/wasm/conv/conv';
import type { KernelCall } from '../../../../../runtime/backends/wasm/kernelCall';
import { cutsOf, TARGETS, TestMemory } from '../../../../support/wasm';
import {
  convSpecs,
  type Floats,
  firstWrong,
  LARGER_SPECS,
  type Role,
  sumsFor,
  type Tensors,
  tensorsOf,
} from './convCases';

type Cut = (extent: number, grain: number) => number[];

interface Routine {
  /** The one of the three tensors that is computed from the other two. */
  readonly role: Role;
  /** Whether the filter has its output channels first. */
  readonly isTransposed?: boolean;
  workspace(spec: ConvSpec): number;
  calls(spec: ConvSpec, addresses: ConvAddresses): KernelCall[];
}

const ROUTINES: Record<string, Routine> = {
  conv2dCalls: { role: 'output', workspace: conv2dWorkspace, calls: conv2dCalls },
  conv2dBackpropInputCalls: {
    role: 'input',
    workspace: conv2dBackpropInputWorkspace,
    calls: (spec, { input, filter, output, workspace }) =>
      conv2dBackpropInputCalls(spec, { filter, outGradient: output, inGradient: input, workspace }),
  },
  conv2dBackpropFilterCalls: {
    role: 'filter',
    workspace: conv2dBackpropFilterWorkspace,
    calls: (spec, { input, filter, output, workspace }) =>
      conv2dBackpropFilterCalls(spec, { input, outGradient: output, filterGradient: filter, workspace }),
  },
  conv2dBlasCalls: { role: 'output', workspace: conv2dBlasWorkspace, calls: conv2dBlasCalls },
  conv2dBackpropInputBlasCalls: {
    role: 'input',
    isTransposed: true,
    workspace: conv2dBlasWorkspace,
    calls: (spec, { input, filter, output, workspace }) =>
      conv2dBackpropInputBlasCalls(spec, { filter, outGradient: output, inGradient: input, workspace }),
  },
  conv2dBackpropFilterBlasCalls: {
    role: 'filter',
    workspace: conv2dBlasWorkspace,
    calls: (spec, { input, filter, output, workspace }) =>
      conv2dBackpropFilterBlasCalls(spec, { input, outGradient: output, filterGradient: filter, workspace }),
  },
};

function compute(memory: TestMemory, spec: ConvSpec, tensors: Tensors, routine: Routine, cut?: Cut): Floats {
  const addresses = {
    input: memory.put(tensors.input),
    filter: memory.put(routine.isTransposed ? transposed(tensors.filter, spec.outChannels) : tensors.filter),
    output: memory.put(tensors.output),
    workspace: memory.allocate(routine.workspace(spec)),
  };
  memory.run(routine.calls(spec, addresses), cut);
  const wanted = tensors[routine.role];
  return memory.read(wanted, addresses[routine.role], wanted.length);
}

/** A matrix of so many columns, transposed. */
function transposed(values: Floats, columns: number): Floats {
  const rows = columns === 0 ? 0 : values.length / columns;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}

for (const [name, routine] of Object.entries(ROUTINES)) {
  describe(name, () => {
    for (const target of TARGETS) {
      it(`agrees with plain sums (${JSON.stringify(target)})`, () => {
        fc.assert(
          fc.property(convSpecs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
            const tensors = tensorsOf(spec);
            const got = compute(new TestMemory(target), spec, tensors, routine, cutsOf(chances));
            const wrong = firstWrong(got, sumsFor(spec, tensors, routine.role));
            if (wrong !== null) expect.fail(`${JSON.stringify(spec)}: ${wrong}`);
          }),
          { numRuns: 30, seed: 11 },
        );
      });
    }

    it('takes blocks and chunks of larger ones together', () => {
      for (const spec of LARGER_SPECS) {
        const tensors = tensorsOf(spec);
        // Beyond 2 GiB, where addresses are negative as signed numbers.
        const got = compute(new TestMemory(TARGETS[0], 2 ** 31 - 4096), spec, tensors, routine);
        expect(firstWrong(got, sumsFor(spec, tensors, routine.role)), JSON.stringify(spec)).to.equal(null);
      }
    });

    it('gives the same numbers however work is split', () => {
      fc.assert(
        fc.property(convSpecs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
          const tensors = tensorsOf(spec);
          const memory = new TestMemory(TARGETS[0]);
          const whole = compute(memory, spec, tensors, routine);
          expect(compute(memory, spec, tensors, routine, cutsOf(chances))).to.deep.equal(whole);
        }),
        { numRuns: 25, seed: 12 },
      );
    });
  });
}
