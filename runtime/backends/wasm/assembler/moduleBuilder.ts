/**
 * Assembles a WebAssembly module: an imported memory, imported functions, functions of our own, exports.
 *
 *     const module = new ModuleBuilder();
 *     module.importMemory({ shared: false });
 *     module.define('double', ['i32'], ['i32'], (f, x) => f.get(x).i32(2).op('i32.mul'));
 *     new WebAssembly.Module(module.toBytes());
 *
 * Imports come before definitions; an exported name is the function's name.
 */
import {
  FunctionBuilder,
  type FunctionRef,
  type GlobalRef,
  type Local,
  TYPE_CODES,
  type ValueType,
} from './functionBuilder';
import { unsignedLeb } from './opcodes';

export interface MemoryImport {
  readonly shared: boolean;
  /** Limits in pages of 64 KiB. A shared memory's import must allow for the memory's maximum. */
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The largest memory: 4 GiB. */
export const MAXIMUM_PAGES = 65536;

const FUNCTION_KIND = 0;
const MEMORY_KIND = 2;
const GLOBAL_KIND = 3;

const utf8 = new TextEncoder();

function name(text: string): number[] {
  const bytes = [...utf8.encode(text)];
  return [...unsignedLeb(bytes.length), ...bytes];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  if (items.length === 0) return [];
  const content = unsignedLeb(items.length);
  for (const item of items) for (const byte of item) content.push(byte);
  const out = [id, ...unsignedLeb(content.length)];
  for (const byte of content) out.push(byte);
  return out;
}

export class ModuleBuilder {
  readonly #types = new Map<string, number>();
  readonly #typeBytes: number[][] = [];
  readonly #imports: number[][] = [];
  readonly #functions: number[][] = [];
  readonly #exports: number[][] = [];
  readonly #bodies: number[][] = [];
  readonly #globals: number[][] = [];
  #importedFunctions = 0;
  #importedGlobals = 0;

  /** The memory `env.memory`. */
  importMemory({ shared, minimum = 1, maximum = MAXIMUM_PAGES }: MemoryImport): void {
    const limits = [shared ? 0x03 : 0x01, ...unsignedLeb(minimum), ...unsignedLeb(maximum)];
    this.#imports.push([...name('env'), ...name('memory'), MEMORY_KIND, ...limits]);
  }

  /** The function `env.<field>`. */
  importFunction(field: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    if (this.#bodies.length > 0) throw new Error('Imports come before definitions.');
    this.#imports.push([...name('env'), ...name(field), FUNCTION_KIND, ...unsignedLeb(this.#typeOf(params, results))]);
    return { index: this.#importedFunctions++, params, results };
  }

  /** The immutable i32 global `env.<field>`; the n-th imported global has index n. */
  importGlobal(field: string): GlobalRef {
    if (this.#globals.length > 0) throw new Error('Imports come before definitions.');
    this.#imports.push([...name('env'), ...name(field), GLOBAL_KIND, TYPE_CODES.i32, 0x00]);
    return { index: this.#importedGlobals++ };
  }

  /** A mutable i32 global, zero at first: each instance, so each thread, has its own. */
  defineGlobal(): GlobalRef {
    this.#globals.push([TYPE_CODES.i32, 0x01, 0x41, 0x00, 0x0b]);
    return { index: this.#importedGlobals + this.#globals.length - 1 };
  }

  /** A function; exported under its name unless that is null. */
  define(
    exportName: string | null,
    params: readonly ValueType[],
    results: readonly ValueType[],
    body: (f: FunctionBuilder, ...params: Local[]) => void,
  ): FunctionRef {
    const index = this.#importedFunctions + this.#bodies.length;
    const locals = params.map((type, i) => ({ index: i, type }));
    const f = new FunctionBuilder(locals);
    body(f, ...locals);
    const bytes = f.toBytes();
    const sized = unsignedLeb(bytes.length);
    for (const byte of bytes) sized.push(byte);
    this.#functions.push(unsignedLeb(this.#typeOf(params, results)));
    this.#bodies.push(sized);
    if (exportName !== null) this.#exports.push([...name(exportName), FUNCTION_KIND, ...unsignedLeb(index)]);
    return { index, params, results };
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const sections = [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, this.#typeBytes),
      section(2, this.#imports),
      section(3, this.#functions),
      section(6, this.#globals),
      section(7, this.#exports),
      section(10, this.#bodies),
    ];
    const out = new Uint8Array(sections.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of sections) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #typeOf(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const list = (types: readonly ValueType[]) => [...unsignedLeb(types.length), ...types.map((t) => TYPE_CODES[t])];
    this.#typeBytes.push([0x60, ...list(params), ...list(results)]);
    this.#types.set(key, this.#typeBytes.length - 1);
    return this.#typeBytes.length - 1;
  }
}
