/**
 * Plain kernels: checks of values at run time, and printing.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import type { NdArray } from '../../graph/ndarray';
import type { checksOps } from '../../graph/ops/checks';
import type { Kernel, KernelTable } from '../kernel';
import { summarizeFirst } from '../summarize';

interface Anomalies {
  readonly nan: boolean;
  readonly positive: boolean;
  readonly negative: boolean;
}

function anomaliesOf({ data }: NdArray): Anomalies {
  let [nan, positive, negative] = [false, false, false];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (Number.isFinite(value)) continue;
    if (Number.isNaN(value)) nan = true;
    else if (value > 0) positive = true;
    else negative = true;
  }
  return { nan, positive, negative };
}

/** A kernel that passes its input unless it holds what `describe` names. */
function check(describe: (found: Anomalies) => string): Kernel {
  return ([x], c) => {
    if (x.dtype.size === 2) throw new UnimplementedError(`${c.op.type} has no kernel for ${x.dtype.name}.`);
    const found = describe(anomaliesOf(x));
    if (found !== '') throw new InvalidArgumentError(`${c.attr<string>('message')} : Tensor had ${found} values`);
    return x;
  };
}

export const checksKernels: KernelTable<typeof checksOps> = {
  CheckNumerics: check(({ nan, positive, negative }) =>
    [...(positive || negative ? ['Inf'] : []), ...(nan ? ['NaN'] : [])].join(' and '),
  ),
  CheckNumericsV2: check(({ nan, positive, negative }) => {
    const names = [...(negative ? ['-Inf'] : []), ...(positive ? ['+Inf'] : []), ...(nan ? ['NaN'] : [])];
    return names.length === 3 ? `${names[0]}, ${names[1]}, and ${names[2]}` : names.join(' and ');
  }),
  Assert: ([condition, ...data], c) => {
    if (condition.rank !== 0)
      throw new InvalidArgumentError(`In[0] should be a scalar: [${condition.shape.join(',')}]`);
    if (condition.data[0] !== 0) return [];
    const shown = data.map((value) => `[${summarizeFirst(value, c.attr<number>('summarize'))}]`);
    throw new InvalidArgumentError(`assertion failed: ${shown.join(' ')}`);
  },
  Print: ([input, ...data], c) => {
    const firstN = c.attr<number>('first_n');
    const calls = c.state(() => ({ count: 0 }));
    if (firstN < 0 || calls.count < firstN) {
      calls.count++;
      c.log(
        `${c.attr<string>('message')}${data.map((value) => `[${summarizeFirst(value, c.attr<number>('summarize'))}]`).join('')}`,
      );
    }
    return input;
  },
  PrintV2: ([input], c) => {
    const stream = c.attr<string>('output_stream');
    if (stream.startsWith('file://')) throw new UnimplementedError(`Printing to files is not supported: ${stream}`);
    const end = c.attr<string>('end');
    const text = input.data[0] instanceof Uint8Array ? new TextDecoder().decode(input.data[0]) : String(input.data[0]);
    // Where lines go is the session's business: its `log` serves all streams.
    c.log(`${text}${end.endsWith('\n') ? end.slice(0, -1) : end}`);
    return [];
  },
};
