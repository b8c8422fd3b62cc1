/**
 * The commands that draw graphs: dot and svg.
 */
import { dot, svg } from '../../inspect/svg';
import { loadGraph } from '../files/kinds';
import { type Context, list, writeFile } from '../output';

interface PictureOptions {
  readonly output?: string;
  readonly expand: string[];
  readonly machinery?: boolean;
}

export function addPictureCommands({ plain, output }: Context): void {
  for (const [name, draw, about] of [
    ['dot', dot, 'the graph as text for Graphviz'],
    ['svg', svg, 'a picture of the graph'],
  ] as const) {
    plain(`${name} <file>`, about)
      .option('-o, --output <file>', 'write there instead of to standard output')
      .option('--expand <scopes>', 'scopes to open', list, [])
      .option('--machinery', 'also show gradients and initializers')
      .action((file: string, options: PictureOptions) => {
        const text = draw(loadGraph(file).graph, { expand: options.expand, machinery: options.machinery });
        if (options.output === undefined) output.write(text);
        else writeFile(options.output, text);
      });
  }
}
