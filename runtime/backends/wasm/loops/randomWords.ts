/**
 * Random numbers within a loop: words drawn in groups of sixteen elements, and the uniform numbers made of them. Which word an
 * element gets depends on its place in the domain only, not on how the loop is split.
 */
import type { FunctionBuilder, GlobalRef, Local } from '../assembler/functionBuilder';
import { emitPhilox4, emitPhiloxSetup, type PhiloxLocals } from '../random/philox';
import type { Evaluator } from './evaluator';
import { type Facts, nodesOf } from './facts';
import { LANE_GRAIN, UNROLL } from './nest';
import type { Walk } from './walk';

export class RandomWords {
  readonly #f: FunctionBuilder;
  readonly #philox: PhiloxLocals;
  readonly #words: readonly Local[];
  /** Where the current element's word is, or a vector's words. */
  readonly #tail: Local;

  constructor(
    readonly walk: Walk,
    readonly facts: Facts,
    /** The address of the stream's state. */
    state: Local,
    readonly scratch: GlobalRef,
  ) {
    const { f } = walk;
    this.#f = f;
    this.#philox = emitPhiloxSetup(f, state);
    this.#words = Array.from({ length: UNROLL }, () => f.local('v128'));
    this.#tail = f.local('i32');
  }

  /** Ahead of a loop: the last, partial group of a loop of vectors waits in scratch memory for its single elements. */
  beforeLoop(vectors: number): void {
    if (vectors > 0 || !this.facts.isVector) return;
    this.#f.getGlobal(this.scratch).set(this.#tail);
    this.#keep();
  }

  /** At the beginning of a step of a loop, or of a kernel of a single element. */
  beginStep(vectors: number): void {
    if (vectors > 0) this.#draw();
    else if (!this.facts.isVector) this.#drawForElement();
  }

  endStep(vectors: number): void {
    if (vectors === 0 && this.facts.isVector) this.#f.get(this.#tail).i32(4).op('i32.add').set(this.#tail);
  }

  /** Lets `random` stand for uniform numbers: those of the step's vector `at`, or the current element's. */
  define(evaluator: Evaluator, at: number): void {
    const f = this.#f;
    const isVector = evaluator.mode === 'vector';
    const uniform = f.local(isVector ? 'v128' : 'f32');
    if (isVector) {
      f.get(this.#words[at]).i32x4(0x7fffff).op('v128.and').i32x4(0x3f800000).op('v128.or');
      f.f32x4(1).op('f32x4.sub').set(uniform);
    } else {
      f.get(this.#tail).access('i32.load').i32(0x7fffff).op('i32.and').i32(0x3f800000).op('i32.or');
      f.op('f32.reinterpret_i32').f32(1).op('f32.sub').set(uniform);
    }
    for (const e of nodesOf(this.facts.expressions)) if (e.kind === 'random') evaluator.define(e, uniform);
  }

  /** Puts sixteen words, from the current element on, to the address of the tail. */
  #keep(): void {
    this.#draw();
    this.#words.forEach((word, i) =>
      this.#f
        .get(this.#tail)
        .get(word)
        .access('v128.store', 16 * i),
    );
  }

  /** In kernels without vectors: finds the current element's word, which the first of its group that is needed draws. */
  #drawForElement(): void {
    const f = this.#f;
    const inGroup = () =>
      f
        .get(this.walk.linear)
        .i32(LANE_GRAIN - 1)
        .op('i32.and');
    f.getGlobal(this.scratch).set(this.#tail);
    f.block((drawn) => {
      inGroup().brIf(drawn);
      this.#keep();
    });
    f.get(this.#tail);
    inGroup().i32(2).op('i32.shl').op('i32.add').set(this.#tail);
  }

  #draw(): void {
    const f = this.#f;
    const block = f.local('i32');
    f.get(this.walk.linear).i32(2).op('i32.shr_u').set(block);
    emitPhilox4(f, this.#philox, block, this.#words as never);
  }
}
