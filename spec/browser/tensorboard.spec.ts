/**
 * TensorBoard's page shows what sluice logs: scalars, histograms, pictures, text, the graph and the times of its nodes. And
 * a page writes an event file by itself, in memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import * as tf from '../../lib/index';
import { MemoryFileSystem } from '../../runtime/files/memoryFileSystem';
import { bundle, html, javascript, openPage, serve, useBrowser } from './support/browser';
import { TensorBoard } from './support/tensorboard';

const steps = 12;

/** A small run: a dense layer, and a summary of each kind in every step. */
function writeLog(logdir: string): void {
  const graph = new tf.Graph();
  const { summary } = tf;
  const [merged, x] = graph.asDefault(() => {
    const values = tf.placeholder(tf.float32, [null, 4], { name: 'x' });
    const hidden = tf.layers.dense(values, 3, {
      activation: tf.nn.relu,
      name: 'hidden',
      kernelInitializer: tf.onesInitializer(),
    });
    summary.scalar('loss', tf.reduceMean(tf.square(hidden)));
    summary.histogram('activations', hidden);
    summary.image('picture', tf.reshape(values, [1, 3, 4, 1]), { maxOutputs: 1 });
    summary.text('note', tf.constant('a **bold** word'));
    return [summary.mergeAll() as tf.Tensor, values];
  });
  const session = new tf.Session({ graph });
  session.runSync(graph.asDefault(() => tf.globalVariablesInitializer()));
  using writer = new summary.FileWriter(logdir, graph);
  for (let step = 0; step < steps; step++) {
    const metadata: tf.RunMetadata = {};
    const data = Float32Array.from({ length: 12 }, (_, i) => (i % 5) - 1 + step);
    const value = session.runSync(merged, {
      feed: [[x, tf.NdArray.from(data).reshape([3, 4])]],
      options: { traceLevel: tf.TraceLevel.FULL_TRACE },
      metadata,
    });
    writer.addSummary(value, step);
    if (step === steps - 1) writer.addRunMetadata(metadata, 'last run', step);
  }
}

describe("TensorBoard's page", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tensorboard-'));
  const browser = useBrowser();
  let board: TensorBoard | undefined;
  let page: Page;
  let problems: string[];

  before(async () => {
    writeLog(join(folder, 'run'));
    board = await TensorBoard.start(folder);
    ({ page, problems } = await openPage(browser(), board.url));
  });
  after(async () => {
    await board?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Opens a tab of the page. */
  const open = (name: string) =>
    page.evaluate((hash) => {
      (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
    }, name);

  it('draws the scalars', async () => {
    await open('scalars');
    const card = page.locator('tf-scalar-card', { hasText: 'loss' }).first();
    await card.waitFor();
    await card.locator('svg.line-chart, canvas, svg').first().waitFor();
    const answer = await page.request.get(`${board?.url}data/plugin/scalars/scalars?tag=loss&run=run`);
    const points = (await answer.json()) as [number, number, number][];
    expect(points.map(([, step]) => step)).to.deep.equal(Array.from({ length: steps }, (_, i) => i));
  });

  it('draws the histograms', async () => {
    await open('histograms');
    const card = page.locator('tf-histogram-loader', { hasText: 'activations' }).first();
    await card
      .locator('vz-histogram-timeseries svg .histogram path, vz-histogram-timeseries svg path')
      .first()
      .waitFor({ state: 'attached' });
  });

  it('shows the pictures', async () => {
    await open('images');
    const picture = page.locator('tf-image-loader img').first();
    await picture.waitFor();
    const size = () =>
      picture.evaluate((img) => [
        (img as unknown as { naturalWidth: number }).naturalWidth,
        (img as unknown as { naturalHeight: number }).naturalHeight,
      ]);
    expect(await poll(size, ([width]) => width > 0)).to.deep.equal([4, 3]);
  });

  it('shows the text, with its marks', async () => {
    await open('text');
    await page.locator('tf-text-loader strong', { hasText: 'bold' }).first().waitFor();
    expect(await page.locator('tf-text-loader strong').count()).to.be.at.least(1);
  });

  it('draws the graph, and the times of its nodes', async () => {
    await open('graphs');
    const scene = page.locator('tf-graph-scene');
    for (const name of ['x', 'hidden', 'loss', 'Square'])
      await scene.locator('g.node, g.annotation', { hasText: name }).first().waitFor({ state: 'attached' });
    await page.locator('tf-graph-controls').getByText('Tag', { exact: false }).first().waitFor();
    const answer = await page.request.get(`${board?.url}data/plugin/graphs/run_metadata?tag=last%20run&run=run`);
    const text = await answer.text();
    expect(text).to.match(/node_name: "activations"/);
    expect(text).to.match(/all_end_rel_micros: \d+/);
  });

  it('has nothing to complain of', () => expect(problems).to.deep.equal([]));
});

/** Asks until the answer is good; mocha's timeout ends it. */
async function poll<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('event files in a page', function () {
  this.timeout(120_000);
  const browser = useBrowser();

  it('are written in memory and are whole', async () => {
    const script = await bundle(`
      import * as tf from './lib/index';
      const loss = tf.summary.scalar('loss', tf.constant(0.25));
      const session = new tf.Session();
      const fileSystem = new tf.io.MemoryFileSystem();
      const writer = new tf.summary.FileWriter('log', session.graph, { fileSystem });
      writer.addSummary(session.runSync(loss), 5);
      writer.close();
      globalThis.written = { path: writer.path, bytes: [...fileSystem.bytesOf(writer.path)] };
    `);
    const site = await serve({ '/': html('<script src="/main.js"></script>'), '/main.js': javascript(script) });
    try {
      const { page, problems } = await openPage(browser(), site.url);
      const written = await page.evaluate(
        () => (globalThis as unknown as { written: { path: string; bytes: number[] } }).written,
      );
      expect(problems).to.deep.equal([]);
      expect(written.path).to.match(/^log\/events\.out\.tfevents\.\d{10}\.localhost$/);
      const fileSystem = new MemoryFileSystem();
      fileSystem.openWrite('f').write(Uint8Array.from(written.bytes));
      const events = [...tf.train.summaryIterator('f', { fileSystem })];
      expect(events.map(({ what }) => what.case)).to.deep.equal(['fileVersion', 'graphDef', 'metaGraphDef', 'summary']);
      expect(events[3].step).to.equal(5n);
    } finally {
      await site.close();
    }
  });
});
