import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ConvSpec,
  conv2dBackpropFilterCalls,
  conv2dBackpropFilterWorkspace,
  conv2dBackpropInputCalls,
  conv2dBackpropInputWorkspace,
  conv2dCalls,
  conv2dWorkspace,
} from '../../../../../runtime/backends/wasm/conv/conv';
import { cutsOf, TARGETS, TestMemory } from '../../../../support/wasm';
import { convSpecs, type Floats, firstWrong, type Role, sumsFor, type Tensors, tensorsOf } from './convCases';

type Cut = (extent: number, grain: number) => number[];

/** Computes one of the three tensors from the other two. */
function compute(memory: TestMemory, spec: ConvSpec, tensors: Tensors, role: Role, cut?: Cut): Floats {
  const [input, filter, output] = [memory.put(tensors.input), memory.put(tensors.filter), memory.put(tensors.output)];
  if (role === 'output') {
    const workspace = memory.allocate(conv2dWorkspace(spec));
    memory.run(conv2dCalls(spec, { input, filter, output, workspace }), cut);
    return memory.read(tensors.output, output, tensors.output.length);
  }
  if (role === 'input') {
    const workspace = memory.allocate(conv2dBackpropInputWorkspace(spec));
    const addresses = { filter, outGradient: output, inGradient: input, workspace };
    memory.run(conv2dBackpropInputCalls(spec, addresses), cut);
    return memory.read(tensors.input, input, tensors.input.length);
  }
  const workspace = memory.allocate(conv2dBackpropFilterWorkspace(spec));
  const addresses = { input, outGradient: output, filterGradient: filter, workspace };
  memory.run(conv2dBackpropFilterCalls(spec, addresses), cut);
  return memory.read(tensors.filter, filter, tensors.filter.length);
}

const NAMES = { output: 'conv2dCalls', input: 'conv2dBackpropInputCalls', filter: 'conv2dBackpropFilterCalls' };

for (const role of ['output', 'input', 'filter'] as const) {
  describe(NAMES[role], () => {
    for (const target of TARGETS) {
      it(`agrees with plain sums (${JSON.stringify(target)})`, () => {
        fc.assert(
          fc.property(convSpecs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
            const tensors = tensorsOf(spec);
            const got = compute(new TestMemory(target), spec, tensors, role, cutsOf(chances));
            const wrong = firstWrong(got, sumsFor(spec, tensors, role));
            if (wrong !== null) expect.fail(`${JSON.stringify(spec)}: ${wrong}`);
          }),
          { numRuns: 40, seed: 11 },
        );
      });
    }

    it('gives the same numbers however work is split', () => {
      fc.assert(
        fc.property(convSpecs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
          const tensors = tensorsOf(spec);
          const memory = new TestMemory(TARGETS[0]);
          const whole = compute(memory, spec, tensors, role);
          expect(compute(memory, spec, tensors, role, cutsOf(chances))).to.deep.equal(whole);
        }),
        { numRuns: 25, seed: 12 },
      );
    });
  });
}
