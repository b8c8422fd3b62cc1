/**
 * Ops: tables from keys to values, as models use them for vocabularies and the names of classes. A table is a resource of
 * the session; one made by HashTableV2 is filled once, one made by MutableHashTableV2 at any time.
 */
import { defineOps, none, type OpDefinition } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import { noOutputs, type ShapeContext } from '../shapeContext';

const noGradient = none('a table is not differentiated');

const table: OpDefinition = {
  signature: `() -> (table_handle: resource)
    container: string = ''
    shared_name: string = ''
    use_node_name_sharing: bool = false
    key_dtype: type
    value_dtype: type`,
  stateful: true,
  shape: () => [scalarShape],
  gradient: noGradient,
};

const fill = (key: string, value: string, shape: OpDefinition['shape']): OpDefinition => ({
  signature: `(table_handle: resource, keys: ${key}, values: ${value}) -> ()
    ${key}: type
    ${value}: type`,
  stateful: true,
  shape,
  gradient: noGradient,
});

const anyShape = (c: ShapeContext) => {
  c.ranked(0, 0);
  return noOutputs();
};

export const tablesOps = defineOps({
  HashTableV2: table,
  MutableHashTableV2: table,
  InitializeTableV2: fill('Tkey', 'Tval', (c) => {
    c.ranked(0, 0);
    c.merge(c.ranked(1, 1), c.ranked(2, 1));
    return noOutputs();
  }),
  InitializeTableFromTextFileV2: {
    signature: `(table_handle: resource, filename: string) -> ()
      key_index: int >= -2
      value_index: int >= -2
      vocab_size: int >= -1 = -1
      delimiter: string = '\t'
      offset: int = 0`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      c.ranked(1, 0);
      return noOutputs();
    },
    gradient: noGradient,
  },
  LookupTableFindV2: {
    signature: `(table_handle: resource, keys: Tin, default_value: Tout) -> (values: Tout)
      Tin: type
      Tout: type`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      // Values of a table may be arrays of one shape, which nothing here tells.
      return [c.shape(2).rank === 0 ? c.shape(1) : unknownShape];
    },
    gradient: noGradient,
  },
  LookupTableInsertV2: fill('Tin', 'Tout', anyShape),
  LookupTableImportV2: fill('Tin', 'Tout', anyShape),
  LookupTableRemoveV2: {
    signature: `(table_handle: resource, keys: Tin) -> ()
      Tin: type`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      c.withRankAtLeast(c.shape(1), 1);
      return noOutputs();
    },
    gradient: noGradient,
  },
  LookupTableExportV2: {
    signature: `(table_handle: resource) -> (keys: Tkeys, values: Tvalues)
      Tkeys: type
      Tvalues: type`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      return [new TensorShape([null]), unknownShape];
    },
    gradient: noGradient,
  },
  LookupTableSizeV2: {
    signature: '(table_handle: resource) -> (size: int64)',
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      return [scalarShape];
    },
    gradient: noGradient,
  },
});
