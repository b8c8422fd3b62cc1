/**
 * Tables from keys to values: filled, looked up, changed; and what cannot be done with them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyOp, applyUnary } from '../../graph/applyOp';
import { type DType, int64, string } from '../../graph/dtypes';
import { controlDependencies } from '../../graph/framework';
import type { Operation } from '../../graph/operation';
import { constant } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { i64, opCase, strings } from '../support/opCase';

const table = (type: string) => applyUnary(type, { key_dtype: string, value_dtype: int64 });
const inOrder = <R>(steps: readonly Operation[], build: () => R): R => controlDependencies(steps, build);
const find = (table_handle: Tensor, keys: Tensor) =>
  applyUnary('LookupTableFindV2', { table_handle, keys, default_value: constant(i64(-1)) });
const sizeOf = (table_handle: Tensor) => applyUnary('LookupTableSizeV2', { table_handle });

const keys = strings(['a', 'b']);
const values = i64([10, 20]);

opCase('HashTableV2', 'filled once', {
  inputs: [
    keys,
    values,
    strings([
      ['b', 'x'],
      ['a', 'b'],
    ]),
  ],
  build: (k, v, wanted) => {
    const handle = table('HashTableV2');
    const filled = applyOp('InitializeTableV2', { table_handle: handle, keys: k, values: v });
    return inOrder([filled], () => [find(handle, wanted), sizeOf(handle)]);
  },
  covers: ['InitializeTableV2', 'LookupTableFindV2', 'LookupTableSizeV2'],
  want: [
    i64([
      [20, -1],
      [10, 20],
    ]),
    i64(2),
  ],
});
opCase('HashTableV2', 'before it is filled', {
  inputs: [keys],
  build: (k) => find(table('HashTableV2'), k),
  fails: /Table not initialized\./,
});
opCase('HashTableV2', 'filled again with other values', {
  inputs: [keys, values],
  build: (k, v) => {
    const handle = table('HashTableV2');
    const first = applyOp('LookupTableImportV2', { table_handle: handle, keys: k, values: v });
    const second = inOrder([first], () =>
      applyOp('InitializeTableV2', { table_handle: handle, keys: k, values: constant(i64([1, 2])) }),
    );
    return inOrder([second], () => sizeOf(handle));
  },
  fails: /Table was already initialized with different data\./,
});
opCase('HashTableV2', 'two values for one key', {
  inputs: [strings(['a', 'a']), values],
  build: (k, v) => {
    const handle = table('HashTableV2');
    const filled = applyOp('InitializeTableV2', { table_handle: handle, keys: k, values: v });
    return inOrder([filled], () => sizeOf(handle));
  },
  fails: /HashTable has different value for same key\. Key a has 10 and trying to add value 20/,
});
opCase('MutableHashTableV2', 'changed', {
  inputs: [keys, values],
  build: (k, v) => {
    const handle = table('MutableHashTableV2');
    const filled = applyOp('LookupTableInsertV2', { table_handle: handle, keys: k, values: v });
    const removed = inOrder([filled], () =>
      applyOp('LookupTableRemoveV2', { table_handle: handle, keys: constant(strings(['a'])) }),
    );
    return inOrder([removed], () => [
      ...applyOp('LookupTableExportV2', { table_handle: handle, Tkeys: string, Tvalues: int64 }).outputs,
      find(handle, k),
    ]);
  },
  covers: ['LookupTableInsertV2', 'LookupTableRemoveV2', 'LookupTableExportV2'],
  want: [strings(['b']), i64([20]), i64([-1, 20])],
});
opCase('MutableHashTableV2', 'filled afresh', {
  inputs: [keys, values],
  build: (k, v) => {
    const handle = table('MutableHashTableV2');
    const filled = applyOp('LookupTableInsertV2', {
      table_handle: handle,
      keys: constant(strings(['old'])),
      values: constant(i64([1])),
    });
    const again = inOrder([filled], () => applyOp('LookupTableImportV2', { table_handle: handle, keys: k, values: v }));
    return inOrder([again], () => sizeOf(handle));
  },
  covers: ['LookupTableImportV2'],
  want: i64(2),
});
opCase('HashTableV2', 'no insertions', {
  inputs: [keys, values],
  build: (k, v) => {
    const handle = table('HashTableV2');
    return inOrder([applyOp('LookupTableInsertV2', { table_handle: handle, keys: k, values: v })], () =>
      sizeOf(handle),
    );
  },
  fails: /Insert not supported by InitializableLookupTable implementations/,
});
opCase('LookupTableFindV2', 'keys of another dtype', {
  inputs: [values],
  build: (k) => find(table('MutableHashTableV2'), k),
  fails: /Table key and value types must be string and int64, got int64 and int64\./,
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-tables-'));
const vocabulary = join(folder, 'vocabulary.txt');
writeFileSync(vocabulary, 'red\t7\r\ngrün\t8\nblue\t9\n');
after(() => rmSync(folder, { recursive: true }));

const fromFile =
  (
    attrs: Readonly<Record<string, number>>,
    types: Readonly<Record<string, DType>>,
    read: (handle: Tensor) => Tensor | Tensor[],
  ) =>
  () => {
    const handle = applyUnary('HashTableV2', types);
    const filled = applyOp('InitializeTableFromTextFileV2', {
      table_handle: handle,
      filename: constant(strings(vocabulary)),
      ...attrs,
    });
    return inOrder([filled], () => read(handle));
  };
const words = { key_dtype: string, value_dtype: int64 };

opCase('InitializeTableFromTextFileV2', 'columns of a file', {
  inputs: [strings(['blue', 'grün', 'x'])],
  build: (wanted) =>
    fromFile({ key_index: 0, value_index: 1 }, words, (handle) => [find(handle, wanted), sizeOf(handle)])(),
  want: [i64([9, 8, -1]), i64(3)],
});
opCase('InitializeTableFromTextFileV2', 'lines and their numbers', {
  inputs: [strings(['red\t7', 'blue\t9'])],
  build: (wanted) =>
    fromFile({ key_index: -2, value_index: -1, vocab_size: 2 }, words, (handle) => find(handle, wanted))(),
  want: i64([0, -1]),
});
opCase('InitializeTableFromTextFileV2', 'a column that is not there', {
  inputs: [strings('x')],
  build: (wanted) => fromFile({ key_index: 0, value_index: 5 }, words, (handle) => find(handle, wanted))(),
  fails: /Invalid number of columns in 0 line \(red\t7\) : expected at least 6 got 2/,
});
opCase('InitializeTableFromTextFileV2', 'text in place of a number', {
  inputs: [strings('x')],
  build: (wanted) => fromFile({ key_index: 1, value_index: 0 }, words, (handle) => find(handle, wanted))(),
  fails: /Field red in line 0 is not a valid int64\./,
});
opCase('InitializeTableFromTextFileV2', 'more words than lines', {
  inputs: [strings('x')],
  build: (wanted) =>
    fromFile({ key_index: -2, value_index: -1, vocab_size: 9 }, words, (handle) => find(handle, wanted))(),
  fails: /Invalid vocab_size in .*vocabulary\.txt: expected 9 but got 3/,
});
