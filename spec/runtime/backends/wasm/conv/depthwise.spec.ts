import { expect } from 'chai';
import fc from 'fast-check';
import type { ConvSpec } from '../../../../../runtime/backends/wasm/conv/conv';
import {
  depthwiseBackpropFilterCalls,
  depthwiseBackpropInputCalls,
  depthwiseCalls,
  depthwiseWorkspace,
} from '../../../../../runtime/backends/wasm/conv/depthwise';
import { cutsOf, TARGETS, TestMemory } from '../../../../support/wasm';
import {
  addTerm,
  convSpecs,
  emptySums,
  type Floats,
  firstWrong,
  forEachProduct,
  type Role,
  type Sums,
  type Tensors,
  values,
} from './convCases';

const specs = fc
  .tuple(convSpecs, fc.integer({ min: 1, max: 3 }))
  .map(([spec, multiplier]) => ({ ...spec, inChannels: Math.max(1, spec.inChannels), multiplier }))
  .map(({ multiplier, ...spec }): ConvSpec => ({ ...spec, outChannels: spec.inChannels * multiplier }));

function tensorsOf(spec: ConvSpec): Tensors {
  const { dtype, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = spec;
  return {
    input: values(dtype, batch * inHeight * inWidth * inChannels, 1),
    filter: values(dtype, spec.filterHeight * spec.filterWidth * outChannels, 2),
    output: values(dtype, batch * outHeight * outWidth * outChannels, 3),
  };
}

/** The products of a convolution that are within one channel. */
function sumsFor(spec: ConvSpec, { input, filter, output }: Tensors, role: Role): Sums {
  const { inChannels, outChannels } = spec;
  const multiplier = outChannels / inChannels;
  const sums = emptySums({ input, filter, output }[role].length);
  forEachProduct(spec, (i, wide, o) => {
    const [from, to] = [i % inChannels, o % outChannels];
    if (Math.floor(to / multiplier) !== from) return;
    // The filter's index in a whole convolution has one more dimension.
    const w = Math.floor(wide / (inChannels * outChannels)) * outChannels + to;
    if (role === 'output') addTerm(sums, o, input[i] * filter[w]);
    else if (role === 'input') addTerm(sums, i, output[o] * filter[w]);
    else addTerm(sums, w, input[i] * output[o]);
  });
  return sums;
}

function compute(
  memory: TestMemory,
  spec: ConvSpec,
  tensors: Tensors,
  role: Role,
  cut?: (extent: number, grain: number) => number[],
): Floats {
  const [input, filter, output] = [memory.put(tensors.input), memory.put(tensors.filter), memory.put(tensors.output)];
  const workspace = memory.allocate(depthwiseWorkspace(spec));
  if (role === 'output') memory.run(depthwiseCalls(spec, { input, filter, output, workspace }), cut);
  else if (role === 'input') {
    const addresses = { filter, outGradient: output, inGradient: input, workspace };
    memory.run(depthwiseBackpropInputCalls(spec, addresses), cut);
  } else {
    const addresses = { input, outGradient: output, filterGradient: filter, workspace };
    memory.run(depthwiseBackpropFilterCalls(spec, addresses), cut);
  }
  return memory.read(tensors[role], { input, filter, output }[role], tensors[role].length);
}

const NAMES = {
  output: 'depthwiseCalls',
  input: 'depthwiseBackpropInputCalls',
  filter: 'depthwiseBackpropFilterCalls',
};

for (const role of ['output', 'input', 'filter'] as const) {
  describe(NAMES[role], () => {
    for (const target of TARGETS) {
      it(`agrees with plain sums (${JSON.stringify(target)})`, () => {
        fc.assert(
          fc.property(specs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
            const tensors = tensorsOf(spec);
            const got = compute(new TestMemory(target), spec, tensors, role, cutsOf(chances));
            const wrong = firstWrong(got, sumsFor(spec, tensors, role));
            if (wrong !== null) expect.fail(`${JSON.stringify(spec)}: ${wrong}`);
          }),
          { numRuns: 40, seed: 31 },
        );
      });
    }
  });
}
