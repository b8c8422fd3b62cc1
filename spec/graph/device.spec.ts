/**
 * Devices of operations: strings and how they are read, merging of scopes, device functions.
 */
import { expect } from 'chai';
import { type DeviceFunction, mergeDevices, parseDevice } from '../../graph/deviceSpec';
import { device } from '../../graph/framework';
import { noOp } from '../../graph/ops/source';
import { inGraph, thrownBy, withGraph } from '../support/inGraph';

type Scope = string | null | DeviceFunction;

/** The device of an op within these scopes, outermost first. */
function within(...scopes: readonly Scope[]): string {
  const [first, ...rest] = scopes;
  if (first === undefined) return noOp().device;
  return device(first, () => within(...rest));
}

const on = (...scopes: readonly Scope[]) => inGraph(() => within(...scopes));

describe('device strings', () => {
  it('are brought into their normal form', () => {
    const forms = {
      '': '',
      '/cpu:0': '/device:CPU:0',
      'cpu:0': '/device:CPU:0',
      CPU: '/device:CPU:*',
      '/cpu:*': '/device:CPU:*',
      '/device:gpu:3': '/device:GPU:3',
      '/tpu:0': '/device:TPU:0',
      '/custom:1': '/device:CUSTOM:1',
      '/device:tpu:0': '/device:tpu:0',
      '/device:XLA_CPU:0': '/device:XLA_CPU:0',
      '//job:a///cpu:1': '/job:a/device:CPU:1',
      '/gpu:3/task:2/replica: 1/job:a': '/job:a/replica:1/task:2/device:GPU:3',
      '/job:': '/job:',
      '/task:-1': '/task:-1',
    };
    for (const [text, want] of Object.entries(forms)) expect(on(text), text).to.equal(want);
    expect(parseDevice('/job:w/task:2/gpu:1')).to.deep.equal({ job: 'w', task: 2, deviceType: 'GPU', deviceIndex: 1 });
  });

  it('that are none are refused where the scope is opened', () => {
    const unknown = (key: string, text: string) =>
      `ValueError: Unknown attribute '${key}' is encountered while parsing the device spec: '${text}'.`;
    const notInt = (text: string) => `ValueError: invalid literal for int() with base 10: '${text}'`;
    const cases = {
      bad: unknown('bad', 'bad'),
      '/foo:1': unknown('foo', '/foo:1'),
      '/job:a:b': unknown('job', '/job:a:b'),
      '/cpu:0/gpu:0': 'ValueError: Multiple device types are not allowed while parsing the device spec: /cpu:0/gpu:0.',
      '/replica:x': notInt('x'),
      '/task:*': notInt('*'),
      '/device:GPU:x': notInt('x'),
      '/gpu:1e3': notInt('1e3'),
    };
    for (const [text, want] of Object.entries(cases))
      expect(
        thrownBy(() => on(text)),
        text,
      ).to.equal(want);
    expect(thrownBy(() => on(3 as never))).to.match(/^TypeError: Expected a device string, a function or null, got 3/);
  });
});

describe('device scopes', () => {
  it('merge part by part, the inner one first', () => {
    expect(on('/job:worker', '/cpu:0')).to.equal('/job:worker/device:CPU:0');
    expect(on('/job:worker/cpu:0', '/job:ps/task:1')).to.equal('/job:ps/task:1/device:CPU:0');
    expect(on('/job:a/replica:1', '/task:2', '/gpu:3')).to.equal('/job:a/replica:1/task:2/device:GPU:3');
    expect(on('/cpu:0', '')).to.equal('/device:CPU:0');
  });

  it('merge type and index apart', () => {
    expect(on('/gpu:2', '/cpu')).to.equal('/device:CPU:2');
    expect(on('/gpu:2', '/device:CPU:*')).to.equal('/device:CPU:2');
    expect(on('/cpu:0', '/gpu')).to.equal('/device:GPU:0');
    expect(mergeDevices('/job:a', '/task:1')).to.equal('/job:a/task:1');
  });

  it('are ignored beyond null', () => {
    expect(on('/cpu:0', null)).to.equal('');
    expect(on('/cpu:0', null, '/job:a')).to.equal('/job:a');
  });

  it(
    'hold inside only',
    withGraph((graph) => {
      device('/cpu:0', () => {
        expect(() =>
          device('/gpu:0', () => {
            throw new Error('mine');
          }),
        ).to.throw('mine');
        expect(noOp().device).to.equal('/device:CPU:0');
        expect(graph.device('/gpu:1', () => noOp().device)).to.equal('/device:GPU:1');
      });
      expect(noOp().device).to.equal('');
    }),
  );
});

describe('device functions', () => {
  it('see the op with what inner scopes gave it, and give what it gets instead', () => {
    const seen: unknown[] = [];
    const spy: DeviceFunction = (op) => {
      seen.push([op.name, op.type, op.device]);
      return '/task:1';
    };
    expect(on(spy, '/cpu:0')).to.equal('/task:1');
    expect(on('/job:a', spy)).to.equal('/job:a/task:1');
    expect(seen).to.deep.equal([
      ['NoOp', 'NoOp', '/device:CPU:0'],
      ['NoOp', 'NoOp', ''],
    ]);
  });

  it('may keep or merge the device they are given', () => {
    expect(on((op) => op.device, '/cpu:0')).to.equal('/device:CPU:0');
    expect(on('/cpu:0', () => '')).to.equal('/device:CPU:0');
    expect(on((op) => mergeDevices('/job:ps/gpu:1', op.device), '/task:3')).to.equal('/job:ps/task:3/device:GPU:1');
    expect(on(() => '/gpu:0', null, '/cpu:0')).to.equal('/device:CPU:0');
  });

  it('give strings', () => {
    for (const [value, shown] of [
      [null, 'None'],
      [3, '3'],
    ] as const) {
      expect(thrownBy(() => on(() => value as never))).to.equal(
        `TypeError: Expected binary or unicode string, got ${shown}`,
      );
    }
  });

  it('that fail leave no operation and no name behind', () => {
    inGraph((graph) => {
      const failing = () => {
        throw new Error('mine');
      };
      expect(() => device(failing, () => noOp({ name: 'a' }))).to.throw('mine');
      expect(graph.operations).to.have.length(0);
      expect(noOp({ name: 'a' }).name).to.equal('a');
    });
  });
});
