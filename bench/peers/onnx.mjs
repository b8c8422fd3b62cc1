/**
 * The peer onnxruntime-web in WebAssembly, with as many threads as the first argument says. Inference only.
 */
import * as ort from 'onnxruntime-web';
import { sampled, values } from '../values.mjs';
import { onnxModel } from './onnxModel.mjs';
import { serve } from './serve.mjs';

ort.env.wasm.numThreads = Number(process.argv[2]);

const scalar = (value) => ({ data: [value] });

function modelOf(workload, { m, k, n, op, size, shape, axis }) {
  if (workload === 'a')
    return {
      inputs: { x: [m, k], y: [k, n] },
      output: { z: [m, n] },
      nodes: [{ op: 'MatMul', inputs: ['x', 'y'], output: 'z' }],
    };
  if (op === 'chain')
    return {
      inputs: { x: [size], y: [size] },
      output: { z: [size] },
      constants: { a: scalar(1.5), b: scalar(0.5) },
      nodes: [
        { op: 'Mul', inputs: ['x', 'a'], output: 't1' },
        { op: 'Add', inputs: ['t1', 'y'], output: 't2' },
        { op: 'Relu', inputs: ['t2'], output: 't3' },
        { op: 'Mul', inputs: ['t3', 'b'], output: 't4' },
        { op: 'Add', inputs: ['t4', 'x'], output: 'z' },
      ],
    };
  const inputs = { x: shape };
  if (op === 'softmax')
    return {
      inputs,
      output: { z: shape },
      nodes: [{ op: 'Softmax', inputs: ['x'], output: 'z', attrs: { axis: -1 } }],
    };
  if (op === 'layerNorm') {
    const columns = shape.at(-1);
    return {
      inputs,
      output: { z: shape },
      constants: { scale: { data: new Float32Array(columns).fill(1), shape: [columns] } },
      nodes: [
        {
          op: 'LayerNormalization',
          inputs: ['x', 'scale'],
          output: 'z',
          attrs: { axis: -1, epsilon: { float: 1e-5 } },
        },
      ],
    };
  }
  const axes = axis === null ? shape.map((_, i) => i) : [axis];
  return {
    inputs,
    output: { z: shape.filter((_, i) => !axes.includes(i)) },
    constants: { axes: { data: axes, shape: [axes.length], isInt64: true } },
    nodes: [{ op: 'ReduceSum', inputs: ['x', 'axes'], output: 'z', attrs: { keepdims: 0 } }],
  };
}

await serve(async ({ workload, params }) => {
  const model = modelOf(workload, params);
  const session = await ort.InferenceSession.create(onnxModel(model));
  const feeds = {};
  Object.entries(model.inputs).forEach(([name, shape], i) => {
    feeds[name] = new ort.Tensor(
      'float32',
      values(
        shape.reduce((a, b) => a * b, 1),
        i + 1,
      ),
      shape,
    );
  });
  return {
    run: () => session.run(feeds),
    check: async () => sampled((await session.run(feeds)).z.data),
  };
});
