// What the bench uses of libraries that bring no types, or not these.

declare module "convnetjs" {
  export interface Vol {
    w: Float64Array;
  }
  export interface Definition {
    type: string;
    [option: string]: string | number;
  }
  interface Network {
    layers: { filters?: Vol[]; biases?: Vol }[];
    makeLayers(definitions: Definition[]): void;
  }
  const convnetjs: {
    Vol: new (width: number, height: number, depth: number, value: number) => Vol;
    Net: new () => Network;
    Trainer: new (
      net: Network,
      options: { method: string; learning_rate: number; momentum: number; batch_size: number },
    ) => { train(x: Vol, label: number): { cost_loss: number } };
  };
  export default convnetjs;
}
