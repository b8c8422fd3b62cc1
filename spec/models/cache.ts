/**
 * Where the published models lie, and tfjs, the runtime that they are compared with. `npm run models` fetches both.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(__dirname, '..', '..', 'node_modules', '.cache', 'models', 'node_modules');

/** A file of a fetched package. */
export function modelFile(...path: string[]): string {
  const file = join(packages, ...path);
  if (!existsSync(file)) throw new Error(`${file} is not there. Fetch the models first: npm run models`);
  return file;
}

/** A fetched package, or a file of it, as a module. */
export function modelModule(...path: string[]): unknown {
  return require(modelFile(...path));
}

/** A tensor of tfjs, as far as it is used here. */
export interface TfjsTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): ArrayLike<number | string>;
  dispose(): void;
}

export interface TfjsModel {
  executeAsync(
    inputs: Readonly<Record<string, TfjsTensor>>,
    outputs: readonly string[],
  ): Promise<TfjsTensor | TfjsTensor[]>;
  predict(input: TfjsTensor): TfjsTensor | TfjsTensor[];
  dispose(): void;
}

export interface Tfjs {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  env(): { set(flag: string, value: boolean): void };
  tensor(values: ArrayLike<number> | readonly string[], shape: readonly number[], dtype: string): TfjsTensor;
  loadGraphModel(handler: object): Promise<TfjsModel>;
  loadLayersModel(handler: object): Promise<TfjsModel>;
}

let loaded: Tfjs | undefined;

/** tfjs on its plain backend. */
export async function tfjs(): Promise<Tfjs> {
  if (!loaded) {
    const core = modelModule('@tensorflow', 'tfjs-core') as Tfjs;
    modelModule('@tensorflow', 'tfjs-backend-cpu');
    const { loadGraphModel } = modelModule('@tensorflow', 'tfjs-converter') as Tfjs;
    const { loadLayersModel } = modelModule('@tensorflow', 'tfjs-layers') as Tfjs;
    await core.setBackend('cpu');
    loaded = {
      setBackend: core.setBackend,
      ready: core.ready,
      env: core.env,
      tensor: core.tensor,
      loadGraphModel,
      loadLayersModel,
    };
    // It remarks that synchronous calls would do, model by model.
    core.env().set('PROD', true);
  }
  return loaded;
}
