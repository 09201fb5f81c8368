import { show } from "../../options.js";
import { isRecord, type Json } from "../json.js";

/** What computes a mask from the input; masks go by themselves here. */
const MASKS = ["NotEqual", "Any", "LogicalAnd", "LogicalOr", "ExpandDims"];

interface Node {
  className: string;
  name: string;
  parents: string[];
}

/**
 * The layers of a Functional model from its input to its output, by their places in `layers`.
 * @throws where it branches, or calls a layer twice
 */
export function chainOf(config: Record<string, unknown>, place: string): number[] {
  const layers = Array.isArray(config.layers) ? config.layers : [];
  const nodes = layers.map((layer, i) => readNode(layer, `${place}layers[${i}]`));
  const input = only(config.input_layers, `${place}input_layers`, "input");
  let name = only(config.output_layers, `${place}output_layers`, "output");
  const chain: number[] = [];
  for (;;) {
    const i = nodes.findIndex(node => node.name === name);
    if (i < 0 || chain.includes(i)) throw new Error(`${place}layers: the way from the output to the input is broken at ${show(name)}.`);
    chain.unshift(i);
    if (name === input) break;
    const { parents } = nodes[i];
    if (parents.length !== 1) throw new Error(`${place}layers[${i}] (${name}) takes ${parents.length} inputs. ${CHAIN}`);
    [name] = parents;
  }
  const beside = nodes.findIndex(({ className }, i) => !chain.includes(i) && !MASKS.includes(className));
  if (beside >= 0) throw new Error(`${place}layers[${beside}] (${nodes[beside].name}) lies beside the chain. ${CHAIN}`);
  return chain;
}

const CHAIN = "Only a chain of layers, each of which is called once, can be loaded.";

/** The one input or output: [name, node, tensor], or an array or object of such. */
function only(given: unknown, place: string, what: string): string {
  const all = Array.isArray(given) && typeof given[0] === "string" ? [given] : Object.values(given ?? {});
  const [first] = all;
  if (all.length !== 1 || !Array.isArray(first) || typeof first[0] !== "string") {
    throw new Error(`${place}: expected one ${what}, got ${all.length}. ${CHAIN}`);
  }
  return first[0];
}

function readNode(layer: unknown, place: string): Node {
  const { class_name: className, config, name, inbound_nodes: calls } = isRecord(layer) ? layer : {};
  const own = name ?? (isRecord(config) ? config.name : undefined);
  if (typeof className !== "string" || typeof own !== "string") throw new Error(`${place}: the description of the layer is damaged.`);
  const list = Array.isArray(calls) ? calls : [];
  if (list.length > 1) throw new Error(`${place} (${own}) is called ${list.length} times. ${CHAIN}`);
  return { className, name: own, parents: list.length === 0 ? [] : parentsOf(list[0]) };
}

/** Whose outputs a call takes: Keras 3 has { args, kwargs }, Keras 2 an array of [name, node, tensor, kwargs]. */
function parentsOf(call: unknown): string[] {
  if (isRecord(call)) {
    const { mask: _, ...rest } = isRecord(call.kwargs) ? call.kwargs : {};
    return [...tensorsIn(call.args as Json), ...tensorsIn(rest as Json)];
  }
  const inputs = Array.isArray(call) ? (typeof call[0] === "string" ? [call] : call) : [];
  return inputs.map(input => (Array.isArray(input) ? String(input[0]) : show(input)));
}

function tensorsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (!isRecord(value)) return [];
  if (value.class_name !== "__keras_tensor__") return Object.values(value).flatMap(tensorsIn);
  const history = isRecord(value.config) ? value.config.keras_history : null;
  return [Array.isArray(history) ? String(history[0]) : "?"];
}
