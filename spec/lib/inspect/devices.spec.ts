import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { main } from '../../../lib/cli/main';
import * as tf from '../../../lib/index';

const { devices } = tf.inspect;

describe('tf.inspect.devices', () => {
  it('says what a session computes with, and why', () => {
    const { data, text } = devices({ blas: 'off' });
    expect(data).to.include({
      name: '/job:localhost/replica:0/task:0/device:CPU:0',
      cores: availableParallelism(),
      simd: 'simd128 relaxed',
      memoryLimitBytes: 2 ** 32,
    });
    expect(data.threads.count).to.equal(Math.min(8, availableParallelism()));
    expect(data.blas).to.deep.equal({
      library: null,
      reason: 'config.blas is off',
      isRefused: false,
      tried: [],
      refused: [],
    });
    const lines = text.split('\n');
    expect(lines[2]).to.equal('vectors    128 bits, with fused multiply-add');
    expect(lines.slice(4)).to.deep.equal([
      'memory     up to 4.00 GiB per session',
      'products   WebAssembly: config.blas is off',
    ]);
  });

  it('follows the config, and refuses numbers of threads that a session would refuse', () => {
    expect(devices({ threads: 3, blas: 'off' }).data.threads).to.deep.equal({
      count: 3,
      reason: 'given by config.threads',
    });
    for (const threads of [0, 1.5, -1, 257, Number.NaN]) {
      expect(() => devices({ threads })).to.throw(/^config\.threads must be a whole number from 1 to 256, but got /);
    }
  });

  it('says why a library that is named cannot be used', () => {
    const { data, text } = devices({ blas: './no/library.so' });
    expect(data.blas).to.include({ library: null, isRefused: true });
    expect(data.blas.reason).to.match(
      /^config\.blas names the BLAS library \.\/no\/library\.so, but it cannot be loaded: /,
    );
    expect(text).to.include(`products   none: ${data.blas.reason}`);
  });

  it('names the BLAS that is in use, or what was tried', () => {
    const { data, text } = devices();
    if (data.blas.library === null) expect(text).to.include(`WebAssembly: ${data.blas.reason}`);
    else expect(text).to.include(`${data.blas.library.path}, ${data.blas.reason}`);
  });

  it('is a command', () => {
    let out = '';
    const output = {
      write: (text: string) => {
        out += text;
      },
      writeError: (text: string) => {
        out += text;
      },
    };
    expect(main(['devices', '--threads', '2', '--blas', 'off', '--json'], output)).to.equal(0);
    expect(JSON.parse(out)).to.deep.equal(devices({ threads: 2, blas: 'off' }).data);
    out = '';
    expect(main(['devices', '--threads', 'many'], output)).to.equal(2);
    expect(out).to.match(/positive integer/);
  });
});
