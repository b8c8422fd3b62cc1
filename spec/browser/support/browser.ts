/**
 * What the specs that run in a browser share: headless Chromium, pages of ours served on loopback, and bundles of our sources.
 *
 *     const browser = useBrowser();
 *     it('…', async () => {
 *       const script = await bundle(`import * as tf from './lib/index'; window.result = …`);
 *       const site = await serve({ '/': html('<script src="/main.js"></script>'), '/main.js': javascript(script) });
 *       const { page, problems } = await openPage(browser(), site.url);
 *       …
 *       await site.close();
 *
 * The browser is Debian's `chromium`, or the one that SLUICE_CHROMIUM names.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

const root = join(__dirname, '..', '..', '..');

/** No network of its own, no first-run pages, no graphics card. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function executable(): string {
  const candidates = [process.env.SLUICE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  return found ?? expect.fail('no Chromium: install it (apt-get install chromium) or let SLUICE_CHROMIUM name one');
}

/** A browser for the specs of the enclosing suite. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  before(async function () {
    this.timeout(120_000);
    browser = await chromium.launch({ executablePath: executable(), args: flags });
  });
  after(() => browser?.close());
  return () => browser as Browser;
}

/** A page, and what went wrong in it so far: errors in scripts and on the console, requests that failed. */
export interface OpenPage {
  readonly page: Page;
  readonly problems: string[];
}

export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('requestfailed', (request) => {
    const text = request.failure()?.errorText;
    // What the page itself gave up, going elsewhere.
    if (text !== 'net::ERR_ABORTED') problems.push(`${request.url()}: ${text}`);
  });
  await page.goto(url);
  return { page, problems };
}

export interface Content {
  readonly type: string;
  readonly body: string | Uint8Array;
}

export const html = (body: string): Content => ({ type: 'text/html; charset=utf-8', body: `<!doctype html>${body}` });
export const javascript = (body: string): Content => ({ type: 'text/javascript; charset=utf-8', body });

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves these paths on a free port of loopback. `isIsolated` sends the headers that a page with shared memory
 * (SharedArrayBuffer) needs.
 */
export async function serve(
  content: Readonly<Record<string, Content>>,
  { isIsolated = false }: { readonly isIsolated?: boolean } = {},
): Promise<Site> {
  const headers = isIsolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {};
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const found = content[path];
    // Browsers ask for an icon of their own accord.
    if (found === undefined) response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    else response.writeHead(200, { 'Content-Type': found.type, ...headers }).end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A script for browsers from TypeScript whose imports are relative to the repository's root. */
export async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    ignoreAnnotations: true,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { target: 'es2022', useDefineForClassFields: true } },
  });
  return outputFiles[0].text;
}
