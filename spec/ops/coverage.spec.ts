/**
 * Walks the registry: an op without a value row, or with a gradient rule and no gradient row, fails the suite.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import '../../graph/ops/index';
import { registeredOps } from '../../graph/registry';
import { coveredGradients, coveredValues } from '../support/opCase';

// Rows register themselves when their file is loaded, also when this file is run alone.
for (const file of readdirSync(__dirname))
  if (file.endsWith('.spec.ts') && file !== 'coverage.spec.ts') require(join(__dirname, file));

describe('coverage of the op registry', () => {
  it('has a value row for every op', () => {
    const missing = [...registeredOps().keys()].filter((op) => !coveredValues.has(op));
    expect(missing).to.deep.equal([]);
  });

  it('has a gradient row for every op with a gradient rule', () => {
    const missing = [...registeredOps().values()].filter(
      (op) => typeof op.gradient === 'function' && !coveredGradients.has(op.name),
    );
    expect(missing.map((op) => op.name)).to.deep.equal([]);
  });
});
