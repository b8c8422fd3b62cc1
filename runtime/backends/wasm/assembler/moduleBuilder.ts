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
import { ByteWriter } from './byteWriter';
import {
  FunctionBuilder,
  type FunctionRef,
  type GlobalRef,
  type Local,
  TYPE_CODES,
  type ValueType,
} from './functionBuilder';

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

/** A writer of an import's two names. */
function importOf(field: string): ByteWriter {
  return writeName(writeName(new ByteWriter(), 'env'), field);
}

function writeName(out: ByteWriter, text: string): ByteWriter {
  const bytes = utf8.encode(text);
  return out.unsigned(bytes.length).bytes(bytes);
}

function writeSection(out: ByteWriter, id: number, items: readonly ByteWriter[]): void {
  if (items.length === 0) return;
  const content = new ByteWriter().unsigned(items.length);
  for (const item of items) content.append(item);
  out.byte(id).sized(content);
}

export class ModuleBuilder {
  readonly #types = new Map<string, number>();
  readonly #typeBytes: ByteWriter[] = [];
  readonly #imports: ByteWriter[] = [];
  readonly #functions: ByteWriter[] = [];
  readonly #exports: ByteWriter[] = [];
  readonly #bodies: ByteWriter[] = [];
  readonly #globals: ByteWriter[] = [];
  #importedFunctions = 0;
  #importedGlobals = 0;

  /** The memory `env.memory`. */
  importMemory({ shared, minimum = 1, maximum = MAXIMUM_PAGES }: MemoryImport): void {
    const flags = shared ? 0x03 : 0x01;
    this.#imports.push(importOf('memory').byte(MEMORY_KIND).byte(flags).unsigned(minimum).unsigned(maximum));
  }

  /** The function `env.<field>`. */
  importFunction(field: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    if (this.#bodies.length > 0) throw new Error('Imports come before definitions.');
    this.#imports.push(importOf(field).byte(FUNCTION_KIND).unsigned(this.#typeOf(params, results)));
    return { index: this.#importedFunctions++, params, results };
  }

  /** The immutable i32 global `env.<field>`; the n-th imported global has index n. */
  importGlobal(field: string): GlobalRef {
    if (this.#globals.length > 0) throw new Error('Imports come before definitions.');
    this.#imports.push(importOf(field).byte(GLOBAL_KIND).byte(TYPE_CODES.i32).byte(0x00));
    return { index: this.#importedGlobals++ };
  }

  /** A mutable i32 global, zero at first: each instance, so each thread, has its own. */
  defineGlobal(): GlobalRef {
    this.#globals.push(new ByteWriter().bytes([TYPE_CODES.i32, 0x01, 0x41, 0x00, 0x0b]));
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
    this.#functions.push(new ByteWriter().unsigned(this.#typeOf(params, results)));
    this.#bodies.push(new ByteWriter().sized(f.body()));
    if (exportName !== null) {
      this.#exports.push(writeName(new ByteWriter(), exportName).byte(FUNCTION_KIND).unsigned(index));
    }
    return { index, params, results };
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter().bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    writeSection(out, 1, this.#typeBytes);
    writeSection(out, 2, this.#imports);
    writeSection(out, 3, this.#functions);
    writeSection(out, 6, this.#globals);
    writeSection(out, 7, this.#exports);
    writeSection(out, 10, this.#bodies);
    return out.toBytes();
  }

  #typeOf(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const out = new ByteWriter().byte(0x60);
    for (const types of [params, results]) {
      out.unsigned(types.length);
      for (const type of types) out.byte(TYPE_CODES[type]);
    }
    this.#typeBytes.push(out);
    this.#types.set(key, this.#typeBytes.length - 1);
    return this.#typeBytes.length - 1;
  }
}
