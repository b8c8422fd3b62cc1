/**
 * The compiled runtime in a page: a small model with dropout trains there as it does in Node, loss for loss, on one thread and,
 * where the page is isolated, on several.
 */
import { expect } from 'chai';
import * as tf from '../../lib/index';
import { bundle, html, javascript, openPage, serve, useBrowser } from './support/browser';
import { type Outcome, train } from './support/dropoutModel';

/** Relative. The page's engine and Node's need not both fuse multiplications with additions. */
const TOLERANCE = 1e-5;

const page = html('<title>training</title><script src="/main.js"></script>');

describe('training in a page', function () {
  this.timeout(120_000);
  const browser = useBrowser();
  let script: string;
  let inNode: Outcome;

  before(async () => {
    script = await bundle(`
      import * as tf from './lib/index';
      import { train } from './spec/browser/support/dropoutModel';
      window.train = (threads) => train(tf, threads);
    `);
    inNode = await train(tf, 1);
  });

  async function trainIn(isIsolated: boolean, threads: number): Promise<Outcome & { readonly workers: number }> {
    const site = await serve({ '/': page, '/main.js': javascript(script) }, { isIsolated });
    try {
      const { page: opened, problems } = await openPage(browser(), site.url);
      const outcome = await opened.evaluate(
        (count) => (globalThis as unknown as { train: (threads: number) => Promise<Outcome> }).train(count),
        threads,
      );
      const workers = opened.workers().length;
      expect(problems).to.eql([]);
      await opened.close();
      return { ...outcome, workers };
    } finally {
      await site.close();
    }
  }

  function expectSame({ losses, dropped }: Outcome): void {
    // The masks come from the same random numbers, bit for bit.
    expect(dropped).to.eql(inNode.dropped);
    losses.forEach((loss, step) => {
      expect(Math.abs(loss / inNode.losses[step] - 1), `step ${step}`).to.be.below(TOLERANCE);
    });
  }

  it('learns in Node, for a start', () => {
    const { losses, dropped, kernels } = inNode;
    expect(losses).to.have.length(20);
    expect(losses[19]).to.be.below(losses[0] * 0.5);
    expect(dropped[0]).to.be.within(1, 63);
    expect(kernels.host).to.equal(0);
  });

  it('gives the losses of Node on one thread', async () => {
    const outcome = await trainIn(false, 1);
    expectSame(outcome);
    expect(outcome).to.deep.include({ threads: 1, workers: 0, kernels: inNode.kernels, isIsolated: false });
  });

  it('says why it has one thread when more are asked for', async () => {
    const outcome = await trainIn(false, 4);
    expectSame(outcome);
    expect(outcome.threads).to.equal(1);
    expect(outcome.why).to.match(/isolat/);
  });

  it('gives them on several threads of an isolated page', async () => {
    const outcome = await trainIn(true, 2);
    expectSame(outcome);
    expect(outcome).to.deep.include({ threads: 2, workers: 1, isIsolated: true });
  });
});
