/**
 * The builders by workload. Building itself (h) and memory (i) are measured by peers/sluice.ts.
 */
import type { Builder } from './built';
import { chain, loop } from './overhead';
import { elementwise, product, rows } from './passes';
import { cnn, lstm, mlp } from './training';

export const builders: Readonly<Record<string, Builder>> = {
  a: product,
  b: elementwise,
  c: rows,
  d: mlp,
  e: cnn,
  f: lstm,
  g: chain,
  j: loop,
};
