/**
 * Random numbers within a loop: words drawn for the vectors of a step, and the uniform numbers, or comparisons of them, made
 * of the words. Which word an element gets depends on its place in the domain only, not on how the loop is split.
 */
import type { Application, Expression } from '../../../ir/expression';
import type { FunctionBuilder, GlobalRef, Local } from '../assembler/functionBuilder';
import { emitUniformAtLeast, emitUniformFloat32 } from '../random/numbers';
import { type BlockWords, emitPhilox4, emitPhilox8, emitPhiloxSetup, type PhiloxLocals } from '../random/philox';
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
  /** Expressions that are uniform numbers, and those that only compare one with a constant. */
  readonly #numbers: readonly Expression[];
  readonly #comparisons: readonly Application[];

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
    this.#words = Array.from({ length: Math.max(UNROLL, facts.widths()[0]) }, () => f.local('v128'));
    this.#tail = f.local('i32');
    const nodes = nodesOf(facts.expressions);
    this.#comparisons = nodes.filter(comparesRandom);
    const read = new Set(
      nodes.filter((e) => e.kind === 'apply' && !comparesRandom(e)).flatMap((e) => (e as Application).args),
    );
    for (const root of facts.expressions) read.add(root);
    this.#numbers = nodes.filter((e) => e.kind === 'random' && read.has(e));
  }

  /** Ahead of a loop: the last, partial group of a loop of vectors waits in scratch memory for its single elements. */
  beforeLoop(vectors: number): void {
    if (vectors > 0 || !this.facts.isVector) return;
    this.#f.getGlobal(this.scratch).set(this.#tail);
    this.#keep();
  }

  /** At the beginning of a step of a loop, or of a kernel of a single element. */
  beginStep(vectors: number): void {
    if (vectors > 0) this.#draw(vectors);
    else if (!this.facts.isVector) this.#drawForElement();
  }

  endStep(vectors: number): void {
    if (vectors === 0 && this.facts.isVector) this.#f.get(this.#tail).i32(4).op('i32.add').set(this.#tail);
  }

  /** Lets expressions stand for what the words are: those of the step's vector `at`, or the current element's. */
  define(evaluator: Evaluator, at: number): void {
    const f = this.#f;
    const isVector = evaluator.mode === 'vector';
    let words = this.#words[at];
    if (!isVector) {
      words = f.local('v128');
      f.get(this.#tail).access('v128.load32_splat').set(words);
    }
    if (this.#numbers.length > 0) {
      const uniform = f.local(isVector ? 'v128' : 'f32');
      emitUniformFloat32(f, words);
      if (!isVector) f.lane('f32x4.extract_lane', 0);
      f.set(uniform);
      for (const e of this.#numbers) evaluator.define(e, uniform);
    }
    for (const e of this.#comparisons) {
      const mask = f.local(isVector ? 'v128' : 'i32');
      emitUniformAtLeast(f, words, limitOf(e));
      if (!isVector) f.op('v128.any_true');
      f.set(mask);
      evaluator.define(e, mask);
    }
  }

  /** Puts sixteen words, from the current element on, to the address of the tail. */
  #keep(): void {
    this.#draw(UNROLL);
    for (let i = 0; i < UNROLL; i++)
      this.#f
        .get(this.#tail)
        .get(this.#words[i])
        .access('v128.store', 16 * i);
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

  /** Draws the words of four or eight vectors. */
  #draw(vectors: number): void {
    const f = this.#f;
    const block = f.local('i32');
    f.get(this.walk.linear).i32(2).op('i32.shr_u').set(block);
    const words = this.#words.slice(0, vectors);
    if (vectors === UNROLL) emitPhilox4(f, this.#philox, block, words as unknown as BlockWords);
    else emitPhilox8(f, this.#philox, block, words as unknown as [...BlockWords, ...BlockWords]);
  }
}

/** Whether an expression is that a uniform number is at least a constant from 0 to 1: what dropout asks. */
function comparesRandom(e: Expression): e is Application {
  return e.kind === 'apply' && e.fn === 'ge' && e.args[0].kind === 'random' && limitOf(e) >= 0 && limitOf(e) <= 1;
}

function limitOf({ args: [, limit] }: Application): number {
  return limit.kind === 'const' ? Number(limit.value) : Number.NaN;
}
