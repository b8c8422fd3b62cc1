import { expect } from 'chai';
import * as ops from '../../graph/ops/special';
import {
  digamma,
  erf,
  erfc,
  erfInverse,
  logGamma,
  normalQuantile,
  polygamma,
  zeta,
} from '../../runtime/specialFunctions';
import { isClose } from '../support/close';
import { f64, opCase } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('special');

const points = f64([0.3, 1.7, 0.9, 2.25, -0.4]);

opCase('Erf', 'gradient', { inputs: [points], build: (x) => ops.erf(x), gradient: true });
opCase('Erfc', 'gradient', { inputs: [points], build: (x) => ops.erfc(x), gradient: true });
opCase('Erfinv', 'gradient', { inputs: [f64([-0.8, 0.1, 0.6])], build: (x) => ops.erfinv(x), gradient: true });
opCase('Ndtri', 'gradient', { inputs: [f64([0.05, 0.4, 0.9])], build: (x) => ops.ndtri(x), gradient: true });
opCase('Lgamma', 'gradient', { inputs: [points], build: (x) => ops.lgamma(x), gradient: true });
opCase('Digamma', 'gradient', { inputs: [f64([0.3, 1.7, 4.5])], build: (x) => ops.digamma(x), gradient: true });
opCase('Polygamma', 'gradient', {
  inputs: [f64([[1], [2]]), f64([0.6, 1.7, 4.5])],
  build: (a, x) => ops.polygamma(a, x),
  gradient: [1],
});
opCase('Zeta', 'gradient', {
  inputs: [f64([[2], [3.5]]), f64([0.6, 1.7, 4.5])],
  build: (x, q) => ops.zeta(x, q),
  gradient: [1],
});
opCase('Ndtri', 'erfcinv', {
  inputs: [f64([0, 0.2, 1, 1.5, 2])],
  build: (x) => ops.erfcinv(x),
  want: f64([Infinity, 0.9061938024368232, 0, -0.4769362762044698, -Infinity]),
});

/** Values with 17 digits from a computation with 40. */
const precise: readonly (readonly [string, number, number])[] = [
  ['erf(1e-10)', erf(1e-10), 1.1283791670955126e-10],
  ['erf(0.7)', erf(0.7), 0.6778011938374185],
  ['erfc(5)', erfc(5), 1.5374597944280349e-12],
  ['erfc(26)', erfc(26), 5.663192408856143e-296],
  ['erfinv(0.99999999)', erfInverse(0.99999999), 4.052237243268763],
  ['ndtri(1e-300)', normalQuantile(1e-300), -37.0470962993612],
  ['lgamma(1e-300)', logGamma(1e-300), 690.7755278982137],
  ['lgamma(3.2)', logGamma(3.2), 0.8854048271549092],
  ['lgamma(-1.5)', logGamma(-1.5), 0.860047015376481],
  ['digamma(-0.75)', digamma(-0.75), -2.894120200042932],
  ['trigamma(0.5)', polygamma(1, 0.5), 4.934802200544679],
  ['zeta(3, 1)', zeta(3, 1), 1.2020569031595942],
];

describe('special functions', () => {
  for (const [title, got, want] of precise) {
    it(title, () => expect(isClose(got, want, { absolute: 0, relative: 2e-13 }), `${got} for ${want}`).to.equal(true));
  }

  it('are inverse to each other', () => {
    for (let x = -3; x <= 3; x += 0.37) {
      expect(erfInverse(erf(x))).to.be.closeTo(x, 1e-11);
      expect(erf(x) + erfc(x)).to.be.closeTo(1, 4e-16);
    }
  });
});
