import type { Callback, Logs } from "../callbacks/callback.js";
import { type Line, lineChartsSvg, lineChartText } from "../drawing/lineChart.js";
import { checkArray, readOptions } from "../options.js";

export interface PlotOptions {
  /** values to draw, without "val_": default the loss and all metrics, but not the learning rate */
  metrics?: string[] | null;
  /** takes the text; default console.log */
  print?: (text: string) => void;
}

/** What `fit` returns: each epoch's values by name, and the numbers of the epochs from 0. */
export class History implements Callback {
  readonly history: Record<string, number[]> = {};
  readonly epoch: number[] = [];
  /** of each value: the epochs, from 1, that have it, for not all are validated */
  readonly #epochsOf = new Map<string, number[]>();

  onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      (this.history[name] ??= []).push(value);
      this.#epochsOf.set(name, [...(this.#epochsOf.get(name) ?? []), epoch + 1]);
    }
  }

  /** Draws the loss and the metrics, those of the validation data beside them, in characters. */
  plot(options?: PlotOptions): void {
    const { metrics, print } = readOptions("plot", options, {
      metrics: null as string[] | null,
      print: (text: string) => console.log(text),
    });
    print(
      this.#charts(metrics)
        .map(({ title, lines }) => lineChartText(title, lines))
        .join("\n\n"),
    );
  }

  /** The same as a picture. @param options metrics: as for `plot` */
  toSVG(options?: Pick<PlotOptions, "metrics">): string {
    return lineChartsSvg(this.#charts(readOptions("toSVG", options, { metrics: null as string[] | null }).metrics));
  }

  #charts(metrics: string[] | null): { title: string; lines: Line[] }[] {
    const own = Object.keys(this.history).filter(name => !name.startsWith("val_") && name !== "learning_rate");
    const names = metrics ? (checkArray("plot", "metrics", metrics) as string[]) : ["loss", ...own.filter(name => name !== "loss")];
    return names.map(title => {
      const lines = [title, `val_${title}`].filter(name => name in this.history).flatMap(name => this.#linesOf(name));
      if (lines.length === 0) throw new Error(`plot: the history has no "${title}". It has ${Object.keys(this.history).join(", ")}.`);
      return { title, lines };
    });
  }

  /** A line, or several for a metric of several values. */
  #linesOf(name: string): Line[] {
    const x = this.#epochsOf.get(name)!;
    const values = this.history[name] as readonly (number | number[])[];
    const [first] = values;
    if (!Array.isArray(first)) return [{ name, x, y: values as number[] }];
    return first.map((_, i) => ({ name: `${name}/${i}`, x, y: (values as number[][]).map(all => all[i]) }));
  }
}
