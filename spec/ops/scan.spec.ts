import * as ops from '../../graph/ops/scan';
import { f32, f64, opCase } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('scan');

const matrix = f64([
  [1.5, -2, 0.7],
  [3, 0.4, 5],
]);

for (const [op, build] of Object.entries({
  Cumsum: ops.cumsum,
  Cumprod: ops.cumprod,
  CumulativeLogsumexp: ops.cumulativeLogsumexp,
})) {
  for (const axis of [0, 1, -1])
    opCase(op, `gradient along ${axis}`, { inputs: [matrix], build: (x) => build(x, axis), gradient: true });
  opCase(op, 'gradient in reverse', { inputs: [matrix], build: (x) => build(x, 1, { reverse: true }), gradient: true });
  opCase(op, 'an axis out of range', {
    inputs: [f32([[1, 2]])],
    build: (x) => build(x, 2),
    fails: /^ScanOp: Expected scan axis in the range \[-2, 2\), but got 2/,
  });
  opCase(op, 'a scalar', {
    inputs: [f32(1)],
    build: (x) => build(x),
    fails: /^ScanOp: Expected scan axis in the range \[0, 0\), but got 0/,
  });
  opCase(op, 'a list of axes', {
    inputs: [f32([[1, 2]])],
    build: (x) => build(x, [0]),
    fails: /^ScanOp: axis must be a scalar, not \[1\]/,
  });
}
for (const [op, build] of Object.entries({ Cumsum: ops.cumsum, Cumprod: ops.cumprod })) {
  for (const reverse of [false, true]) {
    opCase(op, `exclusive gradient, reverse ${reverse}`, {
      inputs: [matrix],
      build: (x) => build(x, 1, { exclusive: true, reverse }),
      gradient: true,
    });
  }
}
