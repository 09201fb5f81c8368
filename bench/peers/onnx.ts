import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import type { Values } from "../nets.js";

/** What goes into a model: numbers, or whole numbers such as those of words. */
export interface Feed {
  shape: number[];
  data: Float32Array | Int32Array;
}

/** One operation: its inputs and output by name ("" where there is none), integers or lists of them as attributes. */
export interface Operation {
  op: string;
  inputs: string[];
  output: string;
  /** outputs before that one, which nobody asks for */
  unused?: number;
  attributes?: Record<string, number | number[]>;
}

/** An ONNX file of a chain of operations in float32, from "x" (and other inputs) to the last one's output. */
export function onnxModel(inputs: Record<string, Feed>, constants: Record<string, Values>, operations: Operation[]): Uint8Array {
  const value = (name: string, elemType: DataType, shape?: number[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: { value: { case: "tensorType", value: { elemType, shape: shape && { dim: shape.map(dimension) } } } },
    });
  const typeOf = ({ data }: Feed) => (data instanceof Int32Array ? DataType.INT32 : DataType.FLOAT);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      opsetImport: [{ domain: "", version: 20n }],
      graph: {
        name: "bench",
        input: Object.entries(inputs).map(([name, feed]) => value(name, typeOf(feed), feed.shape)),
        output: [value(operations.at(-1)!.output, DataType.FLOAT)],
        initializer: Object.entries(constants).map(([name, { shape, data }]) =>
          create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType: DataType.FLOAT, floatData: [...data] }),
        ),
        node: operations.map(({ op, inputs, output, unused = 0, attributes = {} }) =>
          create(NodeProtoSchema, {
            opType: op,
            input: inputs,
            output: [...Array<string>(unused).fill(""), output],
            attribute: Object.entries(attributes).map(attribute),
          }),
        ),
      },
    }),
  );
}

const dimension = (size: number) => ({ value: { case: "dimValue" as const, value: BigInt(size) } });

function attribute([name, value]: [string, number | number[]]) {
  return Array.isArray(value)
    ? create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) })
    : create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
}
