/**
 * The transpose of four vectors of 32-bit lanes, in registers.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { withScratch } from './lanes';

export type FourLocals = readonly [Local, Local, Local, Local];

/** Turns lane j of four vectors into vector j, in place. */
export function emitTranspose4(f: FunctionBuilder, [r0, r1, r2, r3]: FourLocals): void {
  withScratch(f, 'v128', 4, (a, b, c, d) => {
    f.get(r0).get(r1).shuffle32(0, 4, 1, 5).set(a);
    f.get(r2).get(r3).shuffle32(0, 4, 1, 5).set(b);
    f.get(r0).get(r1).shuffle32(2, 6, 3, 7).set(c);
    f.get(r2).get(r3).shuffle32(2, 6, 3, 7).set(d);
    f.get(a).get(b).shuffle32(0, 1, 4, 5).set(r0);
    f.get(a).get(b).shuffle32(2, 3, 6, 7).set(r1);
    f.get(c).get(d).shuffle32(0, 1, 4, 5).set(r2);
    f.get(c).get(d).shuffle32(2, 3, 6, 7).set(r3);
  });
}
