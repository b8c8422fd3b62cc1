/**
 * The types of the global WebAssembly, as far as the runtime uses it: TypeScript has them only among those of browsers, and
 * Node's types lack them. The browser's configuration leaves this file out.
 */
// biome-ignore lint/style/noNamespace: that is what the global is.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]?: string;
  }

  var Module: {
    prototype: Module;
    new (bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Module;
    exports(module: Module): { kind: 'function' | 'global' | 'memory' | 'table'; name: string }[];
  };

  interface Instance {
    readonly exports: Exports;
  }

  var Instance: {
    prototype: Instance;
    new (module: Module, imports?: Record<string, Record<string, ExportValue | number>>): Instance;
  };

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  var Memory: {
    prototype: Memory;
    new (descriptor: { initial: number; maximum?: number; shared?: boolean }): Memory;
  };

  interface Global {
    value: number | bigint;
  }

  var Global: {
    prototype: Global;
    new (descriptor: { value: 'i32' | 'i64' | 'f32' | 'f64'; mutable?: boolean }, value?: number | bigint): Global;
  };

  interface CompileError extends Error {}
  var CompileError: { prototype: CompileError; new (message?: string): CompileError };

  interface RuntimeError extends Error {}
  var RuntimeError: { prototype: RuntimeError; new (message?: string): RuntimeError };

  // biome-ignore lint/complexity/noBannedTypes: as in TypeScript's own types of browsers.
  type ExportValue = Function | Global | Memory;
  type Exports = Record<string, ExportValue>;

  function validate(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): boolean;
}
