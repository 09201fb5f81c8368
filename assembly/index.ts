// Every number of wasmind is computed here, by pure functions over pointers: nothing allocates, throws, or keeps state between calls.
//
// Names     a kernel is a verb or the field's name for the operation; `Grad` at its end is the way back.
//           y = f(x); dx, dw, db, dy are gradients; w weights, b bias; sizes are m n k (products) and batch height width channels (images).
//           UPPERCASE is a compile-time tile (MR NR KC MC), lowercase what is left of it now (mr nr kc mc).
// Order     outputs, inputs, sizes, options, range. Pointers are byte addresses (usize) of float32 data unless a kernel says otherwise;
//           sizes and strides are counted in elements.
// Range     a kernel that threads may share ends in `begin, end`; any split of the whole range gives the same bits.
// Writes    an output is overwritten, unless the kernel's formula says +=.
// Padding   every tensor is padded to whole vectors (16 bytes) and aligned to them: element-wise kernels round their range up and touch the padding.
// Aliasing  element-wise kernels may work in place; no other kernel may, unless it says so.

export * from "./activation/gated";
export * from "./activation/piecewise";
export * from "./activation/smooth";
export * from "./average";
export * from "./bias";
export * from "./constraint";
export { crop2d } from "./conv/band";
export { conv2d } from "./conv/conv2d";
export { depthwise, depthwiseGradInput, depthwiseGradKernel } from "./conv/depthwise";
export { conv2dGradInput, conv2dGradInputFew, packFiltersGrad } from "./conv/gradInput";
export { conv2dGradKernel } from "./conv/gradKernel";
export { winogradGradKernel } from "./conv/winograd/gradKernel";
export { winograd, winogradFilters } from "./conv/winograd/winograd";
export * from "./elementwise";
export * from "./embedding";
export { gemm } from "./gemm/gemm";
export { gemv } from "./gemm/gemv";
export { packB } from "./gemm/pack";
export * from "./image";
export * from "./loss/binary";
export { circle } from "./loss/circle";
export * from "./loss/crossentropy";
export { ctc } from "./loss/ctc";
export * from "./loss/regression";
export * from "./loss/rows";
export * from "./mask";
export * from "./metric";
export * from "./norm";
export * from "./optimizer/adam";
export * from "./optimizer/adaptive";
export * from "./optimizer/gradient";
export * from "./optimizer/sgd";
export * from "./permute";
export * from "./pool";
export * from "./random";
export * from "./regularizer";
export * from "./resize";
export * from "./rnn/both";
export { gru, gruGrad } from "./rnn/gru";
export { lstm, lstmGrad } from "./rnn/lstm";
export { simpleRnn, simpleRnnGrad } from "./rnn/simpleRnn";
export { scaleRows, stepsFirst } from "./rnn/steps";
export * from "./scaling";
export * from "./softmax";
export * from "./sparsemax";
