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

/** One operation: its inputs and output by name, integers or lists of them as attributes. */
export interface Operation {
  op: string;
  inputs: string[];
  output: string;
  attributes?: Record<string, number | number[]>;
}

/** An ONNX file of a chain of operations in float32, from "x" (and other inputs) to the last one's output. */
export function onnxModel(inputs: Record<string, number[]>, constants: Record<string, Values>, operations: Operation[]): Uint8Array {
  const floats = (name: string, shape?: number[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: { value: { case: "tensorType", value: { elemType: DataType.FLOAT, shape: shape && { dim: shape.map(dimension) } } } },
    });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      opsetImport: [{ domain: "", version: 20n }],
      graph: {
        name: "bench",
        input: Object.entries(inputs).map(([name, shape]) => floats(name, shape)),
        output: [floats(operations.at(-1)!.output)],
        initializer: Object.entries(constants).map(([name, { shape, data }]) =>
          create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType: DataType.FLOAT, floatData: [...data] }),
        ),
        node: operations.map(({ op, inputs, output, attributes = {} }) =>
          create(NodeProtoSchema, { opType: op, input: inputs, output: [output], attribute: Object.entries(attributes).map(attribute) }),
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
