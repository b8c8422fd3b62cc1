/**
 * Every op that can be run from plain arrays, against TensorFlow running the same op: dtypes, static shapes, values, and that
 * both refuse the same inputs. What the ops are called with is in inputs.ts.
 */
import '../../lib/index';
import { expect } from 'chai';
import { type RegisteredOp, registeredOps } from '../../graph/registry';
import { expectClose, type Tolerance } from '../support/close';
import { knownDifferences } from './differences';
import { type Case, Make } from './generate';
import { elementwise, reasonToSkip, table } from './inputs';
import { type Answer, useOracle } from './oracle';
import { type Result, runOp } from './ours';

/** float32 carries 24 bits, float64 53; sums of some hundred terms, and each side's own exp and log, cost the last ones. */
const usual: Readonly<Record<'float32' | 'float64', Tolerance>> = {
  float32: { absolute: 1e-6, relative: 1e-5 },
  float64: { absolute: 1e-13, relative: 1e-12 },
};

const show = ({ inputs, attrs = {} }: Case): string =>
  `${Object.entries(inputs).map(([name, value]) => `${name}=${value}`)} ${JSON.stringify(attrs, (_, value) => (typeof value === 'bigint' ? `${value}` : (value?.name ?? value)))}`;

/** TensorFlow was compiled without this op for this dtype: there is nothing to compare with. */
const hasNoKernel = (error: string): boolean =>
  /No OpKernel was registered|Could not find device for node|no kernel/i.test(error);

function attempt(op: string, one: Case): Result | Error {
  try {
    return runOp(op, one.inputs, one.attrs);
  } catch (error) {
    return error as Error;
  }
}

/** Where the two differ; null if they do not. */
function difference(op: string, one: Case, theirs: Answer): string | null {
  const ours = attempt(op, one);
  if (theirs.outputs === undefined) {
    if (ours instanceof Error || hasNoKernel(theirs.error ?? '')) return null;
    return `computes what TensorFlow refuses (${theirs.error})`;
  }
  if (ours instanceof Error) return `fails: ${ours.message}`;
  const [want] = theirs.outputs;
  try {
    ours.outputs[0].slice(0, one.outputs).forEach((value, i) => {
      const { name } = value.dtype;
      expectClose(value, want[i], one.tolerance ?? usual[name === 'float64' ? name : 'float32']);
    });
    ours.shapes.forEach((shape, i) => {
      expect(shape.dims ?? null, `static shape of output ${i}`).to.deep.equal(theirs.shapes?.[i] ?? null);
    });
    expect(ours.outputs[0].length, 'outputs').to.equal(want.length);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function makerOf(op: RegisteredOp) {
  return table[op.name] ?? elementwise(op);
}

describe('ops compute what TensorFlow computes', function () {
  this.timeout(120_000);
  const oracle = useOracle();
  const ops = [...registeredOps().values()].sort((a, b) => (a.name < b.name ? -1 : 1));

  it('knows what to call every op with, or why not', () => {
    const missing = ops.filter((op) => reasonToSkip(op) === null && !makerOf(op));
    expect(missing.map((op) => op.name)).to.deep.equal([]);
  });

  for (const op of ops.filter((each) => reasonToSkip(each) === null)) {
    it(op.name, async () => {
      const cases = makerOf(op)?.(new Make(op.name), op.def) ?? expect.fail('no inputs');
      const answers = await Promise.all(cases.map((one) => oracle().run(op.name, one.inputs, one.attrs)));
      const computed = answers.filter((answer) => answer.outputs !== undefined).length;
      expect(computed, `cases that TensorFlow computes of ${cases.length}: ${answers[0]?.error}`).to.be.greaterThan(0);
      const known = knownDifferences[op.name];
      const all = cases.flatMap((one, i) => {
        const text = difference(op.name, one, answers[i]);
        return text === null ? [] : [`${text}\n  ${show(one)}`];
      });
      const found = all.filter((text) => !known?.pattern.test(text));
      if (known) expect(all.length, `differences, since ${known.reason}`).to.be.greaterThan(found.length);
      if (found.length > 0) expect.fail(`${found.length} of ${cases.length} differ:\n${found.slice(0, 5).join('\n')}`);
    });
  }
});
