/**
 * Truncated normal numbers by rejection, as runtime/random/distributions.ts draws them: every group of four has 256 blocks of its
 * own, and takes, in order, the normal numbers of these that are within two standard deviations of zero.
 *
 * Five groups out of six need but their first block; these are made four at a time, and the others drawn again one by one.
 */
import type { FunctionBuilder, Label, Local } from '../assembler/functionBuilder';
import { withScratch } from '../math/lanes';
import { emitNormalFloat32 } from './normals';
import { type BlockWords, emitPhilox4, emitSkip, type PhiloxLocals } from './philox';

/** A group's blocks begin at its index times 2^8. */
const BLOCKS_SHIFT = 8;

const TRUNCATION = 2;

interface Source {
  readonly philox: PhiloxLocals;
  /** The address of the logarithm's table, see normals.ts. */
  readonly table: Local;
  /** An address of 64 bytes of scratch memory. */
  readonly candidates: Local;
}

/** Writes the sixteen numbers of the groups `group` to `group + 3` to the address in `target`. */
export function emitTruncatedGroups(f: FunctionBuilder, source: Source, group: Local, target: Local): void {
  withScratch(f, 'v128', 4, (...words) => {
    emitPhilox4(f, source.philox, group, words as unknown as BlockWords, BLOCKS_SHIFT);
    words.forEach((local, j) => {
      f.get(target);
      emitNormalFloat32(f, local, source.table);
      f.access('v128.store', 16 * j);
    });
  });
  withScratch(f, 'i32', 3, (index, at, end) => {
    f.get(group).set(index).get(target).tee(at).i32(64).op('i32.add').set(end);
    f.loop((next) => {
      f.get(at).access('v128.load').op('f32x4.abs').f32x4(TRUNCATION).op('f32x4.lt').op('i32x4.all_true').op('i32.eqz');
      f.if(() => emitGroup(f, source, index, at));
      f.get(index).i32(1).op('i32.add').set(index);
      f.get(at).i32(16).op('i32.add').tee(at).get(end).op('i32.ne').brIf(next);
    });
  });
}

/** Writes the four numbers of one group to an address, from as many blocks as that takes. */
function emitGroup(f: FunctionBuilder, { philox, table, candidates }: Source, group: Local, at: Local): void {
  withScratch(f, 'i32', 4, (block, to, end, candidate) => {
    withScratch(f, 'v128', 8, (...vectors) => {
      const stream = emitSkip(f, philox, group, BLOCKS_SHIFT, vectors.slice(0, 4) as unknown as BlockWords);
      const words = vectors.slice(4) as unknown as BlockWords;
      f.i32(0).set(block).get(at).tee(to).i32(16).op('i32.add').set(end);
      f.block((done) =>
        f.loop((again) => {
          emitPhilox4(f, stream, block, words);
          words.forEach((local, j) => {
            f.get(candidates);
            emitNormalFloat32(f, local, table);
            f.access('v128.store', 16 * j);
          });
          f.get(block).i32(4).op('i32.add').set(block);
          emitChoice(f, candidates, candidate, to, end, done);
          f.br(again);
        }),
      );
    });
  });
}

/** Moves candidates within bounds on to `to`; leaves by `done` once that is at `end`. */
function emitChoice(f: FunctionBuilder, candidates: Local, candidate: Local, to: Local, end: Local, done: Label): void {
  f.get(candidates).set(candidate);
  f.loop((next) => {
    f.get(candidate).access('f32.load').op('f32.abs').f32(TRUNCATION).op('f32.lt');
    f.if(() => {
      f.get(to).get(candidate).access('f32.load').access('f32.store');
      f.get(to).i32(4).op('i32.add').tee(to).get(end).op('i32.eq').brIf(done);
    });
    f.get(candidate).i32(4).op('i32.add').tee(candidate).get(candidates).i32(64).op('i32.add').op('i32.ne').brIf(next);
  });
}
