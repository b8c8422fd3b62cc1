/**
 * `@spotify/basic-pitch` as in tfjs, and `@vscode/vscode-languagedetection` as in the runtime that it ships.
 */
import { expect } from 'chai';
import { NdArray } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { modelFile, modelModule } from './cache';
import { compare, likeAPicture, opsLacking, printReports, type Report, readModel } from './compare';

interface Detector {
  runModel(text: string): Promise<readonly { readonly languageId: string; readonly confidence: number }[]>;
}

const texts: readonly string[] = [
  'function add(a, b) {\n  return a + b;\n}\nconsole.log(add(1, 2));\nmodule.exports = { add };\n',
  'def add(a, b):\n    """Adds."""\n    return a + b\n\nif __name__ == "__main__":\n    print(add(1, 2))\n',
  '#include <stdio.h>\n\nint main(void) {\n  printf("%d\\n", 1 + 2);\n  return 0;\n}\n',
  'SELECT name, COUNT(*) FROM people WHERE age > 30 GROUP BY name ORDER BY 2 DESC;\n',
  'fn main() {\n    let v: Vec<i32> = (1..10).map(|x| x * x).collect();\n    println!("{:?}", v);\n}\n',
];

describe('models of basic-pitch and vscode-languagedetection', function () {
  this.timeout(600_000);
  const reports: Report[] = [];
  after(() => printReports('@spotify/basic-pitch, @vscode/vscode-languagedetection', reports));

  it('@spotify/basic-pitch', async () => {
    const path = modelFile('@spotify', 'basic-pitch', 'model', 'model.json');
    const files = readModel(path);
    expect(opsLacking(files.model), 'ops that are lacking').to.deep.equal([]);
    const model = await tf.io.loadGraphModel(path);
    const [input] = Object.values(model.inputs);
    // Two tones, one fading, and a little noise, at 22,050 samples a second.
    const noise = likeAPicture([1, 43844, 1]);
    const sound = noise.map((part, i) => {
      const t = i / 22050;
      return (
        0.1 * part + 0.4 * Math.sin(2 * Math.PI * 440 * t) + 0.3 * Math.sin(2 * Math.PI * 659.25 * t) * Math.exp(-t)
      );
    });
    const value = NdArray.from({ data: sound, shape: [1, 43844, 1] });
    const report = await compare('@spotify/basic-pitch', model, files, new Map([[input, value]]));
    reports.push(report);
    // Of a sound with silence the differences are larger: it takes logarithms of what is left of sums that cancel out.
    expect(report.difference).to.be.lessThan(1e-4);
  });

  it('@vscode/vscode-languagedetection', async () => {
    const path = modelFile('@vscode', 'vscode-languagedetection', 'model', 'model.json');
    expect(opsLacking(readModel(path).model), 'ops that are lacking').to.deep.equal([]);
    const model = await tf.io.loadGraphModel(path);
    const { ModelOperations } = modelModule('@vscode', 'vscode-languagedetection', 'dist', 'lib', 'index.js') as {
      ModelOperations: new () => Detector;
    };
    const detector = new ModelOperations();
    let [apart, ours, theirs] = [0, 0, 0];
    for (const text of texts) {
      const start = performance.now();
      const { scores, classes } = model.predict([text]);
      const middle = performance.now();
      const want = await detector.runModel(text);
      theirs += performance.now() - middle;
      ours += middle - start;
      const names = (classes.toArray() as string[][])[0];
      const values = (scores.toArray() as number[][])[0];
      const got = names.map((languageId, i) => ({ languageId, confidence: values[i] }));
      got.sort((a, b) => b.confidence - a.confidence);
      expect(got[0].languageId, text).to.equal(want[0].languageId);
      for (const { languageId, confidence } of want) {
        const own = got.find((each) => each.languageId === languageId) ?? expect.fail(`no score for ${languageId}`);
        apart = Math.max(apart, Math.abs(own.confidence - confidence));
      }
    }
    reports.push({
      model: '@vscode/vscode-languagedetection',
      nodes: model.graph.operations.length,
      outputs: 2,
      difference: apart,
      ours,
      theirs,
    });
    expect(apart).to.be.lessThan(1e-5);
  });
});
