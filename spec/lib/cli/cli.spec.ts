/**
 * The command `sluice`: its commands as text and as JSON, its exit codes, and how it behaves in pipes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../../lib/cli/main';
import * as tf from '../../../lib/index';
import { chain, smallModel, tagsOf } from '../inspect/support';

const { inspect } = tf;
const MAIN = join('lib', 'cli', 'main.ts');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process. */
function run(...args: string[]): Ran {
  let [out, err] = ['', ''];
  const output = {
    write: (text: string) => {
      out += text;
    },
    writeError: (text: string) => {
      err += text;
    },
  };
  return { code: main(args, output), out, err };
}

/** Runs it as a process of its own, by way of a shell. */
function shell(rest: string, { env = {}, input }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {}) {
  const command = `"${process.execPath}" -r ts-node/register/transpile-only ${MAIN} ${rest}`;
  const { NO_COLOR: _, ...inherited } = process.env;
  return spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    encoding: 'utf8',
    env: { ...inherited, ...env },
    input,
    maxBuffer: 1 << 28,
  });
}

describe('sluice', () => {
  let folder: string;
  let file: string;
  let other: string;
  let graph: tf.Graph;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
    graph = smallModel();
    file = join(folder, 'model.json');
    other = join(folder, 'other.json');
    writeFileSync(file, inspect.toJSON(graph));
    writeFileSync(other, inspect.toJSON(smallModel({ units: 5 })));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('writes a trace of its runs, and sums up their times', () => {
    const trace = join(folder, 'trace.json');
    const feed = ['--feed', 'x=[[1,2,3]]', '--init', 'init'];
    const ran = run('run', file, '--fetch', 'highest', ...feed, '--repeat', '2', '--trace', trace);
    expect(ran.code).to.equal(0);
    expect(ran.err).to.match(/^scope +ms +% .*\nhidden +\d/ms);
    const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8')) as tf.inspect.ChromeTrace;
    expect(traceEvents.filter(({ cat }) => cat === 'run').map(({ name }) => name)).to.eql(Array(3).fill('highest:0'));
    expect(
      run('run', file, '--fetch', 'highest', ...feed, '--trace', join(folder, 'none', 'trace.json')).code,
    ).to.equal(3);
  });

  describe('prints what tf.inspect finds, as text and as JSON', () => {
    const commands: readonly (readonly [string, readonly string[], (loaded: tf.Graph) => unknown])[] = [
      ['summary', [], (loaded) => inspect.summary(loaded)],
      ['tree', [], (loaded) => inspect.tree(loaded)],
      ['tree', ['--depth', '1'], (loaded) => inspect.tree(loaded, { depth: 1 })],
      ['node', ['hidden/MatMul'], (loaded) => inspect.node(loaded, 'hidden/MatMul')],
      ['path', ['x', 'out/BiasAdd'], (loaded) => inspect.path(loaded, 'x', 'out/BiasAdd')],
      ['needs', ['Adam'], (loaded) => inspect.needs(loaded, ['Adam'])],
      [
        'needs',
        ['out/BiasAdd:0', '--feed', 'x,training'],
        (loaded) => inspect.needs(loaded, ['out/BiasAdd:0'], ['x:0', 'training:0']),
      ],
      ['collections', [], (loaded) => inspect.collections(loaded)],
    ];
    for (const [command, args, expected] of commands) {
      it([command, ...args].join(' '), () => {
        const report = expected(inspect.fromJSON(readFileSync(file, 'utf8')));
        expect(run(command, file, ...args)).to.eql({ code: 0, out: `${report}\n`, err: '' });
        const json = run(command, file, ...args, '--json');
        expect(json).to.include({ code: 0, err: '' });
        expect(JSON.parse(json.out)).to.eql(JSON.parse(JSON.stringify(report)));
      });
    }

    it('diff, with exit code 0 for the same and 1 for different graphs', () => {
      expect(run('diff', file, file)).to.eql({ code: 0, out: 'The graphs are the same.\n', err: '' });
      expect(JSON.parse(run('diff', file, file, '--json').out).isEmpty).to.equal(true);
      const found = run('diff', file, other);
      expect(found).to.include({ code: 1, err: '' });
      expect(found.out).to.match(/^~ hidden\/MatMul$/m);
      const json = run('diff', file, other, '--json');
      expect(json.code).to.equal(1);
      expect(JSON.parse(json.out)).to.deep.include({ isEmpty: false, added: [], removed: [] });
    });

    it('path, with exit code 1 when there is none', () => {
      const found = run('path', file, 'x', 'y');
      expect(found).to.include({ code: 1, out: 'There is no way from x to y: y does not depend on it.\n' });
      const json = run('path', file, 'x', 'y', '--json');
      expect([json.code, JSON.parse(json.out)]).to.eql([1, { path: [], control: [] }]);
    });

    for (const format of ['dot', 'svg'] as const) {
      it(`${format}, to standard output or to a file`, () => {
        const { code, out } = run(format, file, '--expand', 'hidden,out', '--machinery');
        expect(code).to.equal(0);
        expect(out).to.equal(inspect[format](graph, { expand: ['hidden', 'out'], machinery: true }));
        const target = join(folder, `graph.${format}`);
        expect(run(format, file, '-o', target)).to.eql({ code: 0, out: '', err: '' });
        expect(readFileSync(target, 'utf8')).to.equal(inspect[format](graph));
      });
    }

    it('a picture that is well-formed', () => {
      expect(tagsOf(run('svg', file).out)[0]).to.equal('svg');
    });
  });

  describe('refuses wrong use with exit code 2', () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['node', 'FILE', 'hidden/MatMull'], "Did you mean 'hidden/MatMul'?"],
      [['path', 'FILE', 'x', 'out/BiasAd'], "Did you mean 'out/BiasAdd'?"],
      [['path', 'FILE', 'x:7', 'y'], 'x:7'],
      [['needs', 'FILE', 'Adm'], "Did you mean 'Adam'?"],
      [['needs', 'FILE', 'Adam', '--feed', 'trainin'], "Did you mean 'training'?"],
      [['svg', 'FILE', '--expand', 'hiden'], "Did you mean 'hidden'?"],
      [['tree', 'FILE', '--depth', 'deep'], 'positive integer'],
      [['summary', 'FILE', '--color', 'pink'], 'Allowed choices are auto, always, never'],
      [['summary'], 'missing required argument'],
      [['sumary', 'FILE'], 'Did you mean summary?'],
      [['summary', 'FILE', '--jsn'], 'Did you mean --json?'],
      [[], 'Usage: sluice'],
    ];
    for (const [args, message] of wrong) {
      it(['sluice', ...args].join(' '), () => {
        const { code, out, err } = run(...args.map((arg) => (arg === 'FILE' ? file : arg)));
        expect([code, out]).to.eql([2, '']);
        expect(err).to.contain(message);
        expect(err).not.to.match(/^ +at /m);
      });
    }

    it('but help is no wrong use', () => {
      const { code, out, err } = run('--help');
      expect([code, err]).to.eql([0, '']);
      for (const name of ['summary', 'tree', 'node', 'path', 'needs', 'collections', 'diff', 'dot', 'svg'])
        expect(out).to.contain(`  ${name} `);
    });
  });

  describe('refuses files that hold no graph with exit code 3', () => {
    type Json = { format: string; version: number; nodes: Record<string, unknown>[] };
    const tampered: readonly (readonly [string, (json: Json) => unknown, RegExp])[] = [
      ['another format', (json) => ({ ...json, format: 'x' }), /format/],
      ['a later version', (json) => ({ ...json, version: 99 }), /version/],
      ['an unknown type of op', (json) => Object.assign(json.nodes[1], { op: 'Nope' }) && json, /nodes\[1\]\.op/],
      [
        'an input that is not there',
        (json) => Object.assign(json.nodes.at(-1)!, { inputs: ['gone'] }) && json,
        /nodes\[\d+\]/,
      ],
      ['two nodes of one name', (json) => ({ ...json, nodes: [...json.nodes, json.nodes[0]] }), /nodes\[\d+\]\.name/],
      [
        'a shape that is text',
        (json) => Object.assign(json.nodes[0], { outputs: [{ dtype: 'float32', shape: 'big' }] }) && json,
        /nodes\[0\]\.outputs\[0\]\.shape/,
      ],
      ['no nodes', ({ nodes: _, ...json }) => json, /nodes/],
      ['null', () => null, /the graph/],
      ['a list', () => [], /the graph/],
    ];
    const expectRefused = (text: string, message: RegExp) => {
      const bad = join(folder, 'bad.json');
      writeFileSync(bad, text);
      const { code, out, err } = run('summary', bad);
      expect([code, out]).to.eql([3, '']);
      expect(err).to.match(/^sluice: .*bad\.json holds no graph: /);
      expect(err).to.match(message);
      expect(err).not.to.match(/^ +at /m);
    };
    for (const [title, tamper, message] of tampered) {
      it(title, () => expectRefused(JSON.stringify(tamper(JSON.parse(readFileSync(file, 'utf8')))), message));
    }
    it('text that is no JSON', () => expectRefused('graph {', /JSON/));
    it('nothing at all', () => expectRefused('', /JSON/));
    it('half a file', () => expectRefused(readFileSync(file, 'utf8').slice(0, 5000), /JSON/));

    it('a file that is not there, and a folder', () => {
      const missing = run('summary', join(folder, 'missing.json'));
      expect(missing.code).to.equal(3);
      expect(missing.err).to.match(/^sluice: cannot read .*missing\.json: ENOENT/);
      expect(run('summary', folder)).to.include({ code: 3, out: '' });
    });

    it('and files that cannot be written', () => {
      const { code, err } = run('svg', file, '-o', join(folder, 'none', 'graph.svg'));
      expect(code).to.equal(3);
      expect(err).to.match(/^sluice: cannot write .*graph\.svg: ENOENT/);
    });
  });

  describe('colours', () => {
    const onTerminal = (noColor: string | undefined, when: string): string => {
      const before = { isTTY: process.stdout.isTTY, noColor: process.env.NO_COLOR };
      process.stdout.isTTY = true;
      if (noColor === undefined) delete process.env.NO_COLOR;
      else process.env.NO_COLOR = noColor;
      try {
        return run('summary', file, '--color', when).out;
      } finally {
        process.stdout.isTTY = before.isTTY;
        if (before.noColor === undefined) delete process.env.NO_COLOR;
        else process.env.NO_COLOR = before.noColor;
      }
    };
    let plain: string;
    before(() => {
      plain = String(inspect.summary(graph));
    });

    it('on a terminal the titles, unless NO_COLOR or --color never asks for none', () => {
      const colored = onTerminal(undefined, 'auto');
      expect(colored.startsWith('\u001b[1mlayer')).to.equal(true);
      expect(colored.replaceAll(/.\[\d+m/g, '')).to.equal(`${plain}\n`);
      expect(onTerminal('', 'auto')).to.equal(colored);
      expect(onTerminal('1', 'auto')).to.equal(`${plain}\n`);
      expect(onTerminal(undefined, 'never')).to.equal(`${plain}\n`);
      expect(onTerminal('1', 'always')).to.equal(colored);
    });

    it('never JSON', () => {
      const json = run('summary', file, '--color', 'always', '--json').out;
      expect(json).to.equal(run('summary', file, '--json').out);
    });
  });

  describe('as a process', () => {
    it('reads standard input for -', () => {
      const { status, stdout, stderr } = shell('summary -', { input: readFileSync(file, 'utf8') });
      expect([status, stderr]).to.eql([0, '']);
      expect(stdout).to.equal(run('summary', file).out);
    });

    it('reads bytes from standard input, too', () => {
      const golden = (name: string) => join(__dirname, '..', '..', 'golden', 'files', name);
      const first = (name: string) => shell(`show - < '${golden(name)}'`).stdout.split('\n')[0];
      expect(first('mlp.pb')).to.equal('-: a GraphDef');
      expect(first('text.npy')).to.equal('-: an array of numpy');
      expect(first('stored.npz')).to.equal('-: an archive of arrays of numpy');
    });

    it('stops in silence when its reader has seen enough', () => {
      const long = join(folder, 'long.json');
      writeFileSync(long, inspect.toJSON(chain(2000)));
      const { status, stdout, stderr } = shell(`svg '${long}' | head -1`);
      expect([status, stderr]).to.eql([0, '']);
      expect(stdout).to.match(/^<svg [^\n]*\n$/);
    });

    it('fails with its exit code and one line', () => {
      const { status, stdout, stderr } = shell(`node '${file}' hidden/MatMull`);
      expect([status, stdout]).to.eql([2, '']);
      expect(stderr.trim().split('\n')).to.have.length(1);
    });
  });
});
